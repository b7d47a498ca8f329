import { ApiProperty } from '@nestjs/swagger';
import { AGE_BANDS, PREFECTURES, type AgeBand } from '../kernel/codes.js';
import { IsId, IsIdList, IsText } from '../platform/fields.js';
import { REASONS, type Reason } from './likeness.js';

const MOST_AT_ONCE = 10;

/** Several people who are one, or of whom no two are. */
export class IdentityPeople {
  @IsIdList({ min: 2, max: MOST_AT_ONCE })
  personIds: string[];

  /** Why one thinks so; sealed, and read by those who look at these people again. */
  @IsText({ max: 1000 })
  reason: string;
}

export class IdentityPerson {
  @IsId()
  personId: string;

  @IsText({ max: 1000 })
  reason: string;
}

/** A person as staff compare them: a code and what figures need, and no name. */
export class ComparedPerson {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ example: 'P-7K3F2Q' })
  code: string;

  @ApiProperty({ format: 'uuid' })
  organisationId: string;

  @ApiProperty()
  organisationName: string;

  @ApiProperty({ enum: AGE_BANDS })
  ageBand: AgeBand;

  @ApiProperty({ enum: PREFECTURES })
  prefectureCode: string;
}

export class SimilarPerson extends ComparedPerson {
  @ApiProperty({ minimum: 0, maximum: 100 })
  score: number;

  @ApiProperty({ enum: REASONS, isArray: true })
  reasons: Reason[];

  /** Whether somebody has linked the two. */
  @ApiProperty()
  linked: boolean;
}

export class SimilarPeople {
  /** Likely the same person, the likeliest first; at most 50. */
  @ApiProperty({ type: SimilarPerson, isArray: true })
  items: SimilarPerson[];

  /** Always null: nobody reads further than the likeliest. */
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}

export class IdentityView {
  /** The human as far as is known: whoever has the same one is one person to figures and to the policy. */
  @ApiProperty({ format: 'uuid' })
  identityId: string;

  @ApiProperty({ type: ComparedPerson, isArray: true })
  people: ComparedPerson[];
}

export class DistinctView {
  @ApiProperty({ type: String, isArray: true })
  personIds: string[];
}
