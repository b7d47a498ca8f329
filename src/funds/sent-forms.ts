import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { refusedForm } from '../web/refused.js';
import { redirect, send } from '../web/replies.js';
import type { View } from '../web/view.js';
import type { ShownForm } from './fund-forms.js';

export type Fields = Record<string, unknown>;

/** A form that was sent from the page of something. */
export interface Sent {
  request: FastifyRequest;
  reply: FastifyReply;
  actor: Actor;
  id: string;
  body: Fields;
}

/** The fields of one of a page's forms: `contribution.amount` as `amount`. */
export const partOf = (body: Fields | undefined, form: string): Fields =>
  Object.fromEntries(
    Object.entries(body ?? {})
      .filter(([name]) => name.startsWith(`${form}.`))
      .map(([name, value]) => [name.slice(form.length + 1), value]),
  );

/** The rules in the form of a new fund. Of what a limit on moves is a share says nothing without its percentage. */
export function rulesOf(body: Fields): Fields {
  const rules = partOf(body, 'rules');
  const { percent, of } = partOf(rules, 'moveLimit');
  const others = Object.entries(rules).filter(([name]) => !name.startsWith('moveLimit.'));
  return { ...Object.fromEntries(others), moveLimit: percent ? { percent, of } : undefined };
}

/** The form with every value kept and its HTTP status; rethrows what no form can answer. */
export function shownAgain(error: unknown, view: View, body: Fields, prefix = ''): [ShownForm, number] {
  const { errors, refusal, status } = refusedForm(error, view.language);
  const placed = errors.map((field) => ({ ...field, path: prefix + field.path }));
  return [{ values: body ?? {}, errors: placed, refusal }, status];
}

/**
 * Does what one form of a page asks for and goes to the address that this leads to, or shows the page again with
 * everything that was typed and what is wrong in it.
 */
export async function carryOut(
  views: Views,
  { request, reply, body }: Sent,
  name: string,
  {
    work,
    page,
  }: { work(fields: Fields): Promise<string>; page(view: View, form: ShownForm): Promise<string> },
): Promise<void> {
  try {
    redirect(reply, await work(partOf(body, name)));
  } catch (error) {
    const view = await views.of(request);
    const [form, status] = shownAgain(error, view, body, `${name}.`);
    send(reply, await page(view, form), status);
  }
}
