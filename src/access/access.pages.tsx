import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../kernel/errors.js';
import { parse } from '../platform/fields.js';
import { Public } from '../platform/http.js';
import { Runtime } from '../platform/runtime.js';
import { fieldErrorsOf, sentenceOf } from '../web/errors.filter.js';
import {
  ErrorSummary,
  HiddenField,
  PostForm,
  SubmitButton,
  TextField,
  type FormState,
} from '../web/forms.js';
import { LANGUAGE_COOKIE } from '../web/language.js';
import { Page, renderPage } from '../web/page.js';
import { Card, Note } from '../web/parts.js';
import { redirect, send } from '../web/replies.js';
import type { View } from '../web/view.js';
import { cookieOptions } from './access.api.js';
import { NewPassword, SignIn } from './access.dto.js';
import { SESSION_COOKIE, SignedIn } from './access.guard.js';
import { SignInService } from './sign-in.service.js';
import { Views } from './views.js';

type Fields = Record<string, unknown>;

/** Only a path of our own: never another site that a link might smuggle in. */
const safeBack = (back: unknown): string =>
  typeof back === 'string' && back.length <= 500 && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(back)
    ? back
    : '/';

const NOTHING: FormState = { values: {}, errors: [] };

@ApiExcludeController()
@Controller()
export class AccessPages {
  constructor(
    private readonly views: Views,
    private readonly signInService: SignInService,
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
      const { email, password } = parse(SignIn, { email: body?.email, password: body?.password });
      const token = await this.signInService.signIn(email, password);
      reply.setCookie(SESSION_COOKIE, token, cookieOptions(this.runtime));
      redirect(reply, safeBack(body.back));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const view = await this.views.of(request);
      // The password is the one thing that is never shown back.
      const form = {
        values: { email: body?.email, back: safeBack(body?.back) },
        errors: fieldErrorsOf(error, view.language),
      };
      send(
        reply,
        signInPage(view, form, error.fields.length > 0 ? undefined : sentenceOf(error, view.language)),
        422,
      );
    }
  }

  @Post('sign-out')
  @SignedIn()
  async signOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    await this.signInService.signOut(request.cookies[SESSION_COOKIE] ?? '');
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
      const session = await this.signInService.choosePassword(input.token, input.password);
      reply.setCookie(SESSION_COOKIE, session, cookieOptions(this.runtime));
      redirect(reply, '/');
    } catch (error) {
      if (!(error instanceof DomainError) || error.fields.length === 0) throw error;
      const view = await this.views.of(request);
      send(reply, welcomePage(view, token, { values: {}, errors: fieldErrorsOf(error, view.language) }), 422);
    }
  }
}

function signInPage(view: View, form: FormState, refusal?: string): string {
  const { t } = view;
  return renderPage(
    <Page
      view={view}
      title={t('access:signIn.title')}
      lead={t('access:signIn.lead')}
      narrow
      errors={form.errors}
    >
      <ErrorSummary t={t} errors={form.errors} />
      {refusal && <Note tone="warn">{refusal}</Note>}
      <Card>
        <PostForm action="/sign-in">
          <HiddenField name="back" value={String(form.values.back ?? '/')} />
          <TextField
            t={t}
            form={form}
            name="email"
            type="email"
            autocomplete="username"
            required
            label={t('access:signIn.email')}
          />
          <TextField
            t={t}
            form={form}
            name="password"
            type="password"
            autocomplete="current-password"
            required
            label={t('access:signIn.password')}
          />
          <SubmitButton>{t('access:signIn.button')}</SubmitButton>
        </PostForm>
      </Card>
      <p>{t('access:signIn.help')}</p>
    </Page>,
  );
}

function welcomePage(view: View, token: string, form: FormState): string {
  const { t } = view;
  return renderPage(
    <Page
      view={view}
      title={t('access:welcome.title')}
      lead={t('access:welcome.lead')}
      narrow
      errors={form.errors}
    >
      <ErrorSummary t={t} errors={form.errors} />
      <Card>
        <PostForm action={`/welcome/${token}`}>
          <TextField
            t={t}
            form={form}
            name="password"
            type="password"
            autocomplete="new-password"
            required
            label={t('access:welcome.password')}
          />
          <SubmitButton>{t('access:welcome.button')}</SubmitButton>
        </PostForm>
      </Card>
    </Page>,
  );
}
