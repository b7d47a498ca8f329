import { ApiProperty } from '@nestjs/swagger';
import { IsFlag, IsOneOf, IsText } from '../platform/fields.js';
import { IMPORT_KINDS, type ImportKindName, type ImportSummary } from './import.entity.js';
import { IMPORT_STATUSES, type ImportStatus } from './import.states.js';

/** What comes with the file. */
export class NewImport {
  @IsOneOf(IMPORT_KINDS)
  kind: ImportKindName;

  /** The fund that a history was paid from. */
  @IsText({ max: 40, optional: true })
  fundCode?: string;

  @IsFlag()
  dryRun: boolean = false;
}

export class ImportErrorView {
  @ApiProperty({ description: 'As spreadsheets count: the header is row 1' })
  row: number;

  @ApiProperty({ type: String, nullable: true, description: 'Null when the row or file as a whole is wrong' })
  column: string | null;

  @ApiProperty({ example: 'yen' })
  code: string;

  @ApiProperty()
  message: string;
}

export class ImportSummaryView implements ImportSummary {
  @ApiProperty()
  rows: number;

  @ApiProperty()
  added: number;

  @ApiProperty({ description: 'Rows that were there already with the same content' })
  skipped: number;

  @ApiProperty({ description: 'Whole yen of the payments added' })
  amount: number;

  @ApiProperty({ description: 'Different people of the payments added' })
  people: number;

  @ApiProperty({ description: 'May be more than are listed' })
  errors: number;
}

export class ImportView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ enum: IMPORT_KINDS })
  kind: ImportKindName;

  @ApiProperty({ enum: IMPORT_STATUSES })
  status: ImportStatus;

  @ApiProperty({ description: 'Rows worked on' })
  done: number;

  @ApiProperty()
  total: number;

  @ApiProperty()
  dryRun: boolean;

  @ApiProperty({ type: ImportSummaryView, nullable: true, description: 'Null until the import has ended' })
  summary: ImportSummaryView | null;

  @ApiProperty({ type: ImportErrorView, isArray: true, description: 'The first 200' })
  errors: ImportErrorView[];
}
