// An experiment with the plugins that it works with, which are real here.
/* eslint-disable @backstage/no-mixed-plugin-imports */
import agentsPlugin from '@agentportal/plugin-agents-backend';
import { delegationTokens } from '@agentportal/plugin-agents-node/testUtils';
import { EvalsClient } from '@agentportal/plugin-evals-common';
import modelsPlugin from '@agentportal/plugin-models-backend';
import orchestrationPlugin from '@agentportal/plugin-orchestration-backend';
import {
  candidateRunPermission,
  FINAL_RUN_STATUSES,
  OrchestrationClient,
} from '@agentportal/plugin-orchestration-common';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  AuthorizeResult,
  type Permission,
} from '@backstage/plugin-permission-common';
import { setTimeout as sleep } from 'node:timers/promises';
import { evalsPlugin } from '../plugin';

jest.setTimeout(120_000);

const DANA = 'user:default/dana';
/** Manages evaluations, and may not change agents. */
const JUDGE = 'user:default/judge';
const STRANGER = 'user:default/stranger';
const CANDIDATE = { instructions: 'You are the desk. Be brief.' };
const START = {
  agentRef: 'agent:default/desk',
  title: 'Shorter answers',
  candidate: CANDIDATE,
  ramp: false,
  smallestDifference: 0.05,
  metric: 'failures' as const,
};

function agent(name: string, spec: object = {}): Entity {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Agent',
    metadata: { name },
    spec: {
      type: 'assistant',
      lifecycle: 'production',
      owner: 'group:default/care',
      sponsor: 'user:default/sam',
      autonomy: 'supervised',
      instructions: `You are the ${name}.`,
      ...spec,
    },
    relations: [{ type: 'ownedBy', targetRef: 'group:default/care' }],
  };
}

const may = (permission: Permission, options: unknown) => {
  const { credentials } = options as {
    credentials: { principal: { userEntityRef?: string } };
  };
  const who = credentials.principal.userEntityRef;
  const isDenied =
    (who === STRANGER && permission.name.startsWith('evals.')) ||
    (who === JUDGE && permission.name === candidateRunPermission.name);
  return { result: isDenied ? AuthorizeResult.DENY : AuthorizeResult.ALLOW };
};

async function startPortal() {
  const scheduler = mockServices.scheduler();
  const backend = await startTestBackend({
    features: [
      evalsPlugin,
      agentsPlugin,
      modelsPlugin,
      orchestrationPlugin,
      delegationTokens,
      catalogServiceMock.factory({
        entities: [
          agent('desk'),
          agent('gated'),
          agent('plan', { type: 'workflow' }),
        ],
      }),
      createServiceFactory({
        service: coreServices.scheduler,
        deps: {},
        factory: () => scheduler,
      }),
      mockServices.permissions.mock({
        authorize: async (requests, options) =>
          requests.map(({ permission }) => may(permission, options)) as never,
        authorizeConditional: async (requests, options) =>
          requests.map(({ permission }) => may(permission, options)) as never,
      }).factory,
      mockServices.rootConfig.factory({
        data: {
          backend: {
            database: { client: 'better-sqlite3', connection: ':memory:' },
          },
          evals: {
            gates: [
              { for: { agentRef: ['agent:default/gated'] }, atLeast: 0.9 },
            ],
          },
        },
      }),
    ],
  });
  const fetchAs = (who: string) => ({
    fetch: ((input, init) => {
      const headers = new Headers(init?.headers);
      headers.set('authorization', mockCredentials.user.header(who));
      return fetch(input, { ...init, headers });
    }) as typeof fetch,
  });
  const discoveryApi = {
    getBaseUrl: async (id: string) =>
      `http://localhost:${backend.server.port()}/api/${id}`,
  };
  return {
    evals: (who: string) =>
      new EvalsClient({ discoveryApi, fetchApi: fetchAs(who) }),
    /** Asks an agent, and waits for the run to end. */
    ask: async (who: string, agentRef = START.agentRef) => {
      const runs = new OrchestrationClient({
        discoveryApi,
        fetchApi: fetchAs(who),
      });
      const { id } = await runs.createRun({
        agentRef,
        input: { message: 'When do you open?' },
      });
      for (;;) {
        const run = await runs.getRun(id);
        if (FINAL_RUN_STATUSES.includes(run.status)) {
          return run;
        }
        await sleep(20);
      }
    },
    scheduler,
    stop: () => backend.stop(),
  };
}

it('gives a candidate to some people, counts what becomes of it, and takes it away', async () => {
  const portal = await startPortal();
  const dana = portal.evals(DANA);
  const started = await dana.startExperiment({ ...START });
  expect(started).toMatchObject({
    status: 'running',
    share: 0.5,
    metric: 'failures',
    guards: ['feedback', 'latency', 'cost'],
    startedBy: DANA,
    verdict: { decision: 'undecided' },
  });
  await expect(dana.startExperiment({ ...START })).rejects.toThrow(/409/);

  const arms = new Map<string, string | undefined>();
  for (let i = 0; i < 8; i++) {
    const who = `user:default/p${i}`;
    const { candidate, experiment } = await portal.ask(who);
    expect(experiment?.id).toBe(started.id);
    expect(candidate !== undefined).toBe(experiment?.arm === 'candidate');
    arms.set(who, experiment?.arm);
  }
  const again = await portal.ask('user:default/p0');
  expect(again.experiment?.arm).toBe(arms.get('user:default/p0'));

  await portal.scheduler.triggerTask('look-at-experiments');
  await portal.scheduler.triggerTask('look-at-experiments');
  const counted = await dana.getExperiment(started.id);
  const [inForce, candidate] = counted.arms;
  expect(inForce.people + candidate.people).toBe(8);
  expect(inForce.runs + candidate.runs).toBe(9);
  expect(candidate.people).toBe(
    [...arms.values()].filter(arm => arm === 'candidate').length,
  );
  expect(counted.verdict.sentence).toContain('It takes 30 people');
  expect(counted.log).toHaveLength(1);

  const stopped = await dana.stopExperiment(started.id, { reason: 'Enough.' });
  expect(stopped).toMatchObject({ status: 'stopped' });
  expect(stopped.log.at(-1)).toMatchObject({
    what: 'Stopped: Enough.',
    by: DANA,
  });
  const deadline = Date.now() + 10_000;
  while ((await portal.ask('user:default/p0')).experiment) {
    expect(Date.now()).toBeLessThan(deadline);
    await sleep(100);
  }

  const refused = async (
    who: string,
    more: Partial<Parameters<EvalsClient['startExperiment']>[0]>,
  ) => {
    const error = await portal
      .evals(who)
      .startExperiment({ ...START, ...more })
      .then(
        () => new Error('It was started'),
        cause => cause,
      );
    return error.cause?.message ?? error.message;
  };
  expect(await refused(DANA, { agentRef: 'agent:default/gated' })).toContain(
    'has a gate',
  );
  expect(await refused(DANA, { agentRef: 'agent:default/plan' })).toContain(
    'no instructions and no model',
  );
  expect(await refused(DANA, { agentRef: 'agent:default/none' })).toContain(
    'There is no agent',
  );
  expect(
    await refused(DANA, { candidate: { model: 'model:default/none' } }),
  ).toContain('The catalog has no model');
  expect(await refused(DANA, { candidate: {} })).toContain(
    'The candidate is the version in force',
  );
  expect(await refused(DANA, { share: 1 })).toContain('nobody to compare');
  expect(await refused(JUDGE, {})).toContain('orchestration.candidate.run');
  expect(await refused(STRANGER, {})).toContain('evals.evaluation.manage');

  const stranger = portal.evals(STRANGER);
  await expect(stranger.getExperiment(started.id)).rejects.toThrow(/404/);
  expect((await stranger.listExperiments()).items).toEqual([]);
  await expect(dana.listRunningExperiments()).rejects.toThrow(/403/);
  expect(
    (await dana.listExperiments({ agentRef: START.agentRef })).items,
  ).toMatchObject([{ id: started.id, status: 'stopped' }]);
  await portal.stop();
});
