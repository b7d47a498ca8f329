import { Column, Entity, PrimaryColumn } from 'typeorm';
import { move, type Transitions } from '../kernel/transitions.js';
import { YenColumn } from '../platform/columns.js';

export const MOVE_STATUSES = ['waiting', 'done', 'refused', 'withdrawn'] as const;
export type MoveStatus = (typeof MOVE_STATUSES)[number];
export type MoveVerb = 'agree' | 'refuse' | 'withdraw';

export const MOVE_TRANSITIONS: Transitions<MoveStatus, MoveVerb> = {
  agree: { from: ['waiting'], to: 'done' },
  refuse: { from: ['waiting'], to: 'refused' },
  withdraw: { from: ['waiting'], to: 'withdrawn' },
};

/** Money that changes its budget line or its fund. Without a line it is what the fund has unallocated. */
@Entity('budget_moves')
export class BudgetMove {
  @PrimaryColumn('uuid')
  id: string;

  @Column({ type: 'uuid', name: 'fund_id' })
  fundId: string;

  @Column({ type: 'uuid', name: 'from_line_id', nullable: true })
  fromLineId: string | null;

  @Column({ type: 'uuid', name: 'to_fund_id' })
  toFundId: string;

  @Column({ type: 'uuid', name: 'to_line_id', nullable: true })
  toLineId: string | null;

  @YenColumn('amount')
  amount: number;

  @Column('text')
  reason: string;

  @Column('text')
  status: MoveStatus;

  @Column({ type: 'boolean', name: 'needs_second' })
  needsSecond: boolean;

  @Column({ type: 'uuid', name: 'asked_by' })
  askedBy: string;

  @Column({ type: 'timestamptz', name: 'asked_at' })
  askedAt: Date;

  /** The second person; nobody for a move that needs none, or that its asker withdrew. */
  @Column({ type: 'uuid', name: 'decided_by', nullable: true })
  decidedBy: string | null;

  @Column({ type: 'timestamptz', name: 'decided_at', nullable: true })
  decidedAt: Date | null;

  @Column({ type: 'uuid', name: 'transfer_id', nullable: true })
  transferId: string | null;

  /** Between two funds go only moves of what no line has. */
  get carriesOver(): boolean {
    return this.fundId !== this.toFundId;
  }

  /** @throws DomainError `transition.refused` */
  perform(verb: MoveVerb, by: string | null, at: Date): void {
    this.status = move(MOVE_TRANSITIONS, verb, this.status);
    this.decidedBy = by;
    this.decidedAt = at;
  }
}
