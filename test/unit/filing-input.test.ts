import { describe, expect, test } from '@jest/globals';
import {
  nested,
  parseLines,
  parsePayees,
  stepToContinue,
  subtotalOf,
  typedLines,
  writtenLines,
  type Fields,
} from '../../src/grants/filing.input.js';
import type { GrantRequestView } from '../../src/grants/grants.views.js';
import { DomainError } from '../../src/kernel/errors.js';
import { newId } from '../../src/kernel/ids.js';

const TODAY = '2024-12-17';

const faultsOf = (work: () => unknown): string[] => {
  try {
    work();
  } catch (error) {
    if (error instanceof DomainError) return error.fields.map(({ path, code }) => `${path} ${code}`);
    throw error;
  }
  return [];
};

const line = (changes: Fields = {}): Fields => ({
  category: 'shelter',
  item: '一時宿泊',
  quantity: '５',
  unitPrice: '６，５００',
  spentOn: '',
  periodFrom: '',
  periodTo: '',
  ...changes,
});

const choose = (payee: Fields) =>
  parsePayees(
    Object.fromEntries(Object.entries(payee).map(([name, value]) => [`lines.0.payee.${name}`, value])),
  );

describe('the names of a form', () => {
  test('become objects and lists, in the order of their numbers', () => {
    expect(
      nested({ 'lines.2.item': 'b', 'lines.0.item': 'a', 'household.adults': '1', reason: 'r' }),
    ).toEqual({
      lines: [{ item: 'a' }, { item: 'b' }],
      household: { adults: '1' },
      reason: 'r',
    });
  });

  test('never reach what all objects share, nor the end of the stack', () => {
    const deep = Array.from({ length: 50_000 }, () => 'a').join('.');
    expect(nested({ '__proto__.polluted': '1', 'a.constructor.b': '1', [deep]: '1' })).toEqual({});
    expect(({} as Fields).polluted).toBeUndefined();
  });

  test('that are no lines give none', () => {
    expect(typedLines({ lines: 'x' })).toEqual([]);
    expect(typedLines({ 'lines.0': 'x', 'lines.1.item': 'a' })).toEqual([{ item: 'a' }]);
  });
});

describe('lines', () => {
  test('that nobody wrote into are left out, unless there is no other', () => {
    const blank = { quantity: '1', item: '', category: '', payee: { type: 'organisation' } };
    expect(writtenLines([blank, line(), blank])).toEqual([line()]);
    expect(writtenLines([blank, blank])).toEqual([blank]);
  });

  test('keep their payee, and are paid to the organisation until it is asked', () => {
    const vendorId = newId();
    const [first, second] = parseLines(
      'relief',
      [line(), line({ payee: { type: 'vendor', vendorId } })],
      TODAY,
    );
    expect(first).toMatchObject({ quantity: 5, unitPrice: 6500, payee: { type: 'organisation' } });
    expect(second).toMatchObject({ payee: { type: 'vendor', vendorId } });
  });

  test('are refused with every wrong field at once', () => {
    const bad = line({
      category: '',
      item: '',
      quantity: '1.5',
      unitPrice: '-5',
      periodFrom: '2024-12-20',
      periodTo: '2024-12-16',
    });
    expect(faultsOf(() => parseLines('relief', [line(), bad], TODAY)).sort()).toEqual([
      'lines.1.category required',
      'lines.1.item required',
      'lines.1.periodTo periodBackwards',
      'lines.1.quantity integer',
      'lines.1.unitPrice yen',
    ]);
  });

  test.each([
    [{ unitPrice: '0' }, 'lines.0.unitPrice yen'],
    [{ unitPrice: '1000000000000000' }, 'lines.0.unitPrice max'],
    [{ unitPrice: '1000000000000', quantity: '10000' }, 'lines.0.unitPrice amountTooLarge'],
    [{ spent: 'true' }, 'lines.0.spentOn required'],
    [{ spentOn: '2024-12-16' }, 'lines.0.spentOn spentOrNot'],
    [{ spent: 'true', spentOn: '2024-12-18' }, 'lines.0.spentOn dayFuture'],
    [{ smuggled: '1' }, 'lines.0.smuggled unknownField'],
  ])('%j is refused: %s', (changes, fault) => {
    expect(faultsOf(() => parseLines('relief', [line(changes)], TODAY))).toEqual([fault]);
  });

  test('have a subtotal as far as they are written', () => {
    expect(subtotalOf(line())).toBe(32_500);
    expect(subtotalOf({ quantity: '1' })).toBe(0);
    expect(subtotalOf({ quantity: 2, unitPrice: 300 })).toBe(600);
    for (const unitPrice of ['-5', '1.5', 'ten', '1000000000000000']) {
      expect(subtotalOf(line({ unitPrice }))).toBeNull();
    }
  });
});

describe('payees', () => {
  test('are the organisation, the person, a known vendor or a new one', () => {
    const vendorId = newId();
    expect(choose({ type: 'person', vendorId: '' })).toMatchObject([{ type: 'person' }]);
    expect(choose({ type: 'vendor', vendorId })).toMatchObject([{ type: 'vendor', vendorId }]);
    expect(choose({ type: 'vendor', vendorId: 'new', name: ' 食堂 ', kind: 'other' })).toMatchObject([
      { name: '食堂', kind: 'other' },
    ]);
  });

  test.each([
    [{ vendorId: '' }, ['lines.0.payee.type required']],
    [{ type: 'vendor', vendorId: '' }, ['lines.0.payee.vendorId required']],
    [{ type: 'vendor', vendorId: 'new' }, ['lines.0.payee.name required', 'lines.0.payee.kind required']],
    [{ type: 'vendor', vendorId: '', name: '食堂' }, ['lines.0.payee.kind required']],
    [{ type: 'king' }, ['lines.0.payee.type choice']],
  ])('%j is refused', (payee, faults) => {
    expect(faultsOf(() => choose(payee))).toEqual(faults);
  });

  test('must be said for at least one line', () => {
    expect(faultsOf(() => parsePayees({}))).toEqual(['lines required']);
  });
});

describe('a draft goes on', () => {
  const begun = { status: 'draft', lines: [], reason: null, updatedAt: 'a', history: [{ at: 'a' }] };
  test.each([
    [{}, 'urgency'],
    [{ updatedAt: 'b' }, 'lines'],
    [{ updatedAt: 'b', lines: [{}] }, 'payee'],
    [{ updatedAt: 'b', lines: [{}], reason: 'r' }, 'check'],
    [{ status: 'returned' }, 'check'],
  ])('with %j at %s', (changes, step) => {
    expect(stepToContinue({ ...begun, ...changes } as unknown as GrantRequestView)).toBe(step);
  });
});
