import { identityClientOf } from '@agentportal/plugin-agents-node/testUtils';
import type { AgentEntity } from '@agentportal/plugin-agents-common';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import {
  agent,
  eventsOf,
  startPortal,
  until,
  untilEnded,
} from './__testUtils__/portal';
import type { ModelReply } from './__testUtils__/scriptedModel';
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

describe('a backend that shuts down', () => {
  it('ends its runs with a clear reason', async () => {
    const knex = await databases.init('SQLITE_3');
    const agentsKnex = await databases.init('SQLITE_3');
    const portal = await startPortal({
      knex,
      agentsKnex,
      model: [{ hang: true }],
      config: { workers: 1, shutdownGraceSeconds: 0.2 },
    });
    await portal.client.createRun(start);
    await portal.client.createRun(start);
    await until(
      () => portal.model.requests.length,
      count => count === 1,
    );

    await portal.stop();

    const rows = await knex('orchestration_runs');
    expect(rows).toHaveLength(2);
    for (const row of rows) {
      expect(row).toMatchObject({
        status: 'failed',
        error_name: 'RunInterrupted',
        lease_owner: null,
      });
    }
    expect(await liveDelegations(agentsKnex)).toBe(0);
  });
});

describe('a backend that starts again on a file', () => {
  it('ends at once what was under way, also what was to be stopped', async () => {
    const knex = await databases.init('SQLITE_3');
    const agentsKnex = await databases.init('SQLITE_3');
    const killed = await startPortal({
      knex,
      agentsKnex,
      model: [{ hang: true }],
    });
    const failed = await killed.client.createRun(start);
    const stopped = await killed.client.createRun(start);
    await until(
      () => killed.model.requests.length,
      count => count === 2,
    );
    await knex('orchestration_runs').where({ id: stopped.id }).update({
      cancel_requested: true,
      // So that the process that is to be dead does not hear of it.
      lease_owner: 'a process that has gone',
    });

    const next = await startPortal({ knex, agentsKnex });

    expect(await next.client.getRun(failed.id)).toMatchObject({
      status: 'failed',
      error: { name: 'RunInterrupted' },
    });
    expect((await next.client.getRun(stopped.id)).status).toBe('cancelled');
    await until(
      () => liveDelegations(agentsKnex),
      count => count === 0,
    );
    expect((await next.run()).status).toBe('succeeded');
  });
});

describe.each(databases.eachSupportedId())('two backends on %s', databaseId => {
  it('end the runs of one that was killed, and it can do no harm', async () => {
    const knex = await databases.init(databaseId);
    const config = { leaseSeconds: 1 };
    const killed = await startPortal({ knex, config, model: [{ hang: true }] });
    const { id } = await killed.client.createRun(start);
    await until(
      () => killed.model.requests.length,
      count => count === 1,
    );
    // A killed process renews no lease. This one lives on, as a frozen one
    // would that wakes up later; its timers are what we take away.
    await knex('orchestration_runs').update({
      lease_owner: 'a process that has gone',
      lease_expires_at: Date.now() - 1,
    });

    const next = await startPortal({ knex, config });
    const run = await untilEnded(next.client, id);

    expect(run).toMatchObject({
      status: 'failed',
      error: {
        name: databaseId === 'SQLITE_3' ? 'RunInterrupted' : 'LeaseLost',
        message: expect.stringMatching(
          // Beside a SQLite database there is no other process: it was restarted.
          databaseId === 'SQLITE_3'
            ? /was restarted/
            : /not been heard from for 1 second:/,
        ),
      },
      steps: [{ status: 'failed' }],
    });
    const events = await eventsOf(next.client, id);
    expect(events.at(-1)?.event.type).toBe('RUN_ERROR');

    // The one that was given up comes back and wants to go on.
    await killed.stop();
    expect(await next.client.getRun(id)).toEqual(run);
    expect(await eventsOf(next.client, id)).toEqual(events);
  });

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
  it('that is taken up again goes on where it was', async () => {
    const knex = await databases.init(databaseId);
    const desk = agent('desk', {
      tools: ['tool:default/orders.find_order'],
      quotas: { maxToolCalls: 3 },
    });
    const call = (number: string) => ({
      toolCalls: [{ name: 'orders__find_order', args: { number } }],
    });
    const first = await startPortal({
      knex,
      entities: [desk],
      model: (_request, i) =>
        [call('1'), call('1'), { hang: true as const }][i],
    });
    const { id } = await first.client.createRun(start);
    await until(
      () => first.model.requests.length,
      count => count === 3,
    );
    await first.stop();
    const before = await knex('orchestration_runs').where({ id }).first();
    const events = await knex('orchestration_events').where({ run_id: id });
    const heir = await takeUp(knex, id, [desk], call('1'));

    const run = await untilEnded(heir.client, id);
    // It asked twice before, so once more is a loop; its quota is not new.
    expect(run).toMatchObject({
      status: 'failed',
      error: { name: 'LoopDetected' },
      usage: { modelCalls: before.model_calls + 1, toolCalls: 2 },
    });
    expect(run.steps.map(step => step.index)).toEqual(
      run.steps.map((_, i) => i),
    );
    const all = await knex('orchestration_events')
      .where({ run_id: id })
      .orderBy('seq');
    expect(all.length).toBeGreaterThan(events.length);
    expect(all.map(row => row.seq)).toEqual(all.map((_, i) => i + 1));
    await heir.stop();
  });

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

/** How many runs hold a right to work, by the agents plugin. */
async function liveDelegations(knex: Knex): Promise<number> {
  return (await knex('agent_delegations').whereNull('ended_at')).length;
}

/** A backend whose worker takes up a run that another one has begun. */
async function takeUp(
  knex: Knex,
  id: string,
  entities: AgentEntity[],
  reply: ModelReply,
) {
  const claim = LeaseStore.prototype.claim;
  const portal = await startPortal({ knex, entities, model: [reply] });
  const { client, by } = identityClientOf(portal.server);
  const delegation = await client.createDelegation(
    {
      agentRef: 'agent:default/desk',
      personRef: 'user:default/guest',
      startedBy: 'user:default/guest',
      taskId: id,
      expiresAt: new Date(Date.now() + 60_000).toISOString(),
    },
    by,
  );
  await knex('orchestration_runs').where({ id }).update({
    delegation_id: delegation.id,
    status: 'queued',
    lease_owner: 'heir',
    finished_at: null,
  });
  // There is no way to resume a run yet: any new run is made to be that one.
  const spy = jest
    .spyOn(LeaseStore.prototype, 'claim')
    .mockImplementationOnce(function resume(this: LeaseStore) {
      return claim.call(this, id, 'heir', 30_000);
    });
  await portal.client.createRun(start);
  await until(
    () => spy.mock.calls.length,
    count => count > 0,
  );
  spy.mockRestore();
  return portal;
}
