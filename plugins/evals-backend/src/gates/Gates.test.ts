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
    const evaluated = (id: string, more: Partial<EvaluationRow>) =>
      evaluations.create([
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
          questions: [],
        },
      ]);
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
});
