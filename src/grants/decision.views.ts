import { ApiProperty } from '@nestjs/swagger';
import { CATEGORIES, type Category } from '../kernel/codes.js';
import type { Day } from '../kernel/calendar.js';
import { APPROVER_ROLES, type ApproverRole } from './approval-policy.js';
import { REQUEST_STATUSES, type RequestStatus } from './grant-request.states.js';

const Yen = (description?: string) => ApiProperty({ type: 'integer', description });
const Count = () => ApiProperty({ type: 'integer' });
const CategoryOrAll = () => ApiProperty({ enum: CATEGORIES, type: String, nullable: true });

export class PendingApproval {
  @ApiProperty({ enum: APPROVER_ROLES })
  role: ApproverRole;

  @Count()
  count: number;
}

export class RequirementView {
  @Count()
  approvers: number;

  @Count()
  board: number;

  @ApiProperty({ description: 'One approver decides tonight, and a second one looks at it afterwards' })
  urgent: boolean;
}

export class DecidedLineView {
  @ApiProperty({ format: 'uuid' })
  lineId: string;

  @ApiProperty({ format: 'uuid' })
  budgetLineId: string;

  @Yen('Whole yen, above zero')
  amount: number;
}

export class ApprovalView {
  @ApiProperty({ type: String, nullable: true })
  by: string | null;

  @ApiProperty({ description: 'Whether it is the reader who said yes' })
  own: boolean;

  @ApiProperty({ enum: APPROVER_ROLES })
  role: ApproverRole;

  @ApiProperty({ format: 'date-time' })
  at: string;

  @ApiProperty({ description: 'A cap was exceeded, with the reason in the history' })
  overrides: boolean;

  @ApiProperty({ type: DecidedLineView, isArray: true })
  lines: DecidedLineView[];
}

export class EarlierAward {
  @ApiProperty({ format: 'uuid' })
  requestId: string;

  @ApiProperty()
  requestNumber: string;

  @CategoryOrAll()
  category: Category | null;

  @Yen('Less what was released or came back')
  amount: number;

  @ApiProperty({ format: 'date' })
  happenedOn: Day;
}

export class CapView {
  @ApiProperty({ enum: ['person', 'household'] })
  per: 'person' | 'household';

  @ApiProperty({ type: String, nullable: true, description: 'Null for a cap of the approval policy' })
  fundName: string | null;

  @CategoryOrAll()
  category: Category | null;

  @ApiProperty({ format: 'date', description: 'The first day that counts' })
  since: Day;

  @Yen()
  limit: number;

  @Yen('Awarded before')
  before: number;

  @Yen('With this decision')
  after: number;
}

export const REPEAT_KINDS = ['category', 'rent', 'receipt'] as const;

/** Another request that looks like the same need asked twice. */
export class RepeatView {
  @ApiProperty({ enum: REPEAT_KINDS })
  kind: (typeof REPEAT_KINDS)[number];

  @ApiProperty({ format: 'uuid' })
  requestId: string;

  @ApiProperty()
  requestNumber: string;

  @ApiProperty()
  organisationName: string;

  @ApiProperty({ enum: REQUEST_STATUSES })
  status: RequestStatus;

  @CategoryOrAll()
  category: Category | null;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'Whole yen asked for; null for the same file',
  })
  amount: number | null;

  @ApiProperty({ format: 'date-time' })
  submittedAt: string;
}

/** What the policy asks of a decision and why, and what should be known before it is made. */
export class DecisionView {
  @Count()
  policyVersion: number;

  @Count()
  windowDays: number;

  @Yen('What the household was awarded within these days, before this decision')
  awarded: number;

  @Yen('The same with this decision')
  total: number;

  @ApiProperty({ type: EarlierAward, isArray: true })
  awards: EarlierAward[];

  @ApiProperty({ type: RequirementView })
  required: RequirementView;

  @ApiProperty({ type: PendingApproval, isArray: true, description: 'Who has to agree still' })
  missing: PendingApproval[];

  @ApiProperty({ type: ApprovalView, isArray: true, description: 'Who said yes, and to what' })
  approvals: ApprovalView[];

  @ApiProperty({ type: CapView, isArray: true })
  caps: CapView[];

  @ApiProperty({ type: RepeatView, isArray: true })
  repeats: RepeatView[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Why the reader may not approve, as an error code',
  })
  barred: string | null;
}
