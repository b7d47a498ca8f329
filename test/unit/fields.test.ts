import { describe, expect, test } from '@jest/globals';
import type { ClassConstructor } from 'class-transformer';
import { DomainError } from '../../src/kernel/errors.js';
import { MAX_YEN } from '../../src/kernel/money.js';
import {
  given,
  IsCode,
  IsDayText,
  IsFlag,
  IsId,
  IsIdList,
  IsListOf,
  IsMail,
  IsMoment,
  IsOneOf,
  IsPart,
  IsSecret,
  IsSomeOf,
  IsText,
  IsWhole,
  IsYenAmount,
  parse,
} from '../../src/platform/fields.js';
import { fieldErrorsOf } from '../../src/web/errors.filter.js';

class Text {
  @IsText({ min: 2, max: 5 })
  value: string;
}
class Secret {
  @IsSecret({ min: 3 })
  value: string;
}
class Code {
  @IsCode({ pattern: /^[A-Z]\d{3}$/, example: 'M001' })
  value: string;
}
class Yen {
  @IsYenAmount()
  value: number;
}
class Whole {
  @IsWhole({ min: 1, max: 200 })
  value: number;
}
class DayText {
  @IsDayText()
  value: string;
}
class Moment {
  @IsMoment()
  value: string;
}
class OneOf {
  @IsOneOf(['food', 'shelter'])
  value: string;
}
class SomeOf {
  @IsSomeOf(['food', 'shelter', 'other'], { min: 1, max: 2 })
  value: string[];
}
class Id {
  @IsId()
  value: string;
}
class IdList {
  @IsIdList({ max: 2 })
  value: string[];
}
class Mail {
  @IsMail()
  value: string;
}
class Flag {
  @IsFlag({ optional: false })
  value: boolean;
}
class Line {
  @IsText({ max: 5 })
  item: string;

  @IsYenAmount({ optional: true })
  price?: number;
}
class Part {
  @IsPart(() => Line)
  value: Line;
}
class List {
  @IsListOf(() => Line, { max: 2 })
  value: Line[];
}
class Optional {
  @IsText({ max: 5, optional: true })
  text?: string;

  @IsYenAmount({ optional: true })
  yen?: number;

  @IsWhole({ min: 1, max: 200, optional: true })
  limit: number = 50;

  @IsFlag()
  flag: boolean = false;

  @IsPart(() => Line, { optional: true })
  part?: Line;

  @IsListOf(() => Line, { max: 2, optional: true })
  list?: Line[];

  @IsSomeOf(['food'], { optional: true })
  some?: string[];
}

const ID = '0197a3f0-1234-7000-8000-00000000abcd';
const ANOTHER = '0197a3f0-1234-7000-8000-00000000ef01';

/** What is wrong with an input, as path and code. */
function faultsOf<T extends object>(type: ClassConstructor<T>, input: unknown): [string, string][] {
  return refusal(type, input).fields.map(({ path, code }) => [path, code]);
}

function refusal<T extends object>(type: ClassConstructor<T>, input: unknown): DomainError {
  try {
    parse(type, input);
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError);
    return error as DomainError;
  }
  throw new Error('It was not refused');
}

describe('harmless forms are normalised', () => {
  test.each<[ClassConstructor<{ value: unknown }>, unknown, unknown]>([
    [Text, '  あいう\n ', 'あいう'],
    [Text, 'a\nb', 'a\nb'],
    [Text, '😀😀😀😀😀', '😀😀😀😀😀'],
    [Secret, '  ｘ ', '  ｘ '],
    [Code, ' Ｍ００１ ', 'M001'],
    [Yen, 6_500, 6_500],
    [Yen, '６，５００円', 6_500],
    [Yen, '¥ 6,500', 6_500],
    [Yen, '￥6500', 6_500],
    [Yen, '1,000,000', 1_000_000],
    [Yen, MAX_YEN, MAX_YEN],
    [Whole, '２００', 200],
    [DayText, '2024-12-01', '2024-12-01'],
    [DayText, '2024/12/1', '2024-12-01'],
    [DayText, '２０２４年１２月１日', '2024-12-01'],
    [DayText, '令和6年12月1日', '2024-12-01'],
    [DayText, 'R6.12.1', '2024-12-01'],
    [DayText, '令和元年5月1日', '2019-05-01'],
    [DayText, '2024-02-29', '2024-02-29'],
    [Moment, '2024-12-16T18:00:00+09:00', '2024-12-16T18:00:00+09:00'],
    [Moment, '2024-12-16T18:00:00 09:00', '2024-12-16T18:00:00+09:00'],
    [Moment, '2024-12-16T09:00:00.000Z', '2024-12-16T09:00:00.000Z'],
    [OneOf, ' food ', 'food'],
    [SomeOf, 'food, other', ['food', 'other']],
    [SomeOf, ['food'], ['food']],
    [Id, ` ${ID} `, ID],
    [Id, ID.toUpperCase(), ID],
    [IdList, `${ID},${ANOTHER}`, [ID, ANOTHER]],
    [IdList, [ID.toUpperCase()], [ID]],
    [Mail, ' Ｐａｒｔｎｅｒ@Example.JP ', 'partner@example.jp'],
    [Flag, 'on', true],
    [Flag, 'true', true],
    [Flag, 'false', false],
    [Flag, false, false],
    [Part, { item: ' x ' }, { item: 'x' }],
    [List, [{ item: 'x', price: '１円' }], [{ item: 'x', price: 1 }]],
  ])('%p takes %j as %j', (type, written, read) => {
    expect(parse(type, { value: written }).value).toEqual(read);
  });
});

describe('what cannot be used is named, never repaired', () => {
  test.each<[ClassConstructor<{ value: unknown }>, unknown, string]>([
    ...[
      Text,
      Secret,
      Code,
      Yen,
      Whole,
      DayText,
      Moment,
      OneOf,
      SomeOf,
      Id,
      IdList,
      Mail,
      Flag,
      Part,
      List,
    ].flatMap((type): [ClassConstructor<{ value: unknown }>, unknown, string][] => [
      [type, undefined, 'required'],
      [type, null, 'required'],
      [type, '', 'required'],
    ]),
    [Text, ' 　 ', 'required'],
    [Text, 'x', 'tooShort'],
    [Text, 'xxxxxx', 'tooLong'],
    [Text, 12, 'text'],
    [Text, ['xx'], 'text'],
    [Text, { toString: 'xx' }, 'text'],
    [Text, 'a\u0000b', 'text'],
    [Text, 'a\u202eb', 'text'],
    [Text, 'a\ud800b', 'text'],
    [Secret, 'xx', 'tooShort'],
    [Secret, 'x'.repeat(201), 'tooLong'],
    [Code, 'm001', 'code'],
    [Code, 1, 'code'],
    [Yen, 0, 'yen'],
    [Yen, -1, 'yen'],
    [Yen, 1.5, 'yen'],
    [Yen, '1.5', 'yen'],
    [Yen, '1,50', 'yen'],
    [Yen, '六千', 'yen'],
    [Yen, '0x10', 'yen'],
    [Yen, '1e3', 'yen'],
    [Yen, Number.NaN, 'yen'],
    [Yen, Number.POSITIVE_INFINITY, 'yen'],
    [Yen, 2 ** 53, 'yen'],
    [Yen, '9007199254740993', 'yen'],
    [Yen, MAX_YEN + 1, 'max'],
    [Yen, true, 'yen'],
    [Yen, [1], 'yen'],
    [Whole, 0, 'min'],
    [Whole, 201, 'max'],
    [Whole, '1.5', 'integer'],
    [Whole, 'x', 'integer'],
    [DayText, '2024-02-30', 'day'],
    [DayText, '2023-02-29', 'day'],
    [DayText, '12/1', 'day'],
    [DayText, '令和0年1月1日', 'day'],
    [DayText, '明日', 'day'],
    [DayText, 20241201, 'day'],
    [DayText, '2024-12-01T00:00:00Z', 'day'],
    [Moment, '2024-12-16', 'moment'],
    [Moment, '2024-12-16T18:00:00', 'moment'],
    [Moment, '2024-13-16T18:00:00Z', 'moment'],
    [OneOf, 'medical', 'choice'],
    [OneOf, ['food'], 'choice'],
    [SomeOf, [], 'listEmpty'],
    [SomeOf, 'medical', 'choice'],
    [SomeOf, ['food', 'food'], 'list'],
    [SomeOf, 7, 'list'],
    [SomeOf, ['food', 'shelter', 'other'], 'listTooLong'],
    [Id, 'x', 'uuid'],
    [Id, 7, 'uuid'],
    [IdList, [], 'listEmpty'],
    [IdList, [ID, ID], 'list'],
    [IdList, [ID, ID.toUpperCase()], 'list'],
    [IdList, ['x'], 'list'],
    [IdList, [ID, ANOTHER, ID.replace('1', '2')], 'listTooLong'],
    [Mail, 'partner', 'email'],
    [Mail, 7, 'email'],
    [Flag, 'yes', 'boolean'],
    [Flag, 1, 'boolean'],
    [Part, 'x', 'malformed'],
    [Part, [], 'malformed'],
    [List, [], 'listEmpty'],
    [List, [{ item: 'x' }, { item: 'x' }, { item: 'x' }], 'listTooLong'],
    [List, { 0: { item: 'x' } }, 'malformed'],
    [List, ['x'], 'malformed'],
    [List, [null], 'malformed'],
  ])('%p refuses %j: %s', (type, value, code) => {
    expect(faultsOf(type, { value })).toEqual([['value', code]]);
  });

  test('each with a sentence in both languages, with its facts filled in', () => {
    const wrong: [ClassConstructor<object>, unknown][] = [
      [Text, 'x'],
      [Text, 'xxxxxx'],
      [Text, 1],
      [Code, 'x'],
      [Yen, 0],
      [Yen, MAX_YEN + 1],
      [Whole, 0],
      [Whole, 'x'],
      [DayText, 'x'],
      [Moment, 'x'],
      [OneOf, 'x'],
      [SomeOf, []],
      [SomeOf, ['food', 'shelter', 'other']],
      [SomeOf, 7],
      [Id, 'x'],
      [Mail, 'x'],
      [Flag, 'x'],
      [Part, 'x'],
    ];
    for (const [type, value] of wrong) {
      const error = refusal(type, { value, surprise: 1 });
      for (const language of ['ja', 'en'] as const) {
        for (const { message } of fieldErrorsOf(error, language)) {
          expect(message).toMatch(language === 'ja' ? /。$/ : /\.$/);
          expect(message).not.toMatch(/\{\{|undefined/);
        }
      }
    }
  });
});

describe('a place', () => {
  test('is written with dots, down to the field', () => {
    expect(faultsOf(Part, { value: { item: 'xxxxxx', price: 0 } })).toEqual([
      ['value.item', 'tooLong'],
      ['value.price', 'yen'],
    ]);
    expect(faultsOf(List, { value: [{ item: 'x' }, { price: 'x' }] })).toEqual([
      ['value.1.item', 'required'],
      ['value.1.price', 'yen'],
    ]);
  });

  test('of an unknown field is named, at every depth', () => {
    expect(faultsOf(Text, { value: 'xx', other: 1 })).toEqual([['other', 'unknownField']]);
    expect(faultsOf(List, { value: [{ item: 'x', other: 1 }] })).toEqual([['value.0.other', 'unknownField']]);
  });

  test('is empty when the whole is no object', () => {
    for (const input of [null, undefined, 'x', 7, [], [{ value: 'xx' }]]) {
      expect(faultsOf(Text, input)).toEqual([['', 'malformed']]);
    }
  });
});

describe('an optional field', () => {
  test.each([undefined, null, ''])('that is %j is absent, and its default holds', (empty) => {
    const input = {
      text: empty,
      yen: empty,
      limit: empty,
      flag: empty,
      part: empty,
      list: empty,
      some: empty,
    };
    expect(given(parse(Optional, input))).toEqual({ limit: 50, flag: false });
  });

  test('is judged when it is there', () => {
    const input = { text: 'xxxxxx', yen: 0, limit: 0, flag: 'x', part: 'x', list: 'x', some: ['x'] };
    expect(new Map(faultsOf(Optional, input))).toEqual(
      new Map([
        ['text', 'tooLong'],
        ['yen', 'yen'],
        ['limit', 'min'],
        ['flag', 'boolean'],
        ['part', 'malformed'],
        ['list', 'malformed'],
        ['some', 'choice'],
      ]),
    );
  });

  test('leaves nothing of a stranger’s on what all objects share', () => {
    const input = JSON.parse('{"__proto__": {"polluted": 1}, "text": "x"}') as object;
    try {
      parse(Optional, input);
    } catch (error) {
      expect(error).toBeInstanceOf(DomainError);
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
