import { Body, Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { parse } from '../platform/fields.js';
import { PathId } from '../platform/input.js';
import { refusedForm } from '../web/refused.js';
import { redirect, send } from '../web/replies.js';
import { FactorOffer, NewApiKey, PasswordChange } from './access.dto.js';
import { Can, CurrentSession, CurrentUser, Halfway, SESSION_COOKIE, StepUp } from './access.guard.js';
import { limitedFor } from './access.pages.js';
import { accountPage, codesPage, keyPage, type AccountForms } from './account.page.js';
import { ApiKeys } from './api-keys.service.js';
import { KeptForms } from './kept-forms.js';
import { onwardOf } from './onward.js';
import { Passkeys } from './passkeys.service.js';
import { SecondFactors } from './second-factors.service.js';
import { Sessions, type Session } from './sessions.service.js';
import { SignInService } from './sign-in.service.js';
import { User } from './user.entity.js';
import { Views } from './views.js';
import { WaysIn } from './ways-in.js';

type Fields = Record<string, unknown>;

/** Everybody's own account: the second factor, the password, sessions and keys. */
@ApiExcludeController()
@Can('account.own')
@Controller('account')
export class AccountPages {
  constructor(
    private readonly views: Views,
    private readonly factors: SecondFactors,
    private readonly sessions: Sessions,
    private readonly signIn: SignInService,
    private readonly keys: ApiKeys,
    private readonly passkeys: Passkeys,
    private readonly kept: KeptForms,
    private readonly waysIn: WaysIn,
  ) {}

  @Get()
  async account(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @CurrentUser() user: User) {
    await this.show(request, reply, user);
  }

  @Get('second-factor')
  @Halfway()
  async setUp(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentSession() { user }: Session,
    @Query('back') back?: string,
  ) {
    const form = { values: onwardOf({ back }), errors: [] };
    send(reply, await this.waysIn.setUp(request, await this.views.of(request), user, form));
  }

  @Post('second-factor')
  @Halfway()
  @StepUp()
  async takeUp(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentSession() { id, user }: Session,
    @Body() body: Fields,
  ) {
    const onward = onwardOf(body);
    try {
      const { sealed, code } = parse(FactorOffer, { sealed: body?.sealed, code: body?.code });
      const codes = await this.factors.takeUp({ id, userId: user.id }, sealed, code);
      request.user = user;
      const form = this.kept.open(onward.kept);
      send(reply, codesPage(await this.views.of(request), codes, onward.back, form));
    } catch (error) {
      const view = await this.views.of(request);
      const { errors, status } = refusedForm(error, view.language);
      const known = typeof body?.sealed === 'string' ? body.sealed : undefined;
      send(reply, await this.waysIn.setUp(request, view, user, { values: onward, errors }, known), status);
    }
  }

  @Post('recovery-codes')
  @StepUp()
  async newCodes(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentSession() { user }: Session,
  ) {
    const codes = await this.factors.newRecoveryCodes(user.id);
    send(reply, codesPage(await this.views.of(request), codes, '/account'));
  }

  @Post('password')
  @StepUp()
  async changePassword(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentSession() session: Session,
    @Body() body: Fields,
  ) {
    try {
      const input = parse(PasswordChange, { present: body?.present, password: body?.password });
      await this.signIn.changePassword(session, input.present, input.password);
      redirect(reply, '/account?done=account.password');
    } catch (error) {
      await this.show(request, reply, session.user, { password: { error } });
    }
  }

  @Post('sessions/end')
  async endOthers(@Res() reply: FastifyReply, @CurrentSession() { id, user }: Session) {
    await this.sessions.endOthers(user.id, id);
    redirect(reply, '/account?done=account.others');
  }

  @Post('sessions/:id/end')
  async endSession(@Res() reply: FastifyReply, @CurrentSession() session: Session, @PathId() id: string) {
    await this.sessions.end(session.user.id, id);
    if (id === session.id) reply.clearCookie(SESSION_COOKIE, { path: '/' });
    redirect(reply, id === session.id ? '/sign-in?done=access.signedOut' : '/account?done=account.session');
  }

  @Post('api-keys')
  @StepUp()
  async makeKey(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentSession() { user }: Session,
    @Body() body: Fields,
  ) {
    const values = { name: body?.name, scope: body?.scope };
    try {
      const key = await this.keys.create(user.email, parse(NewApiKey, values));
      send(reply, keyPage(await this.views.of(request), key));
    } catch (error) {
      await this.show(request, reply, user, { key: { values, error } });
    }
  }

  @Post('api-keys/:id/end')
  async endKey(@Res() reply: FastifyReply, @CurrentSession() { user }: Session, @PathId() id: string) {
    await this.keys.end(user.id, id);
    redirect(reply, '/account?done=account.key');
  }

  private async show(
    request: FastifyRequest,
    reply: FastifyReply,
    user: User,
    sent: { password?: { error: unknown }; key?: { values: Fields; error: unknown } } = {},
  ): Promise<void> {
    const [view, factor, passkeys, sessions, keys] = await Promise.all([
      this.views.of(request),
      this.factors.stateOf(user.id),
      this.passkeys.list(user.id),
      this.sessions.list(user.id),
      this.keys.list(user.id),
    ]);
    const forms: AccountForms = {};
    if (sent.password) forms.password = { values: {}, ...refusedForm(sent.password.error, view.language) };
    if (sent.key) forms.key = { values: sent.key.values, ...refusedForm(sent.key.error, view.language) };
    const account = { user, factor, passkeys, sessions, keys, present: request.session?.id };
    limitedFor(reply, sent.password?.error);
    send(reply, accountPage(view, account, forms), forms.password?.status ?? forms.key?.status ?? 200);
  }
}
