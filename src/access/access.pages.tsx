import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../kernel/errors.js';
import { parse } from '../platform/fields.js';
import { Public } from '../platform/http.js';
import { Runtime } from '../platform/runtime.js';
import { fieldErrorsOf } from '../web/errors.filter.js';
import type { FormState } from '../web/forms.js';
import { LANGUAGE_COOKIE } from '../web/language.js';
import { refusedForm } from '../web/refused.js';
import { redirect, send } from '../web/replies.js';
import { cookieOptions } from './access.api.js';
import { CodeInput, NewPassword, SignIn } from './access.dto.js';
import { CurrentSession, Halfway, SESSION_COOKIE } from './access.guard.js';
import { safeBack, withBack } from './back.js';
import { KeptForms } from './kept-forms.js';
import { Sessions, type Lacking, type Session } from './sessions.service.js';
import { codePage, continuePage, signInPage, welcomePage } from './sign-in.page.js';
import { originOf, SignInService } from './sign-in.service.js';
import type { User } from './user.entity.js';
import { Views } from './views.js';

type Fields = Record<string, unknown>;

const NOTHING: FormState = { values: {}, errors: [] };

const onwardOf = (body: Fields): Fields => ({
  back: safeBack(body?.back),
  ...(typeof body?.kept === 'string' && { kept: body.kept }),
});

@ApiExcludeController()
@Controller()
export class AccessPages {
  constructor(
    private readonly views: Views,
    private readonly signInService: SignInService,
    private readonly sessions: Sessions,
    private readonly kept: KeptForms,
    private readonly runtime: Runtime,
  ) {}

  @Get('sign-in')
  @Public()
  async signInPage(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Query('back') back?: string) {
    send(reply, signInPage(await this.views.of(request), { values: { back: safeBack(back) }, errors: [] }));
  }

  @Post('sign-in')
  @Public()
  async signIn(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Body() body: Fields) {
    try {
      const input = parse(SignIn, { email: body?.email, password: body?.password });
      const { token, user, lacking } = await this.signInService.signIn(input, originOf(request));
      reply.setCookie(SESSION_COOKIE, token, cookieOptions(this.runtime));
      await this.goOn(request, reply, user, lacking, onwardOf(body));
    } catch (error) {
      const view = await this.views.of(request);
      const { errors, refusal, status } = refusedForm(error, view.language);
      limitedFor(reply, error);
      // The password is the one thing that is never shown back.
      const form = { values: { email: body?.email, ...onwardOf(body) }, errors };
      send(reply, signInPage(view, form, refusal), status === 401 ? 422 : status);
    }
  }

  @Get('second-factor')
  @Halfway()
  async codePage(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Query('back') back?: string) {
    send(reply, codePage(await this.views.of(request), { values: { back: safeBack(back) }, errors: [] }));
  }

  @Post('second-factor')
  @Halfway()
  async showCode(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentSession() session: Session,
    @Body() body: Fields,
  ) {
    try {
      const { code } = parse(CodeInput, { code: body?.code });
      await this.signInService.showFactor(session, code);
      const lacking = this.sessions.lacking({ ...session, factorAt: new Date() });
      await this.goOn(request, reply, session.user, lacking, onwardOf(body));
    } catch (error) {
      const view = await this.views.of(request);
      const { errors, refusal, status } = refusedForm(error, view.language);
      limitedFor(reply, error);
      send(reply, codePage(view, { values: onwardOf(body), errors }, refusal), status === 401 ? 422 : status);
    }
  }

  @Post('sign-out')
  @Halfway()
  async signOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    await this.sessions.signOut(request.cookies[SESSION_COOKIE] ?? '');
    reply.clearCookie(SESSION_COOKIE, { path: '/' });
    redirect(reply, '/sign-in?done=access.signedOut');
  }

  @Post('language')
  @Public()
  chooseLanguage(@Res() reply: FastifyReply, @Body() body: Fields) {
    const language = body?.language === 'en' ? 'en' : 'ja';
    reply.setCookie(LANGUAGE_COOKIE, language, { ...cookieOptions(this.runtime), maxAge: 365 * 24 * 3600 });
    redirect(reply, safeBack(body?.back));
  }

  @Get('welcome/:token')
  @Public()
  async welcomePage(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
  ) {
    send(reply, welcomePage(await this.views.of(request), token, NOTHING));
  }

  @Post('welcome/:token')
  @Public()
  async welcome(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('token') token: string,
    @Body() body: Fields,
  ) {
    try {
      const input = parse(NewPassword, { token, password: body?.password });
      const { device } = originOf(request);
      const session = await this.signInService.choosePassword(input.token, input.password, device);
      reply.setCookie(SESSION_COOKIE, session, cookieOptions(this.runtime));
      redirect(reply, '/');
    } catch (error) {
      if (!(error instanceof DomainError) || error.fields.length === 0) throw error;
      const view = await this.views.of(request);
      send(reply, welcomePage(view, token, { values: {}, errors: fieldErrorsOf(error, view.language) }), 422);
    }
  }

  /** On to where somebody was going, or first to what is lacking; a kept form goes along. */
  private async goOn(
    request: FastifyRequest,
    reply: FastifyReply,
    user: User,
    lacking: Lacking,
    onward: Fields,
  ): Promise<void> {
    const back = String(onward.back);
    if (lacking === 'factor.missing') return redirect(reply, withBack('/account/second-factor', back));
    const form = this.kept.open(onward.kept);
    if (!form) return redirect(reply, lacking ? withBack('/second-factor', back) : back);
    if (lacking) return send(reply, codePage(await this.views.of(request), { values: onward, errors: [] }));
    request.user = user;
    send(reply, continuePage(await this.views.of(request), form));
  }
}

/** Says in how long it may be tried again. */
export function limitedFor(reply: FastifyReply, error: unknown): void {
  if (error instanceof DomainError && error.kind === 'limited')
    void reply.header('retry-after', String(error.facts.retryAfterSeconds));
}
