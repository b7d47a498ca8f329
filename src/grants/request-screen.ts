import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { may, Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { DomainError } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { parse } from '../platform/fields.js';
import type { FormState } from '../web/forms.js';
import { NOT_REFUSED, refusedForm } from '../web/refused.js';
import { send } from '../web/replies.js';
import type { View } from '../web/view.js';
import { whyNotDecide, type DecisionFacts } from './approval-policy.js';
import { BesideRequestQueries, type BesideRequest, type Budgets } from './beside-request.queries.js';
import { decidePage } from './decide.page.js';
import { checkDecision } from './decision-check.js';
import { typedLines } from './filing.input.js';
import type { RequestStatus } from './grant-request.states.js';
import { Approval } from './grants.dto.js';
import { GrantsQueries } from './grants.queries.js';
import type { GrantRequestView } from './grants.views.js';
import { requestPage, type Reading } from './request.page.js';

/** Which request a page is about, and who asks. */
export interface Asked {
  request: FastifyRequest;
  reply: FastifyReply;
  actor: Actor;
  id: string;
}

/** What was typed, and why it could not be done; a preview only looks. */
export interface Tried {
  values?: Record<string, unknown>;
  error?: DomainError;
  preview?: boolean;
}

const UNDECIDED: readonly RequestStatus[] = ['submitted', 'in_review'];

/** As what somebody reads requests: their organisation's own, to decide, or to pay. */
export function readingOf(actor: Actor): Reading {
  if (may(actor, 'requests.file')) return 'own';
  return may(actor, 'requests.review') ? 'deciding' : 'paying';
}

/** Shows a request as the page that its reader and its state ask for. */
@Injectable()
export class RequestScreen {
  constructor(
    private readonly views: Views,
    private readonly queries: GrantsQueries,
    private readonly beside: BesideRequestQueries,
  ) {}

  /** @throws DomainError `resource.absent` */
  async show({ request, reply, actor, id }: Asked, tried: Tried = {}): Promise<void> {
    const [known, grant] = await Promise.all([this.views.of(request), this.queries.view(actor, id)]);
    // What was posted cannot be opened again by its address.
    const view = { ...known, path: request.method === 'GET' ? known.path : `/requests/${id}` };
    const beside = await this.beside.of(actor, grant);
    const reading = readingOf(actor);
    const undecided = reading === 'deciding' && UNDECIDED.includes(grant.status);
    const budgets = undecided ? await this.beside.budgets(actor, grant, view.today) : null;
    const error = tried.error ?? (tried.preview && budgets ? faultOf(grant, budgets, tried) : undefined);
    const { errors, refusal, status } = error ? refusedForm(error, view.language) : NOT_REFUSED;
    const form = { values: tried.values ?? {}, errors };
    const shown = { actor, view, grant, beside, form, refusal, key: newId() };
    const html = budgets ? toDecide({ ...shown, budgets }) : toRead({ ...shown, reading });
    send(reply, html, status);
  }
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

const toRead = ({ actor, ...shown }: Shown & { reading: Reading }): string =>
  requestPage({
    ...shown,
    mayRelease: whyNotDecide(actor, 'release', factsOf({ actor, ...shown })) === null,
  });

function toDecide({ actor, ...shown }: Shown & { budgets: Budgets }): string {
  const { grant } = shown;
  const why = (verb: 'review' | 'return' | 'approve') =>
    whyNotDecide(actor, verb, factsOf({ actor, ...shown }));
  return decidePage({
    ...shown,
    barred: why(grant.status === 'submitted' ? 'review' : 'return'),
    mayReview: why('review') === null,
    mayApprove: why('approve') === null,
  });
}

/** What approving would name as wrong in the form so far. */
function faultOf(
  { kind, lines }: GrantRequestView,
  budgets: Budgets,
  { values = {} }: Tried,
): DomainError | undefined {
  try {
    const approval = parse(Approval, { lines: typedLines(values) });
    checkDecision(
      lines.map((line) => ({ ...line, requestKind: kind })),
      approval.lines,
      [...budgets.lines.values()].flat(),
      budgets.on,
    );
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  return undefined;
}
