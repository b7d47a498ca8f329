import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../kernel/errors.js';
import { parse } from '../platform/fields.js';
import { Public, siteOf } from '../platform/http.js';
import { Runtime } from '../platform/runtime.js';
import { fieldErrorsOf } from '../web/errors.filter.js';
import type { FormState } from '../web/forms.js';
import { LANGUAGE_COOKIE } from '../web/language.js';
import { refusedForm } from '../web/refused.js';
import { redirect, send } from '../web/replies.js';
import { cookieOptions } from './access.api.js';
import { NewPassword, PasskeyAnswer, ProofInput, SignIn } from './access.dto.js';
import { CurrentSession, Halfway, SESSION_COOKIE } from './access.guard.js';
import { safeBack, withBack } from './back.js';
import type { Factors } from './factors.js';
import { KeptForms } from './kept-forms.js';
import { onwardOf, type OnwardValues } from './onward.js';
import { Sessions, type Lacking, type Session } from './sessions.service.js';
import { codePage, continuePage, signInPage, welcomePage } from './sign-in.page.js';
import { originOf, SignInService } from './sign-in.service.js';
import type { User } from './user.entity.js';
import { Views } from './views.js';
import { PLACES, WaysIn } from './ways-in.js';

type Fields = Record<string, unknown>;

const NOTHING: FormState = { values: {}, errors: [] };

@ApiExcludeController()
@Controller()
export class AccessPages {
  constructor(
    private readonly views: Views,
    private readonly signInService: SignInService,
    private readonly sessions: Sessions,
    private readonly kept: KeptForms,
    private readonly waysIn: WaysIn,
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
      const { token, lacking, ...who } = await this.signInService.signIn(input, originOf(request));
      reply.setCookie(SESSION_COOKIE, token, cookieOptions(this.runtime));
      await this.goOn(request, reply, who, lacking, onwardOf(body));
    } catch (error) {
      const view = await this.views.of(request);
      const { errors, refusal, status } = refusedForm(error, view.language);
      limitedFor(reply, error);
      // The password is the one thing that is never shown back.
      const form = { values: { email: body?.email, ...onwardOf(body) }, errors };
      send(reply, signInPage(view, form, refusal), status === 401 ? 422 : status);
    }
  }

  @Post('sign-in/passkey')
  @Public()
  async signInWithPasskey(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Body() body: Fields) {
    const onward = onwardOf(body);
    try {
      const { answer } = parse(PasskeyAnswer, { answer: body?.answer || '{}' });
      const site = siteOf(request, this.runtime.settings);
      const { token, user } = await this.signInService.signInWithPasskey(answer, originOf(request), site);
      reply.setCookie(SESSION_COOKIE, token, cookieOptions(this.runtime));
      await this.goOn(request, reply, { user, hasApp: false, hasPasskey: true }, null, onward);
    } catch (error) {
      const view = await this.views.of(request);
      const { errors, refusal, status } = refusedForm(error, view.language);
      limitedFor(reply, error);
      send(reply, signInPage(view, { values: onward, errors }, refusal), status === 401 ? 422 : status);
    }
  }

  @Get('second-factor')
  @Halfway()
  async codePage(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentSession() session: Session,
    @Query('back') back?: string,
  ) {
    const form = { values: onwardOf({ back }), errors: [] };
    send(reply, codePage(await this.views.of(request), form, session));
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
      const { code } = parse(ProofInput, { code: body?.code });
      await this.signInService.showFactor(session, code, siteOf(request, this.runtime.settings));
      await this.goOn(request, reply, session, null, onwardOf(body));
    } catch (error) {
      const view = await this.views.of(request);
      const { errors, refusal, status } = refusedForm(error, view.language);
      limitedFor(reply, error);
      const form = { values: onwardOf(body), errors };
      send(reply, codePage(view, form, session, refusal), status === 401 ? 422 : status);
    }
  }

  @Post('sign-out')
  @Halfway()
  async signOut(@Req() { session }: FastifyRequest, @Res() reply: FastifyReply) {
    if (session) await this.sessions.signOut(session);
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
    { user, ...factors }: { user: User } & Factors,
    lacking: Lacking,
    onward: OnwardValues,
  ): Promise<void> {
    const form = this.kept.open(onward.kept);
    if (!form) return redirect(reply, lacking ? withBack(PLACES[lacking], onward.back) : onward.back);
    if (!lacking) request.user = user;
    const view = await this.views.of(request);
    if (!lacking) return send(reply, continuePage(view, form));
    const onTheWay = { values: onward, errors: [] };
    if (lacking === 'factor.needed') return send(reply, codePage(view, onTheWay, factors));
    send(reply, await this.waysIn.setUp(request, view, user, onTheWay));
  }
}

/** Says in how long it may be tried again. */
export function limitedFor(reply: FastifyReply, error: unknown): void {
  if (error instanceof DomainError && error.kind === 'limited')
    void reply.header('retry-after', String(error.facts.retryAfterSeconds));
}
