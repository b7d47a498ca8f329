import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Category } from '../kernel/codes.js';
import { conflict } from '../kernel/errors.js';
import { move } from '../kernel/transitions.js';
import { YenColumn } from '../platform/columns.js';
import {
  AWARD_TRANSITIONS,
  EDITABLE,
  leastAdvanced,
  REQUEST_TRANSITIONS,
  type AwardStatus,
  type AwardVerb,
  type RequestStatus,
  type RequestVerb,
} from './grant-request.states.js';

export const KINDS = ['relief', 'activity'] as const;
export type Kind = (typeof KINDS)[number];
export const URGENCIES = ['normal', 'soon', 'tonight'] as const;
export type Urgency = (typeof URGENCIES)[number];
export const PAYEES = ['organisation', 'person', 'vendor'] as const;
export type PayeeType = (typeof PAYEES)[number];

/** A member asks for money for a case, or for the costs of its own activity. */
@Entity('grant_requests')
export class GrantRequest {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  number: string;

  @Column({ type: 'uuid', name: 'organisation_id' })
  organisationId: string;

  @Column({ type: 'uuid', name: 'case_id', nullable: true })
  caseId: string | null;

  @Column({ type: 'uuid', name: 'household_id', nullable: true })
  householdId: string | null;

  /** Whose data key seals the request's texts: its case, or itself when it has none. */
  @Column({ type: 'uuid', name: 'key_owner_id' })
  keyOwnerId: string;

  @Column('text')
  kind: Kind;

  @Column('text')
  urgency: Urgency;

  @Column('text')
  status: RequestStatus;

  @Column('text')
  origin: 'filed' | 'import';

  @Column({ type: 'uuid', name: 'created_by' })
  createdBy: string;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;

  @Column({ type: 'timestamptz', name: 'updated_at' })
  updatedAt: Date;

  @Column({ type: 'timestamptz', name: 'submitted_at', nullable: true })
  submittedAt: Date | null;

  @Column({ type: 'text', name: 'prefecture_code', nullable: true })
  prefectureCode: string | null;

  @Column({ type: 'text', name: 'residence_group', nullable: true })
  residenceGroup: string | null;

  /** The version of the approval policy that it was submitted under. */
  @Column({ type: 'int', name: 'policy_version', nullable: true })
  policyVersion: number | null;

  /** Since when a board member is asked to decide it, and sees it. */
  @Column({ type: 'timestamptz', name: 'board_asked_at', nullable: true })
  boardAskedAt: Date | null;

  /** Moves by the table. @throws DomainError `transition.refused`; an imported past payment allows none of these. */
  perform(verb: RequestVerb): void {
    if (this.origin === 'import') throw conflict('transition.refused', { verb, state: this.status });
    this.status = move(REQUEST_TRANSITIONS, verb, this.status);
  }

  /** @throws DomainError `request.not_editable` unless it is a draft or was returned. */
  checkEditable(): void {
    if (!EDITABLE.includes(this.status)) throw conflict('request.not_editable', { state: this.status });
  }

  /** Shows the least advanced of its living awards. */
  show(awards: readonly AwardStatus[]): void {
    this.status = leastAdvanced(awards) ?? this.status;
  }
}

/** The place that a line's item is sealed for. */
export const itemPlace = (lineId: string): string => `request_lines.item:${lineId}`;

/** Where a file is sealed, and where its name. */
export const filePlace = (id: string): string => `attachments:${id}`;
export const fileNamePlace = (id: string): string => `attachments.name:${id}`;

/** One thing that money is asked for. Its amount is quantity × unit price. */
@Entity('request_lines')
export class RequestLine {
  @PrimaryColumn('uuid')
  id: string;

  @Column({ type: 'uuid', name: 'request_id' })
  requestId: string;

  @Column({ type: 'text', name: 'request_kind' })
  requestKind: Kind;

  @Column('int')
  position: number;

  @Column({ type: 'text', nullable: true })
  category: Category | null;

  @Column('bytea')
  item: Buffer;

  @Column('int')
  quantity: number;

  @YenColumn('unit_price')
  unitPrice: number;

  @Column({ type: 'bigint', insert: false, update: false })
  amount: number;

  /** What the line's living awards add up to. */
  @YenColumn('approved_amount')
  approvedAmount: number;

  @Column({ type: 'date', name: 'period_from', nullable: true })
  periodFrom: string | null;

  @Column({ type: 'date', name: 'period_to', nullable: true })
  periodTo: string | null;

  /** The day on which the member already paid it. */
  @Column({ type: 'date', name: 'spent_on', nullable: true })
  spentOn: string | null;

  @Column({ type: 'text', name: 'payee_type' })
  payeeType: PayeeType;

  @Column({ type: 'uuid', name: 'vendor_id', nullable: true })
  vendorId: string | null;

  @Column({ type: 'uuid', name: 'vendor_organisation_id', nullable: true })
  vendorOrganisationId: string | null;
}

/** Money of one budget line, approved for one line of a request. */
@Entity('awards')
export class Award {
  @PrimaryColumn('uuid')
  id: string;

  @Column({ type: 'uuid', name: 'request_id' })
  requestId: string;

  @Column({ type: 'text', name: 'request_origin' })
  requestOrigin: 'filed' | 'import';

  @Column({ type: 'uuid', name: 'request_line_id' })
  requestLineId: string;

  @Column({ type: 'uuid', name: 'budget_line_id' })
  budgetLineId: string;

  @YenColumn('amount')
  amount: number;

  @Column('text')
  status: AwardStatus;

  @Column({ type: 'uuid', name: 'approved_by', nullable: true })
  approvedBy: string | null;

  @Column({ type: 'text', name: 'approver_duty', insert: false, update: false })
  approverDuty: string;

  /** The ledger's transfer that committed the money; a release undoes it. */
  @Column({ type: 'uuid', name: 'commit_transfer_id' })
  commitTransferId: string;

  @Column({ type: 'timestamptz', name: 'recorded_at' })
  recordedAt: Date;

  /** @throws DomainError `transition.refused` */
  perform(verb: AwardVerb): void {
    this.status = move(AWARD_TRANSITIONS, verb, this.status);
  }
}
