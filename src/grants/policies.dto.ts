import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsPart, IsText, IsWhole } from '../platform/fields.js';
import { PolicyRules } from './policy-rules.js';
import { POLICY_STATUSES, type PolicyStatus } from './policy.entity.js';

export class PolicyProposal {
  @IsPart(() => PolicyRules)
  rules: PolicyRules;

  /** Why the table in force should change, for the one who agrees. No personal data. */
  @IsText({ max: 2_000 })
  reason: string;
}

export class PolicyRefusal {
  @IsText({ max: 2_000, optional: true })
  reason?: string;
}

/** Versions are numbers, so the cursor is one too. */
export class PolicyQuery {
  @ApiPropertyOptional({ default: 50 })
  @IsWhole({ min: 1, max: 200, optional: true })
  limit: number = 50;

  @IsWhole({ min: 1, max: 2_147_483_647, optional: true })
  cursor?: number;
}

const nullable = (format?: string): PropertyDecorator =>
  ApiProperty({ type: String, nullable: true, format });

export class PolicyView {
  @ApiProperty({ type: 'integer' })
  version: number;

  @ApiProperty({ enum: POLICY_STATUSES })
  status: PolicyStatus;

  @ApiProperty({ description: 'Whether requests that are submitted now are decided by it' })
  inForce: boolean;

  @ApiProperty()
  rules: PolicyRules;

  @nullable()
  reason: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Name; nobody for the first version' })
  proposedBy: string | null;

  @ApiProperty({ format: 'date-time' })
  proposedAt: string;

  @nullable()
  decidedBy: string | null;

  @nullable('date-time')
  decidedAt: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Why it was refused' })
  decisionReason: string | null;
}

export class PolicyPage {
  @ApiProperty({ type: () => PolicyView, isArray: true })
  items: PolicyView[];

  @nullable()
  nextCursor: string | null;
}
