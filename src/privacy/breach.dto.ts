import { ApiProperty } from '@nestjs/swagger';
import type { Day } from '../kernel/calendar.js';
import { IsDayText, IsFlag, IsId, IsPart, IsText } from '../platform/fields.js';
import { EXPOSED_FIELDS, type ExposedField } from './exposure.js';
import { ExposureFilter } from './exposure.dto.js';

export const REPORT_KINDS = ['first', 'final'] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

/** What a report has to say (個人情報保護法施行規則 第8条 第1項), in the order of the law. */
export const REPORT_ITEMS = [
  'outline',
  'data',
  'persons',
  'cause',
  'secondary',
  'response',
  'publication',
  'prevention',
  'other',
] as const;
export type ReportItem = (typeof REPORT_ITEMS)[number];

const IsItem = () => IsText({ max: 4_000, optional: true });

/** What people write; kinds of data and number of persons come from the log, and these add to them. */
export class ReportItems implements Partial<Record<ReportItem, string>> {
  @IsItem()
  outline?: string;

  @IsItem()
  data?: string;

  @IsItem()
  persons?: string;

  @IsItem()
  cause?: string;

  @IsItem()
  secondary?: string;

  @IsItem()
  response?: string;

  @IsItem()
  publication?: string;

  @IsItem()
  prevention?: string;

  @IsItem()
  other?: string;
}

/** A breach, or what may be one: what to ask of the log, and since when the network knows. */
export class NewBreach {
  @IsPart(() => ExposureFilter)
  filter: ExposureFilter;

  @IsDayText()
  awareOn: Day;

  /** Whether somebody may have done it with bad intent: the final report then has 60 days. */
  @IsFlag()
  malicious?: boolean;
}

/** A correction of the same, as long as the breach is open. */
export class BreachChange {
  @IsDayText()
  awareOn: Day;

  @IsFlag()
  malicious?: boolean;

  /** When the persons were told. */
  @IsDayText({ optional: true })
  toldOn?: Day;
}

export class NewReport {
  @IsPart(() => ReportItems)
  items: ReportItems;

  /** The saving that this one goes on from; none for the first. */
  @IsId({ optional: true })
  basedOn?: string;

  /** The day on which it was handed in, when it was. */
  @IsDayText({ optional: true })
  reportedOn?: Day;
}

const nullable = (options: object): PropertyDecorator => ApiProperty({ nullable: true, ...options });

export class BreachReportView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ type: ReportItems })
  items: ReportItems;

  @ApiProperty({ type: 'integer', description: 'How many people the log showed when it was saved' })
  people: number;

  @ApiProperty({ enum: EXPOSED_FIELDS, isArray: true })
  fields: ExposedField[];

  @nullable({ type: String })
  by: string | null;

  @ApiProperty({ format: 'date-time' })
  recordedAt: string;
}

export class BreachListed {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ type: String, format: 'date' })
  awareOn: Day;

  @ApiProperty()
  malicious: boolean;

  @ApiProperty({ type: String, format: 'date', description: 'The first report is due from here on' })
  firstFrom: Day;

  @ApiProperty({ type: String, format: 'date', description: 'And until here' })
  firstBy: Day;

  @ApiProperty({ type: String, format: 'date' })
  finalBy: Day;

  @nullable({ type: String, format: 'date' })
  firstReportedOn: Day | null;

  @nullable({ type: String, format: 'date' })
  finalReportedOn: Day | null;

  @nullable({ type: String, format: 'date', description: 'When the persons were told' })
  toldOn: Day | null;

  @ApiProperty({ enum: REPORT_KINDS, isArray: true })
  overdue: ReportKind[];

  @ApiProperty({ format: 'date-time' })
  openedAt: string;

  @nullable({ type: String, description: 'Who opened it' })
  openedBy: string | null;

  @nullable({ type: String, format: 'date-time' })
  closedAt: string | null;
}

export class BreachView extends BreachListed {
  @ApiProperty({ type: ExposureFilter })
  filter: ExposureFilter;

  @ApiProperty({ type: 'integer', description: 'How many people the log shows now' })
  people: number;

  @ApiProperty({ enum: EXPOSED_FIELDS, isArray: true })
  fields: ExposedField[];

  @ApiProperty({ type: BreachReportView, isArray: true, description: 'Every saving, the newest first' })
  first: BreachReportView[];

  @ApiProperty({ type: BreachReportView, isArray: true })
  final: BreachReportView[];

  @nullable({ type: String, format: 'uuid', description: 'The saving that was handed in' })
  firstReportId: string | null;

  @nullable({ type: String, format: 'uuid' })
  finalReportId: string | null;
}
