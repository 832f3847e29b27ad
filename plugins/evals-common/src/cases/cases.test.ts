import { checkCases, readCases } from './readCases';
import { problemsOf } from './problemsOf';

describe('cases', () => {
  it('are the same in YAML, JSON lines and CSV', () => {
    const expected = [
      {
        id: 'a',
        ask: 'How many, "roughly"?',
        tool: 'shop.count',
        arguments: { of: 'shoes' },
        facts: ['4', ['open', 'unpaid']],
      },
      { id: 'b', ask: 'Sing', decline: true },
    ];
    const csv = [
      'id,ask,tool,arguments,facts,decline',
      'a,"How many, ""roughly""?",shop.count,"{""of"":""shoes""}",4|open / unpaid,',
      '',
      'b,Sing,,,,yes',
    ].join('\r\n');
    expect(readCases(csv, 'csv')).toEqual(expected);
    expect(
      readCases(expected.map(each => JSON.stringify(each)).join('\n'), 'jsonl'),
    ).toEqual(expected);
    expect(readCases(JSON.stringify({ cases: expected }), 'yaml')).toEqual(
      expected,
    );
  });

  it.each([
    [[{ id: 'a', ask: 'x' }], /Case 1 \("a"\): say what a right answer has/],
    [
      [{ id: 'a', ask: 'x', tool: 'a', decline: true }],
      /only one of "tool", "calls"/,
    ],
    [
      [
        {
          ...{ id: 'a', ask: 'x', tool: 't' },
          answers: Array.from({ length: 3 }, () => ({
            tool: 't',
            returns: '€'.repeat(4_000),
          })),
        },
      ],
      /"answers" may have 32768 bytes in all/,
    ],
    [[{ id: 'A b', ask: 'x', decline: true }], /Case 1 \("A b"\): id:/],
    [
      [{ id: 'a', ask: 'x', checks: [{ evaluator: 'number', value: 'x' }] }],
      /checks\.0\.value: is not what "number" takes/,
    ],
    [
      [{ id: 'a', ask: 'x', checks: [{ evaluator: 'latency' }] }],
      /checks\.0\.atMost: "latency" needs it/,
    ],
    [
      [
        { id: 'a', ask: 'x', decline: true },
        { id: 'a', ask: 'y', decline: true },
      ],
      /Two cases have the id "a"/,
    ],
    [{ a: 1 }, /list of cases/],
  ])('%j are refused with their place', (cases, message) => {
    expect(() => checkCases(cases)).toThrow(message);
  });

  it.each([
    ['yaml', '- &a {id: a, ask: x, tool: t, arguments: {a: *a}}'],
    [
      'jsonl',
      `{"id":"a","ask":"x","tool":"t","arguments":{"a":${'['.repeat(
        20_000,
      )}${']'.repeat(20_000)}}}`,
    ],
  ] as const)(
    'that hold themselves, or no end, are refused (%s)',
    (format, text) => {
      expect(() => readCases(text, format)).toThrow(/Case 1 \("a"\): .*nested/);
    },
  );

  it('are not made into more than fits by aliases', () => {
    const text = [
      `- { id: a, ask: x, tool: t, arguments: &big { text: ${'x'.repeat(
        100_000,
      )} } }`,
      ...Array.from(
        { length: 60 },
        (_, i) => `- { id: b${i}, ask: x, tool: t, arguments: *big }`,
      ),
    ].join('\n');
    expect(() => readCases(text, 'yaml')).toThrow(/have more than 4000000/);
  });

  it('that ask the same and expect something else are told', () => {
    const cases = checkCases([
      { id: 'a', ask: 'How many?', facts: ['4'] },
      { id: 'b', ask: ' how  many', facts: ['5'] },
      { id: 'c', ask: 'How MANY?', facts: ['4'] },
    ]);
    expect(
      problemsOf(cases).map(({ caseId, message }) => [caseId, message]),
    ).toEqual([
      ['b', expect.stringContaining('one of the two is always wrong')],
      ['c', expect.stringContaining('so it counts twice')],
    ]);
  });
});
