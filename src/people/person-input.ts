import type { PersonView } from './people.dto.js';

/** What a form sent, as it was typed. */
export type Fields = Record<string, unknown>;

const FIELDS = ['alias', 'name', 'kana', 'nationality', 'residenceStatus', 'asylumStage', 'prefectureCode'];

/** What the form says of a person. A birthday says the age, whatever was chosen beside it. */
export function personInput(values: Fields): Fields {
  const { birthDate, ageBand, languages } = values;
  return {
    ...Object.fromEntries(FIELDS.filter((name) => name in values).map((name) => [name, values[name]])),
    birthDate,
    ageBand: typeof birthDate === 'string' && birthDate.trim() !== '' ? undefined : ageBand,
    // A hidden empty one says that none of them is ticked.
    languages: Array.isArray(languages) ? languages.filter((language) => language !== '') : languages,
  };
}

/** The consent of a form as `consent.0.method` and its sisters say it. */
export function addedConsent(values: Fields): Fields {
  const field = (name: string): unknown => values[`consent.0.${name}`];
  const [purpose, method, language, givenOn] = ['purpose', 'method', 'language', 'givenOn'].map(field);
  return { consent: [{ purpose, method, language, givenOn, shareWith: field('shareWith') }] };
}

/** The fields of the form as they are stored; what is not known is not chosen. */
export function storedPerson({ ageBand, prefectureCode, ...person }: PersonView): Fields {
  return {
    ...person,
    ageBand: ageBand === 'unknown' ? '' : ageBand,
    prefectureCode: prefectureCode === '99' ? '' : prefectureCode,
  };
}
