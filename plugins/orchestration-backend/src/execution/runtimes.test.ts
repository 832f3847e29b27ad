import {
  agentRuntimesExtensionPoint,
  type RuntimeTask,
} from '@agentportal/plugin-orchestration-node';
import { createBackendModule } from '@backstage/backend-plugin-api';
import { TestDatabases } from '@backstage/backend-test-utils';
import { agent, startPortal, until, untilEnded } from '../__testUtils__/portal';

const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
const hang = () => new Promise<never>(() => {});

/** What an agent on a framework of somebody else does in one process, and in the next one. */
async function runOver(
  first: (task: RuntimeTask) => Promise<string>,
  second: (task: RuntimeTask) => Promise<string>,
) {
  const [knex, agentsKnex] = await Promise.all([
    databases.init('SQLITE_3'),
    databases.init('SQLITE_3'),
  ]);
  const start = (execute: typeof first) =>
    startPortal({
      knex,
      agentsKnex,
      entities: [agent('desk', { framework: 'other' })],
      config: { leaseSeconds: 1, shutdownGraceSeconds: 0.1 },
      services: [
        createBackendModule({
          pluginId: 'orchestration',
          moduleId: 'other',
          register(env) {
            env.registerInit({
              deps: { runtimes: agentRuntimesExtensionPoint },
              init: async ({ runtimes }) =>
                runtimes.addRuntime({ framework: 'other', execute }),
            });
          },
        }),
      ],
    });
  let isThere = false;
  const portal = await start(async task => {
    await first(task);
    isThere = true;
    return hang();
  });
  const { id } = await portal.client.createRun({
    agentRef: 'agent:default/desk',
    input: { message: 'Go.' },
  });
  await until(
    () => isThere,
    there => there,
  );
  await portal.stop();
  const next = await start(second);
  const run = await untilEnded(next.client, id);
  await next.stop();
  return run;
}

describe('calls of another framework that goes on in the next process', () => {
  const made: string[] = [];
  const ask = (task: RuntimeTask, what: string) =>
    task.call({ what }, async () => {
      made.push(what);
      return `${what} ${made.length}`;
    });
  beforeEach(() => {
    made.length = 0;
  });

  it('get their own answers in any order, also those that ask the same', async () => {
    const run = await runOver(
      async task => {
        await ask(task, 'pay');
        await ask(task, 'look');
        return ask(task, 'look');
      },
      async task =>
        [
          await ask(task, 'look'),
          await ask(task, 'look'),
          await ask(task, 'pay'),
          await ask(task, 'close'),
        ].join(', '),
    );
    expect(run.output?.message).toBe('look 2, look 3, pay 1, close 4');
    expect(made).toEqual(['pay', 'look', 'look', 'close']);
  });

  it('are refused when something else is asked for, before anything is done twice', async () => {
    const run = await runOver(
      task => ask(task, 'pay 10'),
      task => ask(task, 'pay ten'),
    );
    expect(run).toMatchObject({
      status: 'failed',
      error: {
        message: expect.stringContaining('asks for something else now'),
      },
    });
    expect(made).toEqual(['pay 10']);
  });
});
