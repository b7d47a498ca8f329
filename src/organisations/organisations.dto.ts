import { ApiProperty, PartialType } from '@nestjs/swagger';
import type { Day } from '../kernel/calendar.js';
import { LANGUAGES, PREFECTURES } from '../kernel/codes.js';
import { IsCode, IsDayText, IsOneOf, IsSomeOf, IsText } from '../platform/fields.js';
import { ORGANISATION_KINDS, type OrganisationKind } from './organisation.entity.js';
import { VENDOR_KINDS, type VendorKind } from './vendor.entity.js';

export class NewOrganisation {
  @IsCode({ pattern: /^[A-Z][A-Z0-9-]{1,19}$/, example: 'M001' })
  code: string;

  @IsText({ max: 100 })
  name: string;

  @IsOneOf(ORGANISATION_KINDS)
  kind: OrganisationKind;

  @IsOneOf(PREFECTURES)
  prefectureCode: string;

  @IsSomeOf(LANGUAGES)
  languages: string[];

  @IsDayText({ optional: true })
  joinedOn?: Day;
}

export class OrganisationChange extends PartialType(NewOrganisation) {}

export class OrganisationView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ example: 'M001' })
  code: string;

  @ApiProperty()
  name: string;

  @ApiProperty({ enum: ORGANISATION_KINDS })
  kind: OrganisationKind;

  @ApiProperty({ enum: PREFECTURES })
  prefectureCode: string;

  @ApiProperty({ enum: LANGUAGES, isArray: true })
  languages: string[];

  @ApiProperty({ type: String, format: 'date', nullable: true })
  joinedOn: Day | null;
}

export class NewVendor {
  @IsText({ max: 100 })
  name: string;

  @IsOneOf(VENDOR_KINDS)
  kind: VendorKind;
}

export class VendorView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid' })
  organisationId: string;

  @ApiProperty()
  name: string;

  @ApiProperty({ enum: VENDOR_KINDS })
  kind: VendorKind;
}
