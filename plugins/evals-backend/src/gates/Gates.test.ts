import { InputError } from '@backstage/errors';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { databases, openStore } from '../__testUtils__/openStore';
import { DataSetStore } from '../dataSets/DataSetStore';
import { EvaluationStore } from '../evaluations/EvaluationStore';
import type { EvaluationRow } from '../evaluations/rows';
import { type SaidAgent, subjectDigest } from '../evaluations/Subjects';
import { EvalsAccess } from '../permissions/EvalsAccess';
import { Gates } from './Gates';

jest.setTimeout(60_000);

const DESK = 'agent:default/desk';
const DANA = mockCredentials.user('user:default/dana');
const CASES = ['a', 'b'].map(id => ({ id, ask: `${id}?`, facts: ['x'] }));

describe.each(databases.eachSupportedId())('gates on %s', databaseId => {
  async function open() {
    const knex = await openStore(databaseId);
    const dataSets = new DataSetStore(knex);
    const evaluations = new EvaluationStore(knex);
    const agent = {
      ref: DESK,
      instructions: 'Be brief.',
      model: 'model:default/small',
    } as SaidAgent;
    const gates = new Gates({
      access: new EvalsAccess({
        permissions: mockServices.permissions.mock({
          authorize: async requests =>
            requests.map(() => ({ result: AuthorizeResult.ALLOW })),
        }),
      }),
      dataSets,
      evaluations,
      rules: [],
      subjects: {
        said: async () => agent,
        inForce: async () => 'file',
      } as never,
      tiers: {
        of: async () => {
          throw new InputError('No rule asks for it.');
        },
      },
    });
    const evaluated = async (id: string, more: Partial<EvaluationRow>) => {
      const { cases = 2, passed = 2, failed = 0 } = more;
      const outcomes = Array.from(
        { length: cases },
        (_, i) =>
          (i < passed && 'passed') ||
          (i < passed + failed && 'failed') ||
          'incomplete',
      );
      await evaluations.create([
        {
          row: {
            ...{ id, agent_ref: DESK, data_set_title: '', label: '' },
            ...{ data_set_id: '', data_set_version: 1, baseline_id: null },
            ...{ candidate: null, reason: null, trials: 1, cases: 2 },
            ...{ passed: 2, failed: 0, incomplete: 0, waiting: 0 },
            ...{ without_judge: 0, latency_p50: null, latency_p95: null },
            ...{ cost_nano_usd: null, evaluators: '[]', created_by: 'x' },
            ...{ created_at: Date.now(), completed_at: Date.now() },
            ...{ status: 'completed', subject_digest: '' },
            ...more,
          },
          questions: outcomes.map((_, position) => ({
            case_id: `case-${position}`,
            ...{ position, trial: 1, case_digest: 'x', ask: 'x' },
          })),
        },
      ]);
      for (const [position, outcome] of outcomes.entries()) {
        await knex('evals_results')
          .where({ evaluation_id: id, position })
          .update({ outcome });
      }
    };
    const file = await dataSets.create({
      agent_ref: DESK,
      entity_ref: 'resource:default/questions',
      title: 'Questions',
    });
    await dataSets.write(file, () => CASES);
    await dataSets.describe(file, {
      gate: JSON.stringify({ atLeast: 0.2, confidence: 0.6, minimumCases: 2 }),
    });
    return { agent, dataSets, evaluated, file, gates, knex };
  }

  it('ask what a file asks, however many data sets people make in the portal', async () => {
    const { dataSets, gates } = await open();
    for (let i = 0; i < 101; i += 1) {
      await dataSets.create({ agent_ref: DESK, title: `Empty ${i}` });
    }
    expect(await gates.get(DANA, DESK)).toMatchObject({
      required: true,
      passed: false,
      reasons: [expect.stringContaining('"Questions"')],
    });
  });

  it('are not passed by a candidate whose other half has changed since', async () => {
    const { agent, evaluated, file, gates } = await open();
    const candidate = { instructions: 'Be kind.' };
    await evaluated('kind', {
      data_set_id: file,
      candidate: JSON.stringify(candidate),
      subject_digest: subjectDigest(agent, candidate, 'file'),
    });
    expect(await gates.get(DANA, DESK, 'kind')).toMatchObject({ passed: true });
    agent.model = 'model:default/tiny';
    expect(await gates.get(DANA, DESK, 'kind')).toMatchObject({
      passed: false,
      reasons: [expect.stringContaining('has changed since')],
    });
  });

  it('count what came to nothing as not right', async () => {
    const { agent, evaluated, file, gates } = await open();
    await evaluated('away', {
      ...{ data_set_id: file, cases: 10, passed: 1, incomplete: 9 },
      subject_digest: subjectDigest(agent, undefined, 'file'),
    });
    expect(await gates.get(DANA, DESK)).toMatchObject({
      passed: false,
      reasons: [expect.stringContaining('1 of 10 were right')],
    });
  });

  it('are not passed by evaluating until it goes well, nor by easy cases beside hard ones', async () => {
    const { agent, dataSets, evaluated, file, gates } = await open();
    const subject = subjectDigest(agent, undefined, 'file');
    // Nor by what changes nothing that a model is told.
    const instructions = `${agent.instructions} Be kind.`;
    const laidOut = instructions.replaceAll(' ', ' \n\t');
    expect(
      subjectDigest({ ...agent, instructions: laidOut }, undefined, 'file'),
    ).toBe(subjectDigest({ ...agent, instructions }, undefined, 'file'));
    expect(
      subjectDigest({ ...agent, instructions }, undefined, 'file'),
    ).not.toBe(subject);
    const some = (passed: number, failed: number) => ({
      ...{ data_set_id: file, data_set_title: 'Questions' },
      ...{ cases: 20, passed, failed, subject_digest: subject },
    });
    await dataSets.describe(file, {
      gate: JSON.stringify({ atLeast: 0.7, confidence: 0.6, minimumCases: 2 }),
    });
    await evaluated('bad', { ...some(8, 12), created_at: Date.now() - 9_000 });
    await evaluated('lucky', some(18, 2));
    expect(await gates.get(DANA, DESK)).toMatchObject({
      passed: false,
      reasons: [expect.stringMatching(/^13 of 20 .* all of up to 2 evalua/)],
      dataSets: [{ title: 'Questions', cases: 20, right: 13, evaluations: 2 }],
    });

    const easy = await dataSets.create({
      agent_ref: DESK,
      entity_ref: 'resource:default/easy',
      title: 'Easy',
    });
    await dataSets.write(easy, () => CASES);
    await evaluated('easy', {
      ...{ data_set_id: easy, data_set_title: 'Easy', cases: 200 },
      ...{ passed: 200, subject_digest: subject },
    });
    expect(await gates.get(DANA, DESK)).toMatchObject({
      passed: false,
      reasons: [expect.stringContaining('Of "Questions" 13 of 20 were right')],
    });
  });
});
