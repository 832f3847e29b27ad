import type { RunningExperimentList } from '@agentportal/plugin-evals-common';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import express from 'express';
import { startPortal, until, untilEnded } from '../__testUtils__/portal';
import { assign } from './assign';
import { RunningExperiments } from './RunningExperiments';

jest.setTimeout(60_000);

const EXPERIMENT = {
  id: '5e7d2a54-6a0e-4f6e-9a3b-2f6f6f3f0d11',
  agentRef: 'agent:default/desk',
  share: 0.5,
  step: 0,
  candidate: { instructions: 'Be short.', model: 'model:default/small' },
};
const people = Array.from({ length: 20 }, (_, i) => `user:default/p${i}`);
const inArm = (arm: string) =>
  people.find(who => assign(EXPERIMENT, who).arm === arm)!;

/** What the evals plugin tells the orchestration plugin, and nobody else. */
function evals(answer: () => RunningExperimentList | undefined) {
  return createBackendPlugin({
    pluginId: 'evals',
    register(env) {
      env.registerInit({
        deps: { http: coreServices.httpRouter, auth: coreServices.httpAuth },
        async init({ http, auth }) {
          const router = express.Router();
          router.get('/running-experiments', (request, response, next) => {
            auth
              .credentials(request, { allow: ['service'] })
              .then(() => {
                const list = answer();
                response.status(list ? 200 : 503).json(list ?? {});
              })
              .catch(next);
          });
          http.use(router);
        },
      });
    },
  });
}

it('gives people the arm that is theirs, for real, while the evals plugin says so', async () => {
  let isAway = false;
  const portal = await startPortal({
    model: () => ({ text: 'Done.' }),
    services: [evals(() => (isAway ? undefined : { items: [EXPERIMENT] }))],
  });
  const ask = async (
    who: string,
    more: { rehearsal?: {}; threadId?: string } = {},
  ) => {
    const client = portal.as(who);
    const before = portal.model.requests.length;
    const { id } = await client.createRun({
      agentRef: 'agent:default/desk',
      input: { message: 'Hello?' },
      ...more,
    });
    const run = await untilEnded(client, id);
    const { body } = portal.model.requests[before];
    return {
      run,
      told: JSON.stringify(body.messages),
      model: body.model,
    };
  };

  const tried = await ask(inArm('candidate'));
  expect(tried.told).toContain('Be short.');
  expect(tried.model).toContain('small');
  expect(tried.run).toMatchObject({
    status: 'succeeded',
    experiment: { id: EXPERIMENT.id, arm: 'candidate', step: 0 },
    candidate: { instructions: true, model: 'model:default/small' },
  });
  expect(tried.run.rehearsal).toBeUndefined();

  const again = await ask(inArm('candidate'), { threadId: tried.run.threadId });
  expect(again.run.experiment).toEqual(tried.run.experiment);

  const usual = await ask(inArm('in-force'));
  expect(usual.told).toContain('You are the desk.');
  expect(usual.run).toMatchObject({ experiment: { arm: 'in-force' } });
  expect(usual.run.candidate).toBeUndefined();

  // A rehearsal, and a run that is repeated, are the work of whoever changes the agent.
  const rehearsed = await ask(inArm('candidate'), { rehearsal: {} });
  expect(rehearsed.told).toContain('You are the desk.');
  expect(rehearsed.run.experiment).toBeUndefined();
  const client = portal.as(inArm('candidate'));
  const { id } = await client.forkRun(tried.run.id, {});
  const repeated = await untilEnded(client, id);
  expect(repeated.status).toBe('succeeded');
  expect(repeated.experiment).toBeUndefined();
  expect(repeated.candidate).toBeUndefined();
  expect(JSON.stringify(portal.model.requests.at(-1)!.body.messages)).toContain(
    'You are the desk.',
  );

  const counted = await portal.asService.listRuns({
    experimentId: EXPERIMENT.id,
    finishedSince: new Date(0).toISOString(),
  });
  expect(counted.items.map(run => run.experiment?.arm)).toEqual([
    'candidate',
    'candidate',
    'in-force',
  ]);

  isAway = true;
  const without = await until(
    () => ask(inArm('candidate')),
    ({ run }) => run.experiment === undefined,
  );
  expect(without.run.status).toBe('succeeded');
  expect(without.told).toContain('You are the desk.');
  await portal.stop();
});

it('gives nobody what people would have to approve, whatever the evals plugin says', async () => {
  const portal = await startPortal({
    rootConfig: {
      agents: {
        approvals: {
          matrix: [{ when: { kind: 'publication' }, approvers: 'agent-owner' }],
        },
      },
    },
    services: [evals(() => ({ items: [{ ...EXPERIMENT, share: 1 }] }))],
  });
  const run = await portal.run();
  expect(run.status).toBe('succeeded');
  expect(run.experiment).toBeUndefined();
  expect(run.candidate).toBeUndefined();
  expect(JSON.stringify(portal.model.requests[0].body.messages)).toContain(
    'You are the desk.',
  );
  await portal.stop();
});

it('asks once for all runs that start within seconds, and forgets what has ended', async () => {
  let [now, asked] = [0, 0];
  let items: RunningExperimentList['items'] = [EXPERIMENT];
  const running = new RunningExperiments({
    evals: {
      listRunningExperiments: async () => {
        asked += 1;
        return { items };
      },
    },
    askEvals: ask => ask({ token: '', signal: new AbortController().signal }),
    logger: { warn: jest.fn() } as never,
    now: () => now,
  });
  const who = inArm('candidate');
  const first = await Promise.all(
    people.map(() => running.assign(EXPERIMENT.agentRef, who)),
  );
  expect(asked).toBe(1);
  expect(first.every(it => it?.arm === 'candidate')).toBe(true);
  expect(await running.assign('agent:default/other', who)).toBeUndefined();
  items = [];
  now = 2_999;
  expect(await running.assign(EXPERIMENT.agentRef, who)).toBeDefined();
  now = 3_000;
  expect(await running.assign(EXPERIMENT.agentRef, who)).toBeUndefined();
  expect(asked).toBe(2);
});
