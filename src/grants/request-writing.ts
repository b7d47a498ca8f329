import { Injectable } from '@nestjs/common';
import { absent, conflict } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { pgFault, type Tx } from '../platform/db.js';
import { Vault, type SealingKey } from '../platform/encryption.js';
import type { DutyName } from './approval-policy.js';
import { GrantRequest } from './grant-request.entity.js';
import type { RequestStatus } from './grant-request.states.js';

interface Step {
  verb: string;
  from: RequestStatus | null;
  comment?: string;
  /** Whole yen. */
  amount?: number;
  /** The network's own business: its member does not see that anything happened. */
  quiet?: boolean;
}

/** What every change to a request does: lock it, take a duty, tell its history. */
@Injectable()
export class RequestWriting {
  constructor(private readonly vault: Vault) {}

  /** The request, locked until the transaction ends: the first lock of all. @throws DomainError `resource.absent` */
  async lock(tx: Tx, id: string): Promise<GrantRequest> {
    const request = await tx.orm.findOne(GrantRequest, {
      where: { id },
      lock: { mode: 'pessimistic_write' },
    });
    if (!request) throw absent();
    return request;
  }

  /** The key that seals this request's texts. @throws DomainError `record.forgotten` */
  keyOf(tx: Tx, request: Pick<GrantRequest, 'keyOwnerId'>): Promise<SealingKey> {
    return this.vault.keyOf(tx.orm, request.keyOwnerId);
  }

  /** What the actor already is on this request. */
  async dutyOf(tx: Tx, requestId: string): Promise<DutyName | null> {
    const [row] = await tx.query<{ duty: DutyName }>(
      'SELECT duty FROM duties WHERE request_id = $1 AND user_id = $2',
      [requestId, tx.actor.userId],
    );
    return row?.duty ?? null;
  }

  /**
   * Makes the actor this on the request; being it already changes nothing. The table's constraints refuse a second
   * duty and one's own organisation, whoever asks. Who has just read the actor's duty on the locked request says so.
   * @throws DomainError `duty.<the other one>` or `duty.own_organisation`
   */
  async takeDuty(tx: Tx, request: GrantRequest, duty: DutyName, known?: DutyName | null): Promise<void> {
    const present = known === undefined ? await this.dutyOf(tx, request.id) : known;
    if (present === duty) return;
    if (present) throw conflict(`duty.${present}`);
    try {
      await tx.query(
        `INSERT INTO duties (request_id, request_organisation_id, user_id, user_organisation_key, duty, recorded_at)
         SELECT $1, $2, u.id, u.organisation_key, $4, $5 FROM users u WHERE u.id = $3`,
        [request.id, request.organisationId, tx.actor.userId, duty, tx.at],
      );
    } catch (error) {
      if (pgFault(error).constraint === 'duties_not_own_organisation')
        throw conflict('duty.own_organisation');
      throw error;
    }
  }

  /** What was agreed so far no longer holds: the set has changed, or what it stood on. */
  async voidApprovals(tx: Tx, requestId: string): Promise<void> {
    await tx.query('UPDATE approvals SET voided_at = $2 WHERE request_id = $1 AND voided_at IS NULL', [
      requestId,
      tx.at,
    ]);
  }

  /** Stores the request's new state and a line of its history, with the comment sealed and apart. */
  async record(tx: Tx, request: GrantRequest, { verb, from, comment, amount, quiet }: Step): Promise<void> {
    const eventId = newId();
    if (!quiet) request.updatedAt = tx.at;
    await tx.query(
      `UPDATE grant_requests SET status = $2, updated_at = $3, submitted_at = $4, prefecture_code = $5,
              residence_group = $6, policy_version = $7, board_asked_at = $8 WHERE id = $1`,
      [
        request.id,
        request.status,
        request.updatedAt,
        request.submittedAt,
        request.prefectureCode,
        request.residenceGroup,
        request.policyVersion,
        request.boardAskedAt,
      ],
    );
    await tx.query(
      `INSERT INTO request_events (id, request_id, verb, from_status, to_status, amount, actor_id, recorded_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [eventId, request.id, verb, from, request.status, amount ?? null, tx.actor.userId, tx.at],
    );
    // Of what was forgotten nothing is written down any more; its money still moves.
    const key = comment && (await this.vault.keysOf(tx.orm, [request.keyOwnerId])).get(request.keyOwnerId);
    if (comment && key) {
      await tx.query(
        'INSERT INTO request_comments (event_id, request_id, organisation_id, body) VALUES ($1, $2, $3, $4)',
        [eventId, request.id, request.organisationId, key.seal(comment, `request_comments.body:${eventId}`)],
      );
    }
    tx.audit(`request.${verb}`, 'request', request.id, { from, to: request.status, amount });
  }
}
