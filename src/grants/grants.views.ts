import { ApiProperty } from '@nestjs/swagger';
import { CATEGORIES, type Category } from '../kernel/codes.js';
import { KINDS, PAYEES, URGENCIES, type Kind, type PayeeType, type Urgency } from './grant-request.entity.js';
import { PendingApproval } from './decision.views.js';
import {
  AWARD_STATUSES,
  REQUEST_STATUSES,
  type AwardStatus,
  type RequestStatus,
} from './grant-request.states.js';

const nullable = (type: () => unknown, more: object = {}) =>
  ApiProperty({ type: type as () => StringConstructor, nullable: true, ...more });

export class AwardView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid' })
  budgetLineId: string;

  @ApiProperty({ type: 'integer', description: 'Whole yen' })
  amount: number;

  @ApiProperty({ enum: AWARD_STATUSES })
  status: AwardStatus;
}

export class PayeeView {
  @ApiProperty({ enum: PAYEES })
  type: PayeeType;

  @nullable(() => String, { format: 'uuid' })
  vendorId: string | null;

  @nullable(() => String)
  vendorName: string | null;
}

export class LineView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ enum: CATEGORIES, nullable: true })
  category: Category | null;

  @ApiProperty()
  item: string;

  @ApiProperty({ type: 'integer' })
  quantity: number;

  @ApiProperty({ type: 'integer', description: 'Whole yen' })
  unitPrice: number;

  @ApiProperty({ type: 'integer', description: 'Quantity × unit price' })
  amount: number;

  @nullable(() => String, { format: 'date' })
  periodFrom: string | null;

  @nullable(() => String, { format: 'date' })
  periodTo: string | null;

  @nullable(() => String, { format: 'date', description: 'The day on which the member already paid it' })
  spentOn: string | null;

  @ApiProperty({ type: PayeeView })
  payee: PayeeView;

  @ApiProperty({ type: AwardView, isArray: true })
  awards: AwardView[];
}

export class PersonCode {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty()
  code: string;
}

export class AttachmentView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty()
  name: string;

  @ApiProperty()
  contentType: string;

  @ApiProperty({ type: 'integer' })
  sizeBytes: number;
}

/** What was added: the first file by itself, and all of them. */
export class AttachmentsAdded extends AttachmentView {
  @ApiProperty({ type: AttachmentView, isArray: true })
  items: AttachmentView[];
}

export class EventView {
  @ApiProperty()
  verb: string;

  @ApiProperty({ enum: REQUEST_STATUSES })
  toStatus: RequestStatus;

  @ApiProperty({ format: 'date-time' })
  at: string;

  @nullable(() => String, { description: 'Who did it, where the reader may see that name' })
  by: string | null;

  @nullable(() => Number, { description: 'Whole yen' })
  amount: number | null;

  @nullable(() => String)
  comment: string | null;
}

export class GrantRequestSummary {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ example: 'R2412-00038' })
  number: string;

  @ApiProperty({ enum: REQUEST_STATUSES })
  status: RequestStatus;

  @ApiProperty({ enum: KINDS })
  kind: Kind;

  @ApiProperty({ enum: URGENCIES })
  urgency: Urgency;

  @ApiProperty({ format: 'uuid' })
  organisationId: string;

  @ApiProperty()
  organisationName: string;

  @ApiProperty({ isArray: true, type: String, description: 'What is asked for, line by line' })
  items: string[];

  @ApiProperty({ description: 'Its texts were forgotten; figures, amounts and days stay' })
  forgotten: boolean;

  @ApiProperty({ enum: CATEGORIES, isArray: true })
  categories: Category[];

  @ApiProperty({ type: 'integer', description: 'Whole yen' })
  requestedAmount: number;

  @ApiProperty({ type: 'integer', description: 'Whole yen' })
  approvedAmount: number;

  @ApiProperty({ format: 'date-time' })
  updatedAt: string;

  @nullable(() => String, { format: 'date-time' })
  submittedAt: string | null;
}

export class GrantRequestView extends GrantRequestSummary {
  @ApiProperty({ enum: ['filed', 'import'] })
  origin: 'filed' | 'import';

  @nullable(() => String, { format: 'uuid' })
  caseId: string | null;

  @nullable(() => String)
  prefectureCode: string | null;

  @ApiProperty({ type: 'integer', description: 'Whole yen: paid, less what came back' })
  disbursedAmount: number;

  @nullable(() => String, { description: 'Null for whom narrative is closed' })
  reason: string | null;

  @ApiProperty({ type: LineView, isArray: true })
  lines: LineView[];

  @ApiProperty({ type: PersonCode, isArray: true })
  people: PersonCode[];

  @ApiProperty({ type: PendingApproval, isArray: true })
  pendingApprovals: PendingApproval[];

  @ApiProperty({ type: AttachmentView, isArray: true })
  attachments: AttachmentView[];

  @ApiProperty({ type: EventView, isArray: true })
  history: EventView[];
}
