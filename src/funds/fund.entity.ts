import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Day } from '../kernel/calendar.js';
import type { Category, Purpose } from '../kernel/codes.js';
import { invalid } from '../kernel/errors.js';
import type { FundRules } from './fund-rules.dto.js';
import type { FundEventFacts, FundKind, FundVerb } from './funds.dto.js';

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

  /** Who gives the money. */
  @Column({ type: 'text', nullable: true })
  source: string | null;

  @Column('jsonb')
  rules: FundRules;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;

  @Column({ type: 'timestamptz', name: 'closed_at', nullable: true })
  closedAt: Date | null;

  /**
   * Pays until a later day, or without an end. A shorter period could leave payments outside of it.
   * @throws DomainError `input.invalid` when the new end is not later
   */
  extend(to: Day | null): void {
    if (this.endsOn === null || (to !== null && to <= this.endsOn))
      throw invalid({ path: 'to', code: 'notLater' });
    this.endsOn = to;
  }
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

/** What was done to a fund beside its money. Never changed. */
@Entity('fund_events')
export class FundEvent {
  @PrimaryColumn('uuid')
  id: string;

  @Column({ type: 'uuid', name: 'fund_id' })
  fundId: string;

  @Column('text')
  verb: FundVerb;

  @Column({ type: 'text', nullable: true })
  reason: string | null;

  @Column('jsonb')
  facts: FundEventFacts;

  @Column({ type: 'uuid', name: 'actor_id' })
  actorId: string;

  @Column({ type: 'timestamptz', name: 'recorded_at' })
  recordedAt: Date;
}
