import { Injectable } from '@nestjs/common';
import { CasesQueries } from '../cases/index.js';
import type { Actor } from '../kernel/actor.js';
import { absent, conflict, invalid, type FieldFault } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { VendorsService } from '../organisations/index.js';
import { Db, pgFault, type Once, type Tx } from '../platform/db.js';
import { Vault } from '../platform/encryption.js';
import { given } from '../platform/fields.js';
import { GrantRequest, itemPlace, RequestLine, type Kind, type Urgency } from './grant-request.entity.js';
import { checkLines, type GrantRequestChange, type LineInput, type NewGrantRequest } from './grants.dto.js';
import { GrantsQueries } from './grants.queries.js';
import type { GrantRequestView } from './grants.views.js';
import { PoliciesQueries } from './policies.queries.js';
import { RequestWriting } from './request-writing.js';

/** What a draft may lack until it is submitted. */
export interface DraftInput {
  caseId?: string;
  kind: Kind;
  urgency: Urgency;
  lines?: LineInput[];
  reason?: string;
}

/** What a partner does with its own requests: draft, change, submit, answer, withdraw. */
@Injectable()
export class FilingService {
  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
    private readonly cases: CasesQueries,
    private readonly queries: GrantsQueries,
    private readonly writing: RequestWriting,
    private readonly vendors: VendorsService,
    private readonly policies: PoliciesQueries,
  ) {}

  /** Makes a whole draft. @throws DomainError `input.invalid` (an unknown case, lines that do not fit together). */
  create(actor: Actor, input: NewGrantRequest, once?: Once): Promise<GrantRequestView> {
    return this.db.write(actor, async (tx) => this.queries.viewIn(tx, await this.draft(tx, input)), once);
  }

  /** Makes a draft that may still lack lines and reason, inside a transaction; gives its id. */
  async draft(tx: Tx, input: DraftInput): Promise<string> {
    const { organisationId, userId } = tx.actor;
    if (!organisationId || !userId) throw absent();
    const id = newId();
    const found = input.caseId ? await this.caseOf(tx, input.caseId) : null;
    if (input.kind === 'relief' && !found) throw invalid({ path: 'caseId', code: 'required' });
    if (!found) await this.vault.createKey(tx.orm, id, organisationId);
    const request = tx.orm.create(GrantRequest, {
      id,
      number: await this.nextNumber(tx),
      organisationId,
      caseId: found?.id ?? null,
      householdId: found?.householdId ?? null,
      keyOwnerId: found?.id ?? id,
      kind: input.kind,
      urgency: input.urgency,
      status: 'draft',
      origin: 'filed',
      createdBy: userId,
      createdAt: tx.at,
      updatedAt: tx.at,
      submittedAt: null,
      prefectureCode: null,
      residenceGroup: null,
      policyVersion: null,
      boardAskedAt: null,
    });
    await tx.orm.insert(GrantRequest, request);
    await this.writing.takeDuty(tx, request, 'filer');
    if (input.lines) await this.replaceLines(tx, request, input.lines);
    if (input.reason) await this.writeReason(tx, request, input.reason);
    await this.writing.record(tx, request, { verb: 'draft', from: null });
    return id;
  }

  /**
   * Changes a draft or a returned request; what is absent stays. Lines are replaced as a whole.
   * @throws DomainError `resource.absent`, `request.not_editable`, `input.invalid`
   */
  change(actor: Actor, id: string, change: GrantRequestChange, once?: Once): Promise<GrantRequestView> {
    return this.db.write(
      actor,
      async (tx) => {
        await this.changeIn(tx, id, change);
        return this.queries.viewIn(tx, id);
      },
      once,
    );
  }

  /** The same inside a transaction. */
  async changeIn(tx: Tx, id: string, change: GrantRequestChange): Promise<void> {
    const request = await this.ownRequest(tx, id);
    request.checkEditable();
    if (change.caseId && change.caseId !== request.caseId) throw conflict('request.case_fixed');
    if (change.urgency) request.urgency = change.urgency;
    await tx.query('UPDATE grant_requests SET urgency = $2, updated_at = $3 WHERE id = $1', [
      id,
      request.urgency,
      tx.at,
    ]);
    if (change.lines) await this.replaceLines(tx, request, change.lines);
    if (change.reason) await this.writeReason(tx, request, change.reason);
    tx.audit('request.changed', 'request', id, { fields: Object.keys(given(change)) });
  }

  /**
   * Submits a draft, or answers a question with a comment. The people it names, the first one's prefecture and
   * residence group, which figures count, and the version of the approval policy are frozen now.
   * @throws DomainError `transition.refused`; `input.invalid` when lines, reason or the answer are missing
   */
  submit(actor: Actor, id: string, comment: string | undefined, once: Once): Promise<GrantRequestView> {
    return this.db.write(
      actor,
      async (tx) => {
        const request = await this.ownRequest(tx, id);
        const from = request.status;
        const verb = from === 'returned' ? 'answer' : 'submit';
        request.perform(verb);
        await this.checkComplete(tx, request, verb === 'answer' && !comment);
        if (verb === 'submit') await this.freezePeople(tx, request);
        request.submittedAt ??= tx.at;
        request.policyVersion ??= (await this.policies.current(tx)).version;
        await this.writing.takeDuty(tx, request, 'filer');
        await this.writing.record(tx, request, { verb, from, comment });
        return this.queries.viewIn(tx, id);
      },
      once,
    );
  }

  /** Takes a request back before it is decided. @throws DomainError `resource.absent`, `transition.refused` */
  withdraw(actor: Actor, id: string, comment: string | undefined, once: Once): Promise<GrantRequestView> {
    return this.db.write(
      actor,
      async (tx) => {
        const request = await this.ownRequest(tx, id);
        const from = request.status;
        request.perform('withdraw');
        request.boardAskedAt = null;
        await this.writing.voidApprovals(tx, id);
        await this.writing.record(tx, request, { verb: 'withdraw', from, comment });
        return this.queries.viewIn(tx, id);
      },
      once,
    );
  }

  /** Locks a request of the actor's own organisation; another's is as absent as none. */
  async ownRequest(tx: Tx, id: string): Promise<GrantRequest> {
    const request = await this.writing.lock(tx, id);
    if (request.organisationId !== tx.actor.organisationId) throw absent();
    return request;
  }

  private async caseOf(tx: Tx, caseId: string) {
    const found = await this.cases.caseFacts(tx, caseId);
    if (!found || found.organisationId !== tx.actor.organisationId)
      throw invalid({ path: 'caseId', code: 'caseUnknown' });
    if (found.personIds.length === 0) throw conflict('record.forgotten');
    await this.vault.keyOf(tx.orm, caseId);
    return found;
  }

  /** `R2412-00038`: year and month of filing, then one running number, which may have gaps. */
  private async nextNumber(tx: Tx): Promise<string> {
    const [row] = await tx.query<{ next: number }>(`SELECT nextval('grant_request_numbers') AS next`);
    const day = tx.today;
    return `R${day.slice(2, 4)}${day.slice(5, 7)}-${String(row!.next).padStart(5, '0')}`;
  }

  /** Lines keep their place, so that a line which once had an award keeps its id. */
  private async replaceLines(tx: Tx, request: GrantRequest, lines: readonly LineInput[]): Promise<void> {
    checkLines(request.kind, lines, tx.today);
    await this.checkVendors(tx, request, lines);
    const key = await this.writing.keyOf(tx, request);
    const present = await tx.orm.findBy(RequestLine, { requestId: request.id });
    const idAt = new Map(present.map(({ position, id }) => [position, id]));
    const surplus = present.filter(({ position }) => position > lines.length).map(({ id }) => id);
    const rows = lines.map((line, index) => {
      const id = idAt.get(index + 1) ?? newId();
      return {
        id,
        requestId: request.id,
        requestKind: request.kind,
        position: index + 1,
        category: line.category ?? null,
        item: key.seal(line.item, itemPlace(id)),
        quantity: line.quantity,
        unitPrice: line.unitPrice,
        approvedAmount: 0,
        periodFrom: line.periodFrom ?? null,
        periodTo: line.periodTo ?? null,
        spentOn: line.spentOn ?? null,
        payeeType: line.payee.type,
        vendorId: line.payee.type === 'vendor' ? (line.payee.vendorId ?? null) : null,
        vendorOrganisationId: line.payee.type === 'vendor' ? request.organisationId : null,
      };
    });
    try {
      if (surplus.length > 0) await tx.orm.delete(RequestLine, surplus);
      await tx.orm.upsert(RequestLine, rows, ['id']);
    } catch (error) {
      throw lineFault(error);
    }
  }

  private async checkVendors(tx: Tx, request: GrantRequest, lines: readonly LineInput[]): Promise<void> {
    const named = lines.flatMap(({ payee: { type, vendorId } }, index) =>
      type === 'vendor' && vendorId ? [{ vendorId, path: `lines.${index}.payee.vendorId` }] : [],
    );
    if (named.length === 0) return;
    const ids = named.map(({ vendorId }) => vendorId);
    const own = await this.vendors.ownOf(tx, request.organisationId, ids);
    const unknown = named.filter(({ vendorId }) => !own.has(vendorId.toLowerCase()));
    if (unknown.length > 0) throw invalid(...unknown.map(({ path }) => ({ path, code: 'vendorUnknown' })));
  }

  private async writeReason(tx: Tx, request: GrantRequest, reason: string): Promise<void> {
    const key = await this.writing.keyOf(tx, request);
    await tx.query(
      `INSERT INTO request_narratives (request_id, organisation_id, reason) VALUES ($1, $2, $3)
       ON CONFLICT (request_id) DO UPDATE SET reason = excluded.reason`,
      [request.id, request.organisationId, key.seal(reason, `request_narratives.reason:${request.id}`)],
    );
  }

  private async checkComplete(tx: Tx, request: GrantRequest, answerMissing: boolean): Promise<void> {
    const [has] = await tx.query<{ lines: boolean; reason: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM request_lines WHERE request_id = $1) AS lines,
              EXISTS (SELECT 1 FROM request_narratives WHERE request_id = $1) AS reason`,
      [request.id],
    );
    const faults: FieldFault[] = [];
    if (!has!.lines) faults.push({ path: 'lines', code: 'listEmpty' });
    if (!has!.reason) faults.push({ path: 'reason', code: 'required' });
    if (answerMissing) faults.push({ path: 'comment', code: 'required' });
    if (faults.length > 0) throw invalid(...faults);
  }

  private async freezePeople(tx: Tx, request: GrantRequest): Promise<void> {
    if (request.kind === 'activity' || !request.caseId) return;
    const facts = await this.caseOf(tx, request.caseId);
    request.prefectureCode = facts.prefectureCode;
    request.residenceGroup = facts.residenceGroup;
    await tx.query('DELETE FROM request_persons WHERE request_id = $1', [request.id]);
    await tx.query(
      `INSERT INTO request_persons (request_id, person_id, position)
       SELECT $1, person_id, position FROM unnest($2::uuid[]) WITH ORDINALITY AS p(person_id, position)`,
      [request.id, facts.personIds],
    );
  }
}

/** A line that the tables refuse: an unknown vendor, or one that has been awarded money and cannot be taken out. */
function lineFault(error: unknown): unknown {
  const { code, constraint = '' } = pgFault(error);
  if (code !== '23503') return error;
  if (constraint.startsWith('awards')) return conflict('request.line_awarded');
  return invalid({ path: 'lines', code: 'vendorUnknown' });
}
