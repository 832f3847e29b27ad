import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { MIGRATIONS_DIRECTORY } from '../store/database';
import { AgentChanges } from './AgentChanges';
import { ChangeStore } from './ChangeStore';
import { figuresOf } from './Delivery';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const DAY = 86_400_000;
const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 1);
const CARE = 'group:default/care';

function agent(name: string, instructions: string, more: object = {}) {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Agent',
    metadata: { name, namespace: 'default' },
    spec: {
      ...{ type: 'assistant', lifecycle: 'production', owner: CARE },
      ...{ autonomy: 'supervised', instructions },
      ...more,
    },
    relations: [{ type: 'ownedBy', targetRef: CARE }],
  };
}

describe.each(databases.eachSupportedId())('delivery on %s', databaseId => {
  it('counts what came into force, and what went wrong with it', async () => {
    const knex = await databases.init(databaseId);
    await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
    const store = new ChangeStore(knex);
    const held: Record<string, object> = {};
    const look = (entities: object[], at: number) =>
      new AgentChanges({
        agents: {
          getPublication: async (_namespace, name) =>
            (held[name] ?? { holds: 'all' }) as never,
        },
        askAgents: ask =>
          ask({ token: '', signal: new AbortController().signal }),
        auth: mockServices.auth(),
        catalog: catalogServiceMock({ entities: entities as never }),
        logger: mockServices.logger.mock(),
        store,
      }).look(at);
    const all = () => store.since(0, {});

    // A first look of which the process stops half-way leaves nothing that would be taken for a change.
    await store.put([{ agentRef: 'agent:default/gone', digest: 'x' }], [], NOW);

    // What is there at the first look has not changed, nor does who answers for it count.
    await look([agent('desk', 'A'), agent('clock', 'A')], NOW);
    await look(
      [agent('desk', 'A', { sponsor: 'user:default/x' }), agent('clock', 'A')],
      NOW + HOUR,
    );
    expect(await all()).toEqual([]);

    // What was out of production for a while may have been anything, also where it is the same again.
    const aside = agent('aside', 'A');
    await look([agent('desk', 'A'), agent('clock', 'A'), aside], NOW);
    await knex('evals_agent_changes').delete();
    await look([agent('desk', 'A'), agent('clock', 'A')], NOW + HOUR);
    await look(
      [agent('desk', 'A'), agent('clock', 'A'), aside],
      NOW + HOUR + 1,
    );
    expect((await all()).map(({ agentRef }) => agentRef)).toEqual([
      'agent:default/aside',
    ]);
    await knex('evals_agent_changes').delete();

    // A change that waits for people counts from when they said yes.
    held.desk = { holds: 'part' };
    await look([agent('desk', 'B'), agent('clock', 'A')], NOW + 2 * HOUR);
    expect(await all()).toEqual([]);
    const publishedAt = new Date(NOW + 5 * HOUR).toISOString();
    held.desk = { holds: 'all', publishedAt };
    await look([agent('desk', 'B'), agent('clock', 'B')], NOW + 6 * HOUR);
    const changes = await all();
    expect(
      changes.map(each => [each.agentRef, each.proposedAt, each.inForceAt]),
    ).toEqual([
      ['agent:default/clock', undefined, NOW + 6 * HOUR],
      ['agent:default/desk', NOW + 2 * HOUR, NOW + 5 * HOUR],
    ]);

    // One is taken back after a day, the other one is stopped, and goes on two days later.
    await look([agent('desk', 'A'), agent('clock', 'B')], NOW + 30 * HOUR);
    await store.fail('agent:default/clock', 'suspended', NOW + 2 * DAY);
    await store.repair(['agent:default/desk'], 'suspended', NOW + 3 * DAY);
    await store.repair(['agent:default/clock'], 'suspended', NOW + 4 * DAY);
    // Too late to be the fault of the change.
    await look([agent('desk', 'C'), agent('clock', 'B')], NOW + 5 * DAY);
    await store.fail('agent:default/desk', 'quality', NOW + 13 * DAY);

    const figures = figuresOf(CARE, await all(), 90, NOW + 8.5 * DAY);
    expect(figures).toMatchObject({
      ...{ changes: 4, failed: 2, undecided: 1 },
      leadTimeHours: { p50: 3, p90: 3, count: 1 },
      failureRate: { value: 2 / 3 },
      repairHours: { p50: 0, count: 2 },
    });
    const [, , clock, desk] = await all();
    expect([desk.failedAt, clock.failedAt, clock.repairedAt]).toEqual([
      NOW + 30 * HOUR,
      NOW + 2 * DAY,
      NOW + 4 * DAY,
    ]);

    // An alarm after a change speaks against it, until people call it false.
    const alarm = {
      ...{ id: 'a', agent_ref: 'agent:default/desk', kind: 'failed' },
      ...{ status: 'open', at: NOW + 6 * DAY, since: NOW + 5.5 * DAY },
      ...{ sentence: '', usual: 0, happened: 1, runs: 1, run_ids: '[]' },
    };
    await knex('evals_alarms').insert({ ...alarm, told: false });
    await store.failByAlarms(NOW + 7 * DAY);
    expect((await all())[0].failedAt).toBe(NOW + 6 * DAY);
    await knex('evals_alarms').update({ status: 'not-real' });
    await store.failByAlarms(NOW + 7 * DAY);
    expect((await all())[0].failedAt).toBeUndefined();
    await knex.migrate.rollback({ directory: MIGRATIONS_DIRECTORY }, true);
  });
});
