import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays, type Day } from '../../src/kernel/calendar.js';
import { AGE_BANDS } from '../../src/kernel/codes.js';
import { ageBandOf } from '../../src/people/age-band.js';
import { consentFaults } from '../../src/people/consent-rule.js';
import { Person } from '../../src/people/person.entity.js';
import { SealingKey } from '../../src/platform/encryption.js';

const TODAY = '2024-12-16';

describe('the age band', () => {
  test.each([
    ['2024-12-16', '0-5'],
    ['2018-12-17', '0-5'],
    ['2018-12-16', '6-17'],
    ['2006-12-17', '6-17'],
    ['2006-12-16', '18-29'],
    ['1994-12-16', '30-49'],
    ['1974-12-17', '30-49'],
    ['1974-12-16', '50-64'],
    ['1959-12-17', '50-64'],
    ['1959-12-16', '65+'],
    ['1900-01-01', '65+'],
  ])('of somebody born on %s is %s', (birthDate, band) => {
    expect(ageBandOf(birthDate, TODAY)).toBe(band);
  });

  test('of somebody born on 29 February rises on 1 March of a common year', () => {
    expect(ageBandOf('2004-02-29', '2022-02-28')).toBe('6-17');
    expect(ageBandOf('2004-02-29', '2022-03-01')).toBe('18-29');
  });

  test('never falls while somebody grows older', () => {
    const days = fc.integer({ min: 0, max: 40_000 });
    fc.assert(
      fc.property(days, days, (age, more) => {
        const birthDate: Day = addDays(TODAY, -age);
        const before = AGE_BANDS.indexOf(ageBandOf(birthDate, TODAY));
        expect(AGE_BANDS.indexOf(ageBandOf(birthDate, addDays(TODAY, more)))).toBeGreaterThanOrEqual(before);
      }),
    );
  });
});

describe('privacy.md, point 2: a sensitive field', () => {
  const told = { residenceStatus: 'no_status', asylumStage: 'review' };

  test('needs a consent for it, at its own place', () => {
    expect(consentFaults(told, ['casework', 'sharing'])).toEqual([
      { path: 'residenceStatus', code: 'consentNeeded' },
      { path: 'asylumStage', code: 'consentNeeded' },
    ]);
    expect(consentFaults({ asylumStage: 'none' }, []).map(({ path }) => path)).toEqual(['asylumStage']);
  });

  test('may be taken down with that consent', () => {
    expect(consentFaults(told, ['casework', 'sensitive'])).toEqual([]);
  });

  test.each([{}, { residenceStatus: 'not_asked' }, { residenceStatus: 'unknown' }])(
    'that tells nothing needs none: %j',
    (nothing) => expect(consentFaults(nothing, [])).toEqual([]),
  );
});

const person = () =>
  Object.assign(new Person(), {
    id: 'p1',
    ageBand: 'unknown',
    prefectureCode: '99',
  } satisfies Partial<Person>);

describe('a person', () => {
  const key = SealingKey.create();

  test('keeps what a correction leaves out, and derives anew from all that is known', () => {
    const aoi = person();
    aoi.describe({ alias: 'アオイ', residenceStatus: 'student', birthDate: '1990-01-01' }, key, TODAY);
    expect(aoi).toMatchObject({ ageBand: '30-49', residenceGroup: 'study_family', prefectureCode: '99' });
    aoi.describe({ asylumStage: 'review', ageBand: '18-29', prefectureCode: '13' }, key, TODAY);
    expect(aoi).toMatchObject({ ageBand: '18-29', residenceGroup: 'asylum_pending', prefectureCode: '13' });
    expect(aoi.detail(key)).toMatchObject({ alias: 'アオイ', residenceStatus: 'student', languages: [] });
  });

  test('opens to nothing once the key is destroyed', () => {
    const aoi = person();
    aoi.describe({ alias: 'アオイ', languages: ['vi', 'ja-Hira-easy'] }, key, TODAY);
    expect(aoi.detail(key).languages).toEqual(['vi', 'ja-Hira-easy']);
    expect(Object.values(aoi.detail(undefined)).filter((value) => value?.length)).toEqual([]);
  });
});
