import type { EvalCase, Evaluator } from '@agentportal/plugin-evals-common';
import type { Attempt } from './Attempt';
import { judgeAttempt } from './judgeAttempt';
import { judgeConsistency } from './judgeConsistency';

const attempt = (values: Partial<Attempt>): Attempt => ({
  answer: '',
  calls: [],
  asked: 'How many?',
  returned: [],
  latencyMs: 900,
  costNanoUsd: 500,
  ...values,
});

async function outcomes(
  check: NonNullable<EvalCase['checks']>[number],
  ...attempts: Array<Partial<Attempt>>
) {
  const said = [];
  for (const each of attempts) {
    const [result] = await judgeAttempt(
      { id: 'x', ask: 'How many?', checks: [check] },
      attempt(each),
    );
    said.push(result.outcome);
  }
  return said;
}

const calls = (...tools: string[]) => ({
  calls: tools.map(tool => ({ tool, arguments: {} })),
});

describe('an evaluator', () => {
  const table: Array<
    [
      Evaluator,
      Omit<NonNullable<EvalCase['checks']>[number], 'evaluator'>,
      Partial<Attempt>,
      Partial<Attempt>,
    ]
  > = [
    ['equals', { value: 'Four.' }, { answer: '**four.**' }, { answer: '4' }],
    [
      'contains',
      { value: ['4', 'open'] },
      { answer: '4 open' },
      { answer: '14 open' },
    ],
    ['excludes', { value: 'sorry' }, { answer: '4' }, { answer: 'Sorry, 4' }],
    ['matches', { value: '^NH-\\d+$' }, { answer: 'NH-1' }, { answer: 'x' }],
    [
      'number',
      { value: 3.3, tolerance: 0.1 },
      { answer: 'it is 3.4' },
      { answer: 'it is 3.5' },
    ],
    [
      'similar',
      { value: 'the parcel is late' },
      { answer: 'The parcel is very late' },
      { answer: 'no idea' },
    ],
    [
      'json-schema',
      { value: { type: 'object', required: ['a'] } },
      { answer: '```json\n{"a":1}\n```' },
      { answer: '{"b":1}' },
    ],
    [
      'grounded',
      {},
      {
        answer: 'It costs 23.50, "almost new".',
        returned: ['{"price": "23.5", "note": "Almost new"}'],
      },
      { answer: 'It costs 24.', returned: ['23.5'] },
    ],
    [
      'calls-in-order',
      { value: ['a.x', 'a.y'] },
      calls('a.x', 'b', 'a_y'),
      calls('a.y', 'a.x'),
    ],
    ['calls-exactly', { value: ['a.x'] }, calls('a.x'), calls('a.x', 'a.x')],
    ['forbidden-call', { value: 'a.delete' }, calls('a.x'), calls('a.delete')],
    ['call-count', { atMost: 1 }, calls('a'), calls('a', 'b')],
    ['latency', { atMost: 900 }, {}, { latencyMs: 901 }],
    ['cost', { atMost: 500 }, {}, { costNanoUsd: 501 }],
    [
      'guard',
      {},
      { answer: 'All is well.' },
      { answer: 'Use ghp_0123456789abcdefghijABCDEFGHIJ012345' },
    ],
    [
      'language',
      { value: 'de' },
      { answer: 'Das Paket ist nicht da und wir wissen nicht warum.' },
      { answer: 'The parcel is not there and it was not sent to you.' },
    ],
  ];

  it.each(table)(
    '%s passes and fails',
    async (evaluator, check, right, wrong) => {
      expect(await outcomes({ evaluator, ...check }, right, wrong)).toEqual([
        'passed',
        'failed',
      ]);
    },
  );

  it('says nothing where it cannot know', async () => {
    expect(
      await outcomes({ evaluator: 'language', value: 'de' }, { answer: 'OK' }),
    ).toEqual(['incomplete']);
    expect(
      await outcomes({ evaluator: 'matches', value: '(?=x)' }, { answer: 'x' }),
    ).toEqual(['incomplete']);
    expect(judgeConsistency(['a'])).toMatchObject({ outcome: 'incomplete' });
    expect(judgeConsistency(['nine', 'nine.'])).toMatchObject({
      outcome: 'passed',
      score: 1,
    });
  });

  it('is not misled by a pattern or an answer that takes others for ever', async () => {
    const begun = performance.now();
    await outcomes(
      { evaluator: 'matches', value: '^(a+)+$' },
      { answer: `${'a'.repeat(30_000)}!` },
    );
    await outcomes(
      { evaluator: 'grounded' },
      { answer: '"'.repeat(30_000) },
      { answer: '\n'.repeat(30_000) },
    );
    expect(performance.now() - begun).toBeLessThan(2_000);
  });

  it('holds expectations and checks both', async () => {
    const results = await judgeAttempt(
      {
        id: 'x',
        ask: 'x',
        tool: 'a.x',
        arguments: { id: 1 },
        facts: ['4'],
        checks: [{ evaluator: 'latency', atMost: 1 }],
      },
      attempt({
        answer: '4',
        calls: [{ tool: 'a.x', arguments: { id: 2 } }],
      }),
    );
    expect(
      results.map(({ evaluator, outcome }) => [evaluator, outcome]),
    ).toEqual([
      ['tools', 'passed'],
      ['arguments', 'failed'],
      ['facts', 'passed'],
      ['latency', 'failed'],
    ]);
  });
});
