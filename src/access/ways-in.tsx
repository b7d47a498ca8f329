import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { DomainError } from '../kernel/errors.js';
import type { Instead } from '../web/errors.filter.js';
import type { FormState } from '../web/forms.js';
import { refusedForm } from '../web/refused.js';
import type { View } from '../web/view.js';
import { withBack } from './back.js';
import { fieldsOf, KeptForms } from './kept-forms.js';
import { setUpPage } from './account.page.js';
import { deviceOf } from './device.js';
import { SecondFactors } from './second-factors.service.js';
import { codePage, signInPage, stepUpPage } from './sign-in.page.js';
import type { User } from './user.entity.js';
import { Views } from './views.js';

/** What a page shows instead of a refusal, so that its reader can go on: to sign in, or to type a code. */
@Injectable()
export class WaysIn {
  constructor(
    private readonly views: Views,
    private readonly kept: KeptForms,
    private readonly factors: SecondFactors,
  ) {}

  /** The page or the place that answers this refusal, with the form that was sent. */
  async instead(request: FastifyRequest, refused: DomainError): Promise<Instead> {
    const { code } = refused;
    const view = await this.views.of(request);
    if (code in PLACES) return this.asideFor(request, view, code as keyof typeof PLACES);
    const fields = fieldsOf(request);
    if (!fields) return { location: '/second-factor' };
    const { errors, refusal, status } = refusedForm(refused, view.language);
    const sentence = code === 'factor.stale' ? undefined : (errors[0]?.message ?? refusal);
    return { html: stepUpPage(view, { path: request.url, fields }, request.session!, sentence), status };
  }

  /** The way to what is lacking, and back; a form that was sent goes along. */
  private async asideFor(request: FastifyRequest, view: View, code: keyof typeof PLACES): Promise<Instead> {
    const back = request.method === 'GET' ? request.url : '/';
    const kept = this.kept.keep(request);
    if (!kept) return { location: withBack(PLACES[code], back) };
    const form = { values: { back, kept }, errors: [] };
    const { session } = request;
    if (code === 'access.signed_out')
      return { html: signInPage(view, form, view.t('access:signIn.kept')), status: 401 };
    if (code === 'factor.needed')
      return { html: codePage(view, form, session!, view.t('access:code.kept')), status: 401 };
    return { html: await this.setUp(request, view, session!.user, form), status: 403 };
  }

  /** The page that sets up a second factor, with an offer of its own. */
  async setUp(
    request: FastifyRequest,
    view: View,
    user: User,
    form: FormState,
    sealed?: string,
  ): Promise<string> {
    // What we never offered is not offered again.
    const offer = await this.factors.offer(user, sealed).catch(() => this.factors.offer(user));
    return setUpPage(view, offer, {
      ...form,
      values: { ...form.values, name: deviceOf(request.headers['user-agent']) ?? '' },
    });
  }
}

/** Where each refusal's reader goes to get what is lacking. */
export const PLACES = {
  'access.signed_out': '/sign-in',
  'factor.needed': '/second-factor',
  'factor.missing': '/account/second-factor',
};
