import { TestDatabases } from '@backstage/backend-test-utils';
import {
  agent,
  eventsOf,
  startPortal,
  until,
  untilEnded,
} from './__testUtils__/portal';
import { ToolGateway } from './__testUtils__/toolGateway';
import { LeaseStore } from './store/LeaseStore';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

const start = {
  agentRef: 'agent:default/desk',
  input: { message: 'Take your time' },
};

describe('stopping a run', () => {
  it('hangs up on the model', async () => {
    const portal = await startPortal({ model: [{ hang: true }] });
    const { id } = await portal.client.createRun(start);
    await until(
      () => portal.model.requests.length,
      count => count === 1,
    );

    const run = await portal.client.cancelRun(id);

    expect(run).toMatchObject({ id, status: 'cancelled' });
    expect(run.error).toBeUndefined();
    await until(
      () => portal.model.requests[0].hungUp,
      hungUp => hungUp,
    );
    const events = await eventsOf(portal.client, id);
    expect(events.at(-1)?.event).toMatchObject({
      type: 'RUN_FINISHED',
      outcome: { type: 'cancelled' },
    });
    expect((await portal.client.getRun(id)).steps).toMatchObject([
      { status: 'failed', error: { name: 'Cancelled' } },
    ]);
    expect(await portal.client.cancelRun(id)).toEqual(run);
  });

  it('hangs up on a tool', async () => {
    let stopped = false;
    const portal = await startPortal({
      entities: [agent('desk', { tools: ['tool:default/orders.find_order'] })],
      model: [
        { toolCalls: [{ name: 'orders__find_order', args: { number: '7' } }] },
      ],
      tools: new ToolGateway(
        (_name, _args, signal) =>
          new Promise(() => {
            signal.addEventListener('abort', () => {
              stopped = true;
            });
          }),
      ),
    });
    const { id } = await portal.client.createRun(start);
    await until(
      () => portal.tools.calls.length,
      count => count === 1,
    );

    await portal.client.cancelRun(id);

    expect((await untilEnded(portal.client, id)).status).toBe('cancelled');
    await until(
      () => stopped,
      value => value,
    );
  });

  it('takes one that waits out of the queue', async () => {
    const portal = await startPortal({
      model: [{ hang: true }],
      config: { workers: 1 },
    });
    const first = await portal.client.createRun(start);
    const second = await portal.client.createRun(start);
    await until(
      () => portal.client.getRun(first.id),
      run => run.status === 'running',
    );
    expect((await portal.client.getRun(second.id)).status).toBe('queued');

    expect(await portal.client.cancelRun(second.id)).toMatchObject({
      status: 'cancelled',
    });

    await portal.client.cancelRun(first.id);
    expect((await untilEnded(portal.client, first.id)).status).toBe(
      'cancelled',
    );
    expect(portal.model.requests).toHaveLength(1);
  });
});

describe.each(databases.eachSupportedId())('two backends on %s', databaseId => {
  it('follow and stop the runs of each other', async () => {
    const knex = await databases.init(databaseId);
    const one = await startPortal({ knex, model: [{ hang: true }] });
    const other = await startPortal({ knex });
    const { id } = await one.client.createRun(start);
    const following = eventsOf(other.client, id);
    await until(
      () => one.model.requests.length,
      count => count === 1,
    );

    await other.client.cancelRun(id);

    expect((await untilEnded(other.client, id)).status).toBe('cancelled');
    expect((await following).at(-1)?.event).toMatchObject({
      type: 'RUN_FINISHED',
      outcome: { type: 'cancelled' },
    });
    await until(
      () => one.model.requests[0].hungUp,
      hungUp => hungUp,
    );
  });
});

describe.each(databases.eachSupportedId())('a database on %s', databaseId => {
  it('that goes away and comes back costs no run its answer', async () => {
    const knex = await databases.init(databaseId);
    let answer: (() => void) | undefined;
    const portal = await startPortal({
      knex,
      config: { leaseSeconds: 3 },
      entities: [agent('desk', { tools: ['tool:default/orders.find_order'] })],
      model: [
        { toolCalls: [{ name: 'orders__find_order', args: { number: '7' } }] },
        { text: 'Order 7 is on its way.' },
      ],
      tools: new ToolGateway(
        () =>
          new Promise(resolve => {
            answer = () => resolve({ content: [] });
          }),
      ),
    });
    const { id } = await portal.client.createRun(start);
    await until(
      () => answer,
      value => value !== undefined,
    );

    // To the plugin, a table that is not there is a database that fails.
    await knex.schema.renameTable('orchestration_runs', 'away');
    answer!();
    await new Promise(resolve => setTimeout(resolve, 1_500));
    await knex.schema.renameTable('away', 'orchestration_runs');

    expect(await untilEnded(portal.client, id)).toMatchObject({
      status: 'succeeded',
      output: { message: 'Order 7 is on its way.' },
      usage: { modelCalls: 2, toolCalls: 1, costNanoUsd: 3_000 },
    });
    await portal.stop();
  });
});

describe.each(databases.eachSupportedId())('a pause on %s', databaseId => {
  it('longer than its leases does not make a process end its own runs', async () => {
    const knex = await databases.init(databaseId);
    const portal = await startPortal({
      knex,
      config: { leaseSeconds: 0.3 },
      model: [{ hang: true }],
    });
    const { id } = await portal.client.createRun(start);
    await until(
      () => portal.model.requests.length,
      count => count === 1,
    );
    for (let freeze = 0; freeze < 15; freeze += 1) {
      const end = Date.now() + 400;
      while (Date.now() < end) {
        // Nothing else runs, as when something holds the event loop.
      }
      await new Promise(resolve => setTimeout(resolve, 60));
    }
    expect((await portal.client.getRun(id)).status).toBe('running');
    await portal.client.cancelRun(id);
    await portal.stop();
  });

  it('of one process lets another one end its runs, and it stops then', async () => {
    const knex = await databases.init(databaseId);
    const portal = await startPortal({
      knex,
      entities: [agent('desk', { tools: ['tool:default/orders.find_order'] })],
      model: (_request, i) => ({
        toolCalls: [{ name: 'orders__find_order', args: { number: `${i}` } }],
      }),
      tools: new ToolGateway(async () => {
        await new Promise(resolve => setTimeout(resolve, 100));
        return { content: [] };
      }),
    });
    const { id } = await portal.client.createRun(start);
    await until(
      () => portal.tools.calls.length,
      count => count === 1,
    );
    const row = await knex('orchestration_runs').where({ id }).first();
    await new LeaseStore(knex).end(
      { id, fence: row.fence },
      { status: 'failed', error: { name: 'LeaseLost', message: 'Lost.' } },
    );
    const calls = portal.tools.calls.length;
    await new Promise(resolve => setTimeout(resolve, 800));
    expect(portal.tools.calls.length - calls).toBeLessThanOrEqual(1);
    expect((await portal.client.getRun(id)).error?.name).toBe('LeaseLost');
    await portal.stop();
  });
});

describe.each(databases.eachSupportedId())('a run on %s', databaseId => {
  it('that waits for a person can be stopped', async () => {
    const knex = await databases.init(databaseId);
    const portal = await startPortal({
      knex,
      config: { workers: 1 },
      model: [{ hang: true }],
    });
    const { id } = await portal.client.createRun(start);
    await until(
      () => portal.model.requests.length,
      count => count === 1,
    );
    const waiting = await portal.client.createRun(start);
    await knex('orchestration_runs')
      .where({ id: waiting.id })
      .update({ status: 'interrupted', lease_owner: null });
    expect((await portal.client.cancelRun(waiting.id)).status).toBe(
      'cancelled',
    );
    await portal.client.cancelRun(id);
    await portal.stop();
  });
});
