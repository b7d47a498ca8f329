import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { DomainError } from '../kernel/errors.js';
import type { Instead } from '../web/errors.filter.js';
import { refusedForm } from '../web/refused.js';
import { withBack } from './back.js';
import { fieldsOf, KeptForms } from './kept-forms.js';
import { codePage, signInPage, stepUpPage } from './sign-in.page.js';
import { Views } from './views.js';

/** What a page shows instead of a refusal, so that its reader can go on: to sign in, or to type a code. */
@Injectable()
export class WaysIn {
  constructor(
    private readonly views: Views,
    private readonly kept: KeptForms,
  ) {}

  /** The page or the place that answers this refusal, with the form that was sent. */
  async instead(request: FastifyRequest, refused: DomainError): Promise<Instead> {
    const { code } = refused;
    const back = request.method === 'GET' ? request.url : '/';
    const view = await this.views.of(request);
    if (code === 'factor.missing') return { location: withBack('/account/second-factor', back) };
    if (code === 'access.signed_out' || code === 'factor.needed') {
      const kept = this.kept.keep(request);
      const needsCode = code === 'factor.needed';
      if (!kept) return { location: withBack(needsCode ? '/second-factor' : '/sign-in', back) };
      const page = needsCode ? codePage : signInPage;
      const note = view.t(needsCode ? 'access:code.kept' : 'access:signIn.kept');
      return { html: page(view, { values: { back, kept }, errors: [] }, note), status: 401 };
    }
    const fields = fieldsOf(request);
    if (!fields) return { location: '/second-factor' };
    const { errors, refusal, status } = refusedForm(refused, view.language);
    const sentence = code === 'factor.stale' ? undefined : (errors[0]?.message ?? refusal);
    return { html: stepUpPage(view, request.url, fields, sentence), status };
  }
}
