import type { Case } from './dataset';
import { createGrader, fits, type Reply } from './grade';
import { asksFor, claims, states } from './text';

const tools: Case['tools'] = [
  {
    name: 'list_boats',
    inputSchema: {
      type: 'object',
      properties: {
        pier: { type: 'string', enum: ['a', 'b'], default: undefined },
        from: { type: 'string', format: 'date', default: undefined },
        limit: { type: 'integer', default: 20 },
      },
    },
  },
  {
    name: 'rent_boat',
    inputSchema: {
      type: 'object',
      properties: {
        boat: { type: 'string', default: undefined },
        hours: { type: 'integer', default: undefined },
      },
      required: ['boat', 'hours'],
    },
  },
];

function caseOf(expected: Partial<Case>): Case {
  return {
    id: 'boats',
    kind: 'call',
    lang: 'en',
    today: '2026-03-11',
    half: 'dev',
    trade: 'boats',
    system: '',
    tools,
    messages: [{ user: 'Which boats are there?' }],
    calls: [],
    anyOrder: false,
    permitted: [],
    facts: [],
    not: [],
    ...expected,
  };
}

const text = (words: string): Reply => ({ text: words, calls: [] });
const call = (...made: [string, unknown][]): Reply => ({
  text: '',
  calls: made.map(([name, args], index) => ({
    id: `c${index}`,
    name,
    arguments: JSON.stringify(args),
  })),
});
const grade = (expected: Partial<Case>, ...replies: Reply[]) => {
  const next = createGrader(caseOf(expected));
  return replies.map(next).at(-1)!;
};

describe('a case that wants a call', () => {
  const expected = {
    calls: [
      {
        tool: 'list_boats',
        arguments: { pier: 'a', from: { anyOf: ['2026-03-09', '2026-03-08'] } },
        may: {},
        result: undefined,
      },
    ],
  };

  it.each([
    ['the call', { pier: 'a', from: '2026-03-09' }],
    ['another right day', { pier: 'a', from: '2026-03-08' }],
    ['what is assumed anyway', { pier: 'a', from: '2026-03-09', limit: 20 }],
  ])('takes %s', (_, args) => {
    expect(grade(expected, call(['list_boats', args]))).toEqual({
      state: 'right',
    });
  });

  it.each([
    ['another value', { pier: 'b', from: '2026-03-09' }],
    ['a missing argument', { pier: 'a' }],
    [
      'an argument nobody asked for',
      { pier: 'a', from: '2026-03-09', limit: 5 },
    ],
    ['an unknown argument', { pier: 'a', from: '2026-03-09', colour: 'red' }],
    ['a value outside the schema', { pier: 'A', from: '2026-03-09' }],
  ])('refuses %s', (_, args) => {
    expect(grade(expected, call(['list_boats', args]))).toMatchObject({
      state: 'wrong',
      wrongCall: false,
    });
  });

  it('refuses another tool, a further call and an answer without a call', () => {
    expect(
      grade(expected, call(['rent_boat', { boat: 'x', hours: 1 }])),
    ).toMatchObject({ state: 'wrong', wrongCall: true });
    expect(
      grade(
        expected,
        call(
          ['list_boats', { pier: 'a', from: '2026-03-09' }],
          ['rent_boat', { boat: 'x', hours: 1 }],
        ),
      ),
    ).toMatchObject({ state: 'wrong', wrongCall: true });
    expect(
      grade(
        expected,
        call(
          ['list_boats', { pier: 'a', from: '2026-03-09' }],
          ['list_boats', { pier: 'b' }],
        ),
      ),
    ).toMatchObject({ state: 'wrong', wrongCall: true });
    expect(grade(expected, text('There are three boats.'))).toMatchObject({
      state: 'wrong',
      wrongCall: false,
    });
  });

  it('refuses arguments that are no JSON', () => {
    expect(
      grade(expected, {
        text: '',
        calls: [{ id: '1', name: 'list_boats', arguments: '{"pier":' }],
      }),
    ).toMatchObject({ state: 'wrong', wrongCall: false });
  });
});

describe('a case of two steps', () => {
  const expected: Partial<Case> = {
    kind: 'chain',
    calls: [
      {
        tool: 'list_boats',
        arguments: {},
        may: {},
        result: [{ boat: 'Elsa' }],
      },
      {
        tool: 'rent_boat',
        arguments: { boat: 'Elsa', hours: 2 },
        may: {},
        result: 'ok',
      },
    ],
    facts: ['Elsa'],
  };
  const list = call(['list_boats', {}]);
  const rent = call(['rent_boat', { boat: 'Elsa', hours: 2 }]);

  it('is right with both and a true answer', () => {
    expect(grade(expected, list)).toEqual({
      state: 'continue',
      results: [{ id: 'c0', result: [{ boat: 'Elsa' }] }],
    });
    expect(grade(expected, list, rent, text('Elsa is yours.'))).toEqual({
      state: 'right',
    });
  });

  it('is wrong when it stops early, starts late or goes on', () => {
    expect(grade(expected, list, text('Here is Elsa.')).state).toBe('wrong');
    expect(grade(expected, rent).state).toBe('wrong');
    expect(grade(expected, list, rent, rent)).toMatchObject({
      state: 'wrong',
      wrongCall: true,
    });
  });

  it('lets a permitted call pass', () => {
    expect(
      grade(
        {
          calls: [expected.calls![1]],
          permitted: [
            { tool: 'list_boats', arguments: { pier: 'a' }, result: [] },
          ],
          facts: ['Elsa'],
        },
        call(['list_boats', { pier: 'a' }]),
        rent,
        text('Elsa it is'),
      ),
    ).toEqual({ state: 'right' });
  });
});

describe('a case that wants a question', () => {
  const expected: Partial<Case> = {
    kind: 'ask',
    ask: { hours: ['how long', 'hours'] },
  };
  it.each([
    'For how long do you want Elsa?',
    'Please tell me the number of hours.',
    'I still need to know: hours.',
  ])('takes "%s"', words => {
    expect(grade(expected, text(words))).toEqual({ state: 'right' });
  });
  it.each([
    'Which boat?',
    'I cannot do that.',
    'Elsa is rented for 2 hours.',
    '',
  ])('refuses "%s"', words => {
    expect(grade(expected, text(words)).state).toBe('wrong');
  });
  it('refuses a call', () => {
    expect(
      grade(expected, call(['rent_boat', { boat: 'Elsa', hours: 1 }])),
    ).toMatchObject({ wrongCall: true });
  });
});

describe('a case that must be declined', () => {
  const expected: Partial<Case> = { kind: 'decline', decline: ['cancelled'] };
  it.each([
    'Sorry, I cannot do that.',
    'None of my tools cancels a boat; it has not been cancelled.',
    'I found no way to do it. Shall I list the boats?',
    'Should it be cancelled by phone?',
  ])('takes "%s"', words => {
    expect(grade(expected, text(words))).toEqual({ state: 'right' });
  });
  it.each([
    'Your boat is cancelled.',
    'I have cancelled it. Anything else?',
    ' ',
  ])('refuses "%s"', words => {
    expect(grade(expected, text(words)).state).toBe('wrong');
  });
  it('refuses a call', () => {
    expect(grade(expected, call(['list_boats', {}]))).toMatchObject({
      wrongCall: true,
    });
  });
});

describe('a case that wants facts', () => {
  const expected: Partial<Case> = {
    kind: 'answer',
    facts: ['3'],
    not: ['Olga'],
  };
  it('takes the fact in words or figures and nothing beside it', () => {
    expect(grade(expected, text('There are three.')).state).toBe('right');
    expect(grade(expected, text('**3** boats')).state).toBe('right');
    expect(grade(expected, text('13 boats')).state).toBe('wrong');
    expect(grade(expected, text('3 boats: Elsa, Olga, Ida')).state).toBe(
      'wrong',
    );
    expect(grade(expected, call(['list_boats', {}]))).toMatchObject({
      wrongCall: true,
    });
  });
});

it.each([
  ['1,250.50 in total', '1250.5', true],
  ['zusammen 1.250,50', '1250.5', true],
  ['It is 2.5.', '2.5', true],
  ['It is 12.5', '2.5', false],
  ['Version 2.5.1', '2.5', false],
  ['42.0 hectares', '42', true],
  ['共 3 个', '3', true],
  ['一共三个', '3', true],
  ['due on April 21st', '2026-04-21', true],
  ['am 21. April', '2026-04-21', true],
  ['4月21日到期', '2026-04-21', true],
  ['north of it', 'no', false],
  ['No, it is not.', 'no', true],
])('"%s" states %s: %s', (words, fact, right) => {
  expect(states(words, fact)).toBe(right);
});

it('claims are statements, in any language of the cases', () => {
  expect(claims('Die Buchung wurde storniert.', ['storniert'])).toBe(true);
  expect(claims('Die Buchung wurde nicht storniert.', ['storniert'])).toBe(
    false,
  );
  expect(claims('已取消您的预订。', ['已取消'])).toBe(true);
  expect(claims('我无法取消您的预订。', ['取消'])).toBe(false);
});

it('questions name what is missing in the language of the case', () => {
  expect(asksFor('Wie viele Stunden?', ['stunden'])).toBe(true);
  expect(asksFor('请告诉我日期', ['日期'])).toBe(true);
  expect(asksFor('Die Stunden sind gebucht.', ['stunden'])).toBe(false);
});

it.each([
  ['2026-03-11', '2026-03-11T00:00:00Z', true],
  ['2026-03-11', '2026-03-11T23:59:59', true],
  ['2026-03-11T06:00', '2026-03-11 06:00:00', true],
  ['2026-03-11T06:00', '2026-03-11', false],
  ['09:00', '09:00:00', true],
  ['Atrium', 'the atrium', true],
  ['5', 5, false],
  [['a', 'b'], ['b', 'a'], true],
  [['a', 'b'], ['a'], false],
  [{ has: ['pipe', ['cellar', 'basement']] }, 'Burst pipe in basement', true],
  [{ has: ['pipe'], most: 3 }, 'a burst pipe flooded it', false],
  [{ size: { w: 1 } }, { size: { w: 1 } }, true],
  [{ size: { w: 1 } }, { size: { w: 1, h: 2 } }, false],
])('%j fits %j: %s', (right, given, is) => {
  expect(fits(right, given)).toBe(is);
});
