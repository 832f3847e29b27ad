import { checkCases, expectationOf } from '../cases';
import { grade, hasArguments } from './grade';
import { sameTool, says } from './text';

const [item, declined] = checkCases([
  {
    id: 'one',
    ask: 'how many?',
    tool: ['shop.find', 'shop.search'],
    arguments: { id: 7, name: 'Ann  Lee' },
    may: ['limit'],
    also: ['shop.prices'],
    facts: ['4', ['open', 'unpaid']],
  },
  { id: 'two', ask: 'sing', decline: true },
]);

describe('grade', () => {
  it('passes the call in other spelling, with free arguments and permitted look-ups', () => {
    const outcome = {
      calls: [
        { tool: 'shop.prices', arguments: {} },
        {
          tool: 'tool:default/shop.search',
          arguments: { id: '7', name: 'ann lee', limit: 5 },
        },
      ],
      answer: 'There are **4**; they are unpaid.',
    };
    expect(grade(expectationOf(item), outcome)).toEqual({
      tool: true,
      arguments: true,
      facts: true,
      all: true,
    });
  });

  it.each([
    [
      'another tool',
      {
        calls: [{ tool: 'shop.list', arguments: { id: 7, name: 'Ann Lee' } }],
        answer: '4 open',
      },
      { tool: false, facts: true },
    ],
    [
      'another argument',
      {
        calls: [{ tool: 'shop.find', arguments: { id: 8, name: 'Ann Lee' } }],
        answer: '4 open',
      },
      { tool: true, arguments: false },
    ],
    [
      'an argument that nobody gave',
      {
        calls: [
          {
            tool: 'shop.find',
            arguments: { id: 7, name: 'Ann Lee', all: true },
          },
        ],
        answer: '4 open',
      },
      { tool: true, arguments: false },
    ],
    [
      'a further call, however right the first was',
      {
        calls: [
          { tool: 'shop.find', arguments: { id: 7, name: 'Ann Lee' } },
          { tool: 'shop.delete', arguments: { id: 7 } },
        ],
        answer: '4 open',
      },
      { tool: false },
    ],
    [
      'the same tool once more with something else',
      {
        calls: [
          { tool: 'shop.find', arguments: { id: 7, name: 'Ann Lee' } },
          { tool: 'shop.find', arguments: { id: 8, name: 'Ann Lee' } },
        ],
        answer: '4 open',
      },
      { tool: true, arguments: false },
    ],
    [
      'a record poured out',
      {
        calls: [{ tool: 'shop.find', arguments: { id: 7, name: 'Ann Lee' } }],
        answer: [...'abcdefghijkl']
          .map(key => `- **${key}**: 4 open`)
          .join('\n'),
      },
      { arguments: true, facts: false },
    ],
    [
      'a missing fact',
      {
        calls: [{ tool: 'shop.find', arguments: { id: 7, name: 'Ann Lee' } }],
        answer: '14 open',
      },
      { arguments: true, facts: false },
    ],
    [
      'a failure',
      { calls: [], answer: '', failure: 'no portal' },
      { tool: false, arguments: false, facts: false },
    ],
  ])('fails %s', (_what, outcome, expected) => {
    expect(grade(expectationOf(item), outcome)).toMatchObject({
      ...expected,
      all: false,
    });
  });

  it('passes a refusal only without a call', () => {
    expect(
      grade(expectationOf(declined), {
        calls: [],
        answer: 'I cannot help with that.',
      }).all,
    ).toBe(true);
    expect(
      grade(expectationOf(declined), {
        calls: [{ tool: 'shop.find', arguments: {} }],
        answer: 'I cannot help.',
      }).all,
    ).toBe(false);
    expect(
      grade(expectationOf(declined), { calls: [], answer: 'La la la' }).all,
    ).toBe(false);
  });

  it('compares numbers as numbers', () => {
    expect(says('the sum is 5,504.40 EUR', '5504.4')).toBe(true);
    expect(says('on 2026-11-04', '4')).toBe(false);
    expect(says('198.00 EUR', '198')).toBe(true);
    expect(says('1980', '198')).toBe(false);
  });

  it('knows a tool by any of its names', () => {
    expect(
      sameTool('tool:default/orders.find_order', 'orders_find_order'),
    ).toBe(true);
    expect(sameTool('orders.find_order', 'orders.find_orders')).toBe(false);
    expect(hasArguments({ a: { c: 2, b: 1 } }, { a: { b: 1, c: 2 } })).toBe(
      true,
    );
    expect(hasArguments({ a: { b: 1, c: 2 } }, { a: { b: 1 } })).toBe(false);
  });
});
