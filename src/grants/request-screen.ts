import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { may, Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { absent, DomainError } from '../kernel/errors.js';
import type { Day } from '../kernel/calendar.js';
import { newId } from '../kernel/ids.js';
import type { FormState } from '../web/forms.js';
import { NOT_REFUSED, refusedForm } from '../web/refused.js';
import { send } from '../web/replies.js';
import type { View } from '../web/view.js';
import { whyNotDecide, type DecisionFacts } from './approval-policy.js';
import { BesideRequestQueries, decides, type BesideRequest, type Budgets } from './beside-request.queries.js';
import { choicesOf, setOf, type LineChoice } from './decide-form.js';
import { withTyped } from './decide-input.js';
import { decidePage } from './decide.page.js';
import { checkDecision } from './decision-check.js';
import { DecisionQueries } from './decision.queries.js';
import type { DecisionView } from './decision.views.js';
import { UNDECIDED } from './grant-request.states.js';
import { GrantsQueries } from './grants.queries.js';
import type { GrantRequestView } from './grants.views.js';
import type { HintView } from './hint.queries.js';
import { requestPage, type Reading } from './request.page.js';

/** Which request a page is about, and who asks. */
export interface Asked {
  request: FastifyRequest;
  reply: FastifyReply;
  actor: Actor;
  id: string;
}

/** What was typed, and why it could not be done; a preview only looks; a hint was asked for. */
export interface Tried {
  values?: Record<string, unknown>;
  error?: DomainError;
  preview?: boolean;
  hint?: HintView | null;
}

/** As what somebody reads requests: their organisation's own, to decide, or to pay. */
export function readingOf(actor: Actor): Reading {
  if (may(actor, 'requests.file')) return 'own';
  return decides(actor) ? 'deciding' : 'paying';
}

/** Shows a request as the page that its reader and its state ask for. */
@Injectable()
export class RequestScreen {
  constructor(
    private readonly views: Views,
    private readonly queries: GrantsQueries,
    private readonly beside: BesideRequestQueries,
    private readonly decisions: DecisionQueries,
  ) {}

  /** @throws DomainError `resource.absent` */
  async show({ request, reply, actor, id }: Asked, tried: Tried = {}): Promise<void> {
    const [known, grant] = await Promise.all([this.views.of(request), this.queries.view(actor, id)]);
    // What was posted cannot be opened again by its address.
    const view = { ...known, path: request.method === 'GET' ? known.path : `/requests/${id}` };
    const beside = await this.beside.of(actor, grant);
    const reading = readingOf(actor);
    const undecided = reading === 'deciding' && UNDECIDED.includes(grant.status);
    const weighed = undecided ? await this.weigh(actor, grant, tried, view.today) : null;
    const error =
      tried.error ?? (tried.preview && weighed ? await faultOf(grant, weighed, tried) : undefined);
    const { errors, refusal, status } = error ? refusedForm(error, view.language) : NOT_REFUSED;
    const form = { values: tried.values ?? {}, errors };
    const shown = { actor, view, grant, beside, form, refusal, key: newId() };
    const html = weighed
      ? toDecide({ ...shown, ...weighed })
      : toRead({ ...shown, reading, hint: tried.hint });
    send(reply, html, status);
  }

  /** What the form says so far, and what that comes to. */
  private async weigh(
    actor: Actor,
    grant: GrantRequestView,
    { values }: Tried,
    today: Day,
  ): Promise<Weighed> {
    const budgets = await this.beside.budgets(actor, grant, today);
    const choices = choicesOf(grant.lines, budgets, values ?? {});
    const decision = await this.decisions.view(actor, grant.id, setOf(choices));
    if (!decision) throw absent();
    return { budgets, choices, decision };
  }
}

interface Weighed {
  budgets: Budgets;
  choices: LineChoice[];
  decision: DecisionView;
}

interface Shown {
  actor: Actor;
  view: View;
  grant: GrantRequestView;
  beside: BesideRequest;
  form: FormState;
  refusal: string | undefined;
  key: string;
}

const factsOf = ({ grant, beside }: Shown): DecisionFacts => ({ ...grant, duty: beside.duty });

function toRead({ actor, ...shown }: Shown & { reading: Reading; hint?: HintView | null }): string {
  const why = (verb: 'release' | 'confirm') => whyNotDecide(actor, verb, factsOf({ actor, ...shown }));
  return requestPage({
    ...shown,
    opensPeople: may(actor, 'people.read'),
    mayRelease: why('release') === null,
    barredToConfirm: why('confirm'),
  });
}

const WAYS = ['review', 'return', 'approve', 'decline'] as const;

function toDecide(shown: Shown & Weighed): string {
  const facts = factsOf(shown);
  const refusals = WAYS.map((verb) => whyNotDecide(shown.actor, verb, facts));
  const can = (verb: (typeof WAYS)[number]): boolean => refusals[WAYS.indexOf(verb)] === null;
  // What a role may never do says less than why this person may not now.
  const own = refusals.find((refusal) => refusal?.startsWith('duty.'));
  return decidePage({
    ...shown,
    barred: refusals.includes(null) ? null : (own ?? 'approval.not_wanted'),
    mayReview: can('review'),
    mayReturn: can('return'),
    mayApprove: can('approve'),
  });
}

/** What approving would name as wrong in the form so far. */
async function faultOf(
  { kind, lines, prefectureCode }: GrantRequestView,
  { budgets }: Weighed,
  { values = {} }: Tried,
): Promise<DomainError | undefined> {
  try {
    await withTyped(values, (approval) =>
      checkDecision(
        lines.map((line) => ({ ...line, requestKind: kind })),
        approval.lines,
        [...budgets.lines.values()].flat(),
        { prefectureCode, on: budgets.on },
      ),
    );
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  return undefined;
}
