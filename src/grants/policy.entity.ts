import { Column, Entity, PrimaryColumn } from 'typeorm';
import { move, type Transitions } from '../kernel/transitions.js';
import type { PolicyRules } from './policy-rules.js';

export const POLICY_STATUSES = ['proposed', 'agreed', 'refused'] as const;
export type PolicyStatus = (typeof POLICY_STATUSES)[number];
export type PolicyVerb = 'agree' | 'refuse';

export const POLICY_TRANSITIONS: Transitions<PolicyStatus, PolicyVerb> = {
  agree: { from: ['proposed'], to: 'agreed' },
  refuse: { from: ['proposed'], to: 'refused' },
};

/** One version of the approval policy. The highest agreed one is in force; no version ever changes its rules. */
@Entity('approval_policies')
export class ApprovalPolicy {
  @PrimaryColumn('int')
  version: number;

  @Column('jsonb')
  rules: PolicyRules;

  @Column('text')
  status: PolicyStatus;

  /** Why it was proposed; nothing for the first one, which came with the database. */
  @Column({ type: 'text', nullable: true })
  reason: string | null;

  @Column({ type: 'uuid', name: 'proposed_by', nullable: true })
  proposedBy: string | null;

  @Column({ type: 'timestamptz', name: 'proposed_at' })
  proposedAt: Date;

  @Column({ type: 'uuid', name: 'decided_by', nullable: true })
  decidedBy: string | null;

  @Column({ type: 'timestamptz', name: 'decided_at', nullable: true })
  decidedAt: Date | null;

  @Column({ type: 'text', name: 'decision_reason', nullable: true })
  decisionReason: string | null;

  /** @throws DomainError `transition.refused` when it was decided already */
  decide(verb: PolicyVerb, by: string, at: Date, reason: string | null): void {
    this.status = move(POLICY_TRANSITIONS, verb, this.status);
    this.decidedBy = by;
    this.decidedAt = at;
    this.decisionReason = reason;
  }
}
