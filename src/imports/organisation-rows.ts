import { LANGUAGES } from '../kernel/codes.js';
import { NewOrganisation } from '../organisations/index.js';
import { asCode, asPrefecture, PREFECTURE_CHOICES, type RowShape } from './typed-rows.js';

const KINDS = ['organisation', 'individual'];

/** What a list of members must look like; languages stand in one cell, with spaces between them. */
export const ORGANISATIONS: RowShape<NewOrganisation> = {
  type: NewOrganisation,
  fields: {
    code: 'code',
    name: 'name',
    kind: 'kind',
    prefecture_code: 'prefectureCode',
    languages: 'languages',
    joined_on: 'joinedOn',
  },
  days: ['joined_on'],
  cells: {
    code: asCode,
    prefecture_code: asPrefecture,
    languages: (text) =>
      text
        .normalize('NFKC')
        .split(/[\s,、・]+/)
        .filter(Boolean),
  },
  choices: { kind: KINDS, prefecture_code: PREFECTURE_CHOICES, languages: LANGUAGES },
};
