import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  addDays,
  dayFrom,
  dayOf,
  daysBetween,
  fiscalYearOf,
  isDay,
  monthOf,
  monthsBetween,
  parseDay,
} from '../../src/kernel/calendar.js';
import {
  ASYLUM_STAGES,
  LANGUAGES,
  PREFECTURES,
  RESIDENCE_GROUPS,
  RESIDENCE_STATUSES,
  residenceGroupOf,
  type ResidenceStatus,
} from '../../src/kernel/codes.js';
import { isYen, MAX_YEN, parseYen, percentOf, sumYen, toYen } from '../../src/kernel/money.js';
import { hasUnprintable, normaliseText } from '../../src/kernel/text.js';
import { canMove, move, type Transitions } from '../../src/kernel/transitions.js';

const fullWidth = (text: string): string =>
  text.replace(/[!-~]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0));
const grouped = (amount: number): string => amount.toLocaleString('en-US');

const safe = fc.maxSafeInteger();
const amount = fc.maxSafeNat();
const SPAN_DAYS = 300_000;
const day = fc.integer({ min: 0, max: SPAN_DAYS }).map((days) => addDays('1900-01-01', days));

describe('money', () => {
  it('takes safe whole numbers, as numbers or as the text of a bigint, and nothing else', () => {
    fc.assert(
      fc.property(safe, (value) => {
        expect(isYen(value)).toBe(true);
        expect(toYen(String(value))).toBe(value);
      }),
    );
    for (const value of [0.5, NaN, Infinity, 2 ** 53, '9007199254740992', '1.0', '1e3', '', ' 1', null, {}]) {
      expect(() => toYen(value)).toThrow(RangeError);
    }
  });

  it('sums and multiplies exactly, or says that it cannot', () => {
    fc.assert(
      fc.property(fc.array(safe, { maxLength: 20 }), (values) => {
        let exact = 0n;
        let isSafe = true;
        for (const value of values) {
          exact += BigInt(value);
          isSafe &&= exact === BigInt(Number(exact)) && Number.isSafeInteger(Number(exact));
        }
        if (isSafe) expect(BigInt(sumYen(values))).toBe(exact);
        else expect(() => sumYen(values)).toThrow(RangeError);
      }),
    );
  });

  it('reads an amount however it is written', () => {
    fc.assert(
      fc.property(amount, (value) => {
        const written = [String(value), grouped(value), `¥${grouped(value)}`, `${value}円`, ` ${value} 円 `];
        for (const text of written) {
          expect(parseYen(text)).toBe(value);
          expect(parseYen(fullWidth(text))).toBe(value);
        }
        if (value > 0) for (const sign of ['-', '−', '▲', '△']) expect(parseYen(sign + value)).toBe(-value);
      }),
    );
  });

  it('reads nothing that is not a whole amount', () => {
    for (const text of [
      '',
      '円',
      '1.5',
      '1,00',
      '1,0000',
      '1 000',
      '12a',
      '--1',
      '9007199254740992',
      '千円',
    ]) {
      expect(parseYen(text)).toBeNull();
    }
    fc.assert(fc.property(fc.string(), (text) => parseYen(text) === null || isYen(parseYen(text))));
  });

  it('rounds a percentage half up, and shows 100 only when the target is reached', () => {
    expect(percentOf(5_048_500, 5_000_000)).toBe(101);
    expect(percentOf(4_999_999, 5_000_000)).toBe(99);
    expect(percentOf(5, 1_000)).toBe(1);
    expect(percentOf(4, 1_000)).toBe(0);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: MAX_YEN }),
        fc.integer({ min: 1, max: MAX_YEN }),
        (part, target) => {
          const percent = percentOf(part, target);
          expect(percent >= 100).toBe(part >= target);
          // |percent − exact| ≤ 1/2, but where 99 stands for "not yet".
          const distance = 200n * BigInt(part) - 2n * BigInt(percent) * BigInt(target);
          if (percent !== 99) expect(distance >= -BigInt(target) && distance < BigInt(target)).toBe(true);
        },
      ),
    );
    for (const [part, target] of [
      [1, 0],
      [-1, 5],
      [1, -5],
      [0.5, 5],
    ] as const) {
      expect(() => percentOf(part, target)).toThrow(RangeError);
    }
  });
});

describe('calendar', () => {
  it('knows exactly the days that exist', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1800, max: 3100 }), fc.nat(14), fc.nat(33), (year, month, date) => {
        const inMonth = month < 1 || month > 12 ? 0 : new Date(Date.UTC(year, month, 0)).getUTCDate();
        const exists = year >= 1900 && year < 3000 && date >= 1 && date <= inMonth;
        expect(dayFrom(year, month, date) !== null).toBe(exists);
      }),
    );
    for (const value of ['2024-02-30', '2023-02-29', '2024-2-1', '2024-12-01 ', '24-12-01', 20241201, null]) {
      expect(isDay(value)).toBe(false);
    }
  });

  it('counts days back and forth', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: -40_000, max: 40_000 }), (from, days) => {
        const to = addDays(from, days);
        expect(daysBetween(from, to)).toBe(days);
        expect(addDays(to, -days)).toBe(from);
        expect(to > from).toBe(days > 0);
      }),
    );
  });

  it('lists every month from one day to another, once', () => {
    fc.assert(
      fc.property(day, fc.nat(4_000), (from, days) => {
        const to = addDays(from, days);
        const walked = Array.from({ length: days + 1 }, (_, index) => monthOf(addDays(from, index)));
        expect(monthsBetween(from, to)).toEqual([...new Set(walked)]);
      }),
      { numRuns: 50 },
    );
    expect(monthsBetween('2024-12-01', '2024-11-30')).toEqual([]);
  });

  it('starts a fiscal year on 1 April', () => {
    expect(fiscalYearOf('2025-03-31')).toBe(2024);
    expect(fiscalYearOf('2025-04-01')).toBe(2025);
    fc.assert(
      fc.property(day, (one) => {
        const year = fiscalYearOf(one);
        expect(one >= `${year}-04-01` && one <= `${year + 1}-03-31`).toBe(true);
      }),
    );
  });

  it('tells the day in Tokyo, which is nine hours ahead', () => {
    expect(dayOf(new Date('2024-12-15T14:59:59Z'))).toBe('2024-12-15');
    expect(dayOf(new Date('2024-12-15T15:00:00Z'))).toBe('2024-12-16');
    const moments = fc.date({
      min: new Date('1960-01-01'),
      max: new Date('2999-01-01'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(moments, (moment) => {
        expect(dayOf(moment)).toBe(new Date(moment.getTime() + 9 * 3_600_000).toISOString().slice(0, 10));
      }),
    );
  });

  it('reads a day however it is written', () => {
    fc.assert(
      fc.property(day, (one) => {
        const [year, month, date] = one.split('-').map(Number) as [number, number, number];
        const written = [
          one,
          `${year}/${month}/${date}`,
          `${year}.${month}.${date}`,
          `${year}年${month}月${date}日`,
          ` ${year} 年 ${month} 月 ${date} 日 `,
        ];
        if (year > 2018 && year < 2118) {
          const era = year - 2018;
          written.push(
            `令和${era}年${month}月${date}日`,
            `R${era}.${month}.${date}`,
            `r${era}/${month}/${date}`,
          );
        }
        for (const text of written) {
          expect(parseDay(text)).toBe(one);
          expect(parseDay(fullWidth(text))).toBe(one);
        }
      }),
    );
    expect(parseDay('令和元年5月1日')).toBe('2019-05-01');
    expect(parseDay('H31.4.30')).toBe('2019-04-30');
    expect(parseDay('昭和64年1月7日')).toBe('1989-01-07');
  });

  it('reads nothing that is not a day', () => {
    for (const text of [
      '',
      '2024/2/30',
      '令和0年1月1日',
      '12/1/2024',
      '2024-12',
      '明日',
      '20241201',
      'X6.1.1',
    ]) {
      expect(parseDay(text)).toBeNull();
    }
    fc.assert(fc.property(fc.string(), (text) => parseDay(text) === null || isDay(parseDay(text))));
  });
});

describe('text', () => {
  const any = fc.string({ unit: 'binary' });

  it('is normalised once and for all', () => {
    fc.assert(
      fc.property(any, (text) => {
        const plain = normaliseText(text);
        expect(normaliseText(plain)).toBe(plain);
        expect(plain).toBe(plain.trim());
        expect(plain).not.toMatch(/\s\s|[\t\n\r\u3000]/);
      }),
    );
    expect(normaliseText('　ＡＢＣ　　１２３\n－ﾀﾞ ')).toBe('ABC 123 -ダ');
  });

  it('loses no letter of Japanese', () => {
    for (const name of ['髙橋﨑', '渡邉', 'グエン・ヴァン', '〇〇']) expect(normaliseText(name)).toBe(name);
  });

  it('finds what no form needs, and nothing else', () => {
    for (const code of [0, 8, 0x0b, 0x1f, 0x7f, 0x202e, 0x2066, 0xd800, 0xdfff]) {
      expect(hasUnprintable(`a${String.fromCharCode(code)}b`)).toBe(true);
    }
    for (const text of ['', '一行目\n\t二行目\r\n', '𠮷野家', '👩‍👧', 'Nguyễn', 'العربية', 'ភាសាខ្មែរ']) {
      expect(hasUnprintable(text)).toBe(false);
    }
  });
});

describe('transitions', () => {
  const states = ['draft', 'sent', 'done'] as const;
  type State = (typeof states)[number];
  const table: Transitions<State, 'send' | 'finish'> = {
    send: { from: ['draft'], to: 'sent' },
    finish: { from: ['draft', 'sent'], to: 'done' },
  };

  it('allow what the table says and refuse all else', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...states),
        fc.constantFrom('send' as const, 'finish' as const),
        (state, verb) => {
          const allowed = table[verb].from.includes(state);
          expect(canMove(table, verb, state)).toBe(allowed);
          if (allowed) expect(move(table, verb, state)).toBe(table[verb].to);
          else {
            expect(() => move(table, verb, state)).toThrow(
              expect.objectContaining({
                kind: 'conflict',
                code: 'transition.refused',
                facts: { verb, state },
              }),
            );
          }
        },
      ),
    );
  });
});

describe('codes', () => {
  it('have every prefecture and unknown, and each language once', () => {
    expect(PREFECTURES).toHaveLength(48);
    expect([PREFECTURES[0], PREFECTURES[12], PREFECTURES[46], PREFECTURES[47]]).toEqual([
      '01',
      '13',
      '47',
      '99',
    ]);
    expect(new Set(LANGUAGES).size).toBe(LANGUAGES.length);
  });

  it('have the 29 statuses of the immigration act and nine beside it', () => {
    expect(Object.keys(RESIDENCE_STATUSES)).toHaveLength(29 + 9);
  });

  it('roll every status up to a group, and an open claim above all but a settled one', () => {
    const statuses = [...(Object.keys(RESIDENCE_STATUSES) as ResidenceStatus[]), null, undefined];
    const stages = [...ASYLUM_STAGES, null, undefined];
    const open = ['preparing', 'first_application', 'review', 'repeated', 'in_court'];
    fc.assert(
      fc.property(fc.constantFrom(...statuses), fc.constantFrom(...stages), (status, stage) => {
        const own = status ? RESIDENCE_STATUSES[status] : 'unknown';
        const group = residenceGroupOf(status, stage);
        expect(RESIDENCE_GROUPS).toContain(group);
        expect(group).toBe(open.includes(stage ?? '') && own !== 'settled' ? 'asylum_pending' : own);
      }),
    );
    expect(residenceGroupOf('provisional_release', 'none')).toBe('no_status');
    expect(residenceGroupOf('provisional_release', 'review')).toBe('asylum_pending');
  });
});
