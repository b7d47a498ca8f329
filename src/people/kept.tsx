import type { ComponentChildren } from 'preact';
import { Day, countryName, languageName } from '../web/format.js';
import { Facts } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { PersonView } from './people.dto.js';

/** A country, or that there is none. */
export function nationalityText({ t, language }: View, code: string): string {
  if (code === 'XXA') return t('people:stateless');
  return code === 'XXX' ? t('people:nationalityUnknown') : countryName(code, language);
}

/** What is written down of a person, and the names of the fields that are empty. */
export function Kept({ view, person }: { view: View; person: PersonView }) {
  const { t, language } = view;
  const { ageBand, prefectureCode, nationality, residenceStatus, asylumStage, languages, birthDate } = person;
  const fields: [string, ComponentChildren][] = [
    ['alias', person.alias],
    ['name', person.name],
    ['kana', person.kana],
    ['birthDate', birthDate && <Day day={birthDate} view={view} />],
    ['ageBand', ageBand !== 'unknown' && t(`common:ageBands.${ageBand}`)],
    ['nationality', nationality && nationalityText(view, nationality)],
    ['residenceStatus', residenceStatus && t(`people:statuses.${residenceStatus}`)],
    ['asylumStage', asylumStage && t(`people:stages.${asylumStage}`)],
    ['prefectureCode', prefectureCode !== '99' && t(`common:prefectures.${prefectureCode}`)],
    ['languages', languages.map((code) => languageName(code, language)).join(t('common:part.dot'))],
  ];
  const label = ([name]: [string, ComponentChildren]) => t(`people:fields.${name}`);
  const [written, empty] = [fields.filter(([, value]) => value), fields.filter(([, value]) => !value)];
  return (
    <>
      <Facts items={written.map((field) => ({ label: label(field), value: field[1] }))} />
      {empty.length > 0 && (
        <p class="help">
          {t('people:kept.nothing', { fields: empty.map(label).join(t('common:part.dot')) })}
        </p>
      )}
    </>
  );
}
