// Agents act for real here.
/* eslint-disable @backstage/no-mixed-plugin-imports */
import agentsPlugin from '@agentportal/plugin-agents-backend';
import { modelRefOf } from '@agentportal/plugin-agents-common';
import { delegationTokens } from '@agentportal/plugin-agents-node/testUtils';
import {
  type CreateEvaluationRequest,
  EvalsClient,
} from '@agentportal/plugin-evals-common';
import modelsPlugin from '@agentportal/plugin-models-backend';
import orchestrationPlugin from '@agentportal/plugin-orchestration-backend';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { setTimeout as sleep } from 'node:timers/promises';
import { evalsPlugin } from '../plugin';

jest.setTimeout(120_000);

const DANA = 'user:default/dana';
const DESK = 'agent:default/desk';
const STRANGER = 'user:default/stranger';

const desk: Entity = {
  apiVersion: 'agentportal.dev/v1alpha1',
  kind: 'Agent',
  metadata: { name: 'desk', title: 'Desk' },
  spec: {
    type: 'assistant',
    lifecycle: 'production',
    owner: 'group:default/care',
    autonomy: 'supervised',
    instructions: 'You are the desk. The shop opens at nine.',
    model: modelRefOf('builtin/extractive'),
  },
  relations: [{ type: 'ownedBy', targetRef: 'group:default/care' }],
};

async function startPortal() {
  const backend = await startTestBackend({
    features: [
      evalsPlugin,
      agentsPlugin,
      modelsPlugin,
      orchestrationPlugin,
      delegationTokens,
      catalogServiceMock.factory({ entities: [desk] }),
      mockServices.scheduler.factory(),
      mockServices.permissions.mock({
        authorize: async (requests, options) =>
          requests.map(() => ({
            result:
              nameOf(options) === STRANGER
                ? AuthorizeResult.DENY
                : AuthorizeResult.ALLOW,
          })),
        authorizeConditional: async (requests, options) =>
          requests.map(() => ({
            result:
              nameOf(options) === STRANGER
                ? AuthorizeResult.DENY
                : AuthorizeResult.ALLOW,
          })),
      }).factory,
      mockServices.rootConfig.factory({
        data: {
          backend: {
            database: { client: 'better-sqlite3', connection: ':memory:' },
          },
          evals: {
            gates: [{ atLeast: 0.2, confidence: 0.6, minimumCases: 2 }],
          },
        },
      }),
    ],
  });
  const url = `http://localhost:${backend.server.port()}/api/evals`;
  const as = (userRef: string) =>
    new EvalsClient({
      discoveryApi: { getBaseUrl: async () => url },
      fetchApi: {
        fetch: (input, init) => {
          const headers = new Headers(init?.headers);
          headers.set('authorization', mockCredentials.user.header(userRef));
          return fetch(input, { ...init, headers });
        },
      },
    });
  return { dana: as(DANA), stranger: as(STRANGER), stop: () => backend.stop() };
}

function nameOf(options: unknown): string {
  const { credentials } = options as {
    credentials: { principal: { userEntityRef?: string } };
  };
  return credentials.principal.userEntityRef ?? 'service';
}

describe('an evaluation', () => {
  let portal: Awaited<ReturnType<typeof startPortal>>;

  beforeAll(async () => {
    portal = await startPortal();
  });
  afterAll(() => portal?.stop());

  const completed = async (id: string) => {
    for (;;) {
      const evaluation = await portal.dana.getEvaluation(id);
      if (evaluation.status !== 'running') {
        return evaluation;
      }
      await sleep(100);
    }
  };

  it('asks each question in rehearsals, begins what it is compared with, and opens the gate', async () => {
    const { dana, stranger } = portal;
    const set = await dana.createDataSet({
      agentRef: DESK,
      title: 'Hours',
      cases: [
        {
          id: 'opens',
          ask: 'When do you open?',
          checks: [{ evaluator: 'call-count', atMost: 0 }],
        },
        {
          id: 'judged',
          ask: 'Hello?',
          checks: [{ evaluator: 'judge', value: 'It greets.' }],
        },
        {
          id: 'never',
          turns: ['Hello.', 'What is 7 times 6?'],
          facts: ['a word that nobody says'],
        },
        { id: 'same', ask: 'Hello!', checks: [{ evaluator: 'consistency' }] },
      ],
    });
    expect(set).toMatchObject({ version: 1, caseCount: 4, origin: 'portal' });
    await expect(stranger.getDataSet(set.id)).rejects.toMatchObject({
      cause: { message: expect.stringContaining('evals.evaluation.read') },
    });

    const candidate = await dana.createEvaluation({
      dataSetId: set.id,
      candidate: { instructions: 'You are the desk. Be brief.' },
      trials: 2,
    } as CreateEvaluationRequest);
    expect(candidate).toMatchObject({ status: 'running', withoutJudge: 1 });
    const [after, before] = [
      await completed(candidate.id),
      await completed(candidate.baselineId!),
    ];
    expect(after).toMatchObject({
      status: 'completed',
      createdBy: DANA,
      counts: { cases: 4, passed: 2, failed: 1, incomplete: 1, waiting: 0 },
    });
    expect(before.counts).toEqual(after.counts);
    expect(before.subjectDigest).not.toBe(after.subjectDigest);
    expect(after.costNanoUsd).toBeGreaterThanOrEqual(0);

    const { items } = await dana.listResults(after.id);
    expect(items.map(({ caseId, outcome }) => [caseId, outcome])).toEqual([
      ['opens', 'passed'],
      ['judged', 'incomplete'],
      ['never', 'failed'],
      ['same', 'passed'],
    ]);
    expect(items[1].trials[0].checks).toContainEqual({
      evaluator: 'judge',
      outcome: 'incomplete',
      reason: expect.stringContaining('evals.judge.model'),
    });
    expect(items[2].trials).toHaveLength(2);

    const comparison = await dana.compareEvaluations(after.id, before.id);
    expect(comparison.cases).toEqual({
      paired: 3,
      worse: 0,
      better: 0,
      same: 3,
      unpaired: 1,
    });
    expect(comparison.verdict.decision).toBe('undecided');
    const compared = await dana.listComparedCases(after.id, {
      baselineId: before.id,
      limit: 2,
    });
    expect(compared.items.map(({ caseId }) => caseId)).toEqual([
      'opens',
      'never',
    ]);

    const gate = await dana.getGate({ agentRef: DESK });
    expect(gate).toMatchObject({ required: true, passed: true, reasons: [] });
    await dana.addCase(set.id, { id: 'more', ask: 'Hm?', facts: ['x'] });
    expect(await dana.getGate({ agentRef: DESK })).toMatchObject({
      passed: false,
      reasons: [expect.stringContaining('has version 2 by now')],
    });
    expect((await dana.listCases(set.id, { version: 1 })).items).toHaveLength(
      4,
    );
  });
});
