import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import '../../src/log/log.words.js';
import { ACTIONS } from '../../src/log/log.words.js';
import { dueDays, overdue } from '../../src/privacy/breach-days.js';
import { ABOUT_NOBODY_HELPED, EXPOSED_FIELDS, EXPOSES, fieldsOf, READS } from '../../src/privacy/exposure.js';

describe('the days of a report', () => {
  test('count the day of awareness as the first: 3 to 5, 30, and 60 when somebody meant harm', () => {
    expect(dueDays('2024-12-16', false)).toEqual({
      firstFrom: '2024-12-18',
      firstBy: '2024-12-20',
      finalBy: '2025-01-14',
    });
    expect(dueDays('2024-12-16', true).finalBy).toBe('2025-02-13');
  });

  test('are over the day after, and never once it was handed in', () => {
    const none = { awareOn: '2024-12-16', malicious: false, firstReportedOn: null, finalReportedOn: null };
    expect(overdue(none, '2024-12-20')).toEqual([]);
    expect(overdue(none, '2024-12-21')).toEqual(['first']);
    expect(overdue({ ...none, firstReportedOn: '2024-12-19' }, '2025-01-14')).toEqual([]);
    expect(overdue({ ...none, firstReportedOn: '2024-12-19' }, '2025-01-15')).toEqual(['final']);
    expect(overdue(none, '2025-01-15')).toEqual(['first', 'final']);
    const both = { ...none, firstReportedOn: '2024-12-19', finalReportedOn: '2025-01-10' };
    expect(overdue(both, '2026-01-01')).toEqual([]);
  });
});

describe('what the log exposes', () => {
  test('is said for every action of the log that can be about a person helped', () => {
    const open = ACTIONS.filter((action) => !(action in EXPOSES));
    expect(open.filter((action) => !ABOUT_NOBODY_HELPED.includes(action.split('.')[0]!))).toEqual([]);
    expect(Object.keys(EXPOSES).filter((action) => !ACTIONS.includes(action))).toEqual([]);
  });

  test('names a field for whatever opens, lists or shows', () => {
    const reading = /\.(opened|listed|asked|compared|weighed|sheet_opened|\w+_opened)$/;
    const silent = Object.keys(EXPOSES).filter((action) => reading.test(action) && !READS.includes(action));
    expect(silent).toEqual([]);
  });

  test('comes in the order of a report, each field once', () => {
    expect(fieldsOf(['attachment.opened', 'people.listed', 'case.opened'])).toEqual([
      'alias',
      'household',
      'needs',
      'narrative',
      'files',
    ]);
    expect(fieldsOf(['person.sheet_opened'])).toEqual([...EXPOSED_FIELDS]);
    expect(fieldsOf(['unheard.of'])).toEqual([]);
  });

  test('has every part of the person that a sheet shows', () => {
    // A new sealed field has to be added to what an opened person exposes.
    const entity = readFileSync(new URL('../../src/people/person.entity.ts', import.meta.url), 'utf8');
    const sealed = [
      ...entity
        .split('const SEALED = {')[1]!
        .split('}')[0]!
        .matchAll(/^ {2}(\w+):/gm),
    ].map(([, name]) => name);
    const told = { kana: 'name', asylumStage: 'residenceStatus' } as Record<string, string>;
    const fields = EXPOSES['person.opened'] as readonly string[];
    expect(sealed.filter((name) => !fields.includes(told[name!] ?? name!))).toEqual([]);
  });
});
