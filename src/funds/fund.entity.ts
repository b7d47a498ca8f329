import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Day } from '../kernel/calendar.js';
import type { Category, Purpose } from '../kernel/codes.js';
import { YenColumn } from '../platform/columns.js';
import type { FundKind, FundRules } from './funds.dto.js';

/** A pot of money with a period, a source and rules. */
@Entity('funds')
export class Fund {
  @PrimaryColumn('uuid')
  id: string;

  /** What imports and people call it, such as `winter-2024`; unique. */
  @Column('text')
  code: string;

  @Column('text')
  name: string;

  @Column('text')
  kind: FundKind;

  @Column({ type: 'date', name: 'starts_on' })
  startsOn: Day;

  /** The last day on which it can pay; null when its end is open. */
  @Column({ type: 'date', name: 'ends_on', nullable: true })
  endsOn: Day | null;

  @Column('jsonb')
  rules: FundRules;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;
}

/** A fund's money for one purpose, and for relief one category. */
@Entity('budget_lines')
export class BudgetLine {
  @PrimaryColumn('uuid')
  id: string;

  @Column({ type: 'uuid', name: 'fund_id' })
  fundId: string;

  @Column('text')
  purpose: Purpose;

  @Column({ type: 'text', nullable: true })
  category: Category | null;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;
}

/** Money that came into a fund. */
@Entity('contributions')
export class Contribution {
  @PrimaryColumn('uuid')
  id: string;

  @Column({ type: 'uuid', name: 'fund_id' })
  fundId: string;

  @YenColumn('amount')
  amount: number;

  @Column({ type: 'date', name: 'received_on' })
  receivedOn: Day;

  /** From whom, as the treasurer writes it down. */
  @Column('text')
  source: string;

  @Column({ type: 'text', nullable: true })
  reference: string | null;

  @Column({ type: 'uuid', name: 'transfer_id' })
  transferId: string;

  @Column({ type: 'timestamptz', name: 'recorded_at' })
  recordedAt: Date;
}
