import type { NumberedRunEvent } from '@agentportal/plugin-orchestration-common';
import type { Knex } from 'knex';
import { TestDatabases } from '@backstage/backend-test-utils';
import { eventsOf, startPortal, until } from './__testUtils__/portal';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

const start = {
  agentRef: 'agent:default/desk',
  input: { message: 'Take your time' },
};

/** Counts the queries that a database gets in some time. */
async function queriesWithin(knex: Knex, ms: number): Promise<number> {
  let count = 0;
  const add = () => {
    count += 1;
  };
  knex.on('query', add);
  await new Promise(resolve => setTimeout(resolve, ms));
  knex.removeListener('query', add);
  return count;
}

describe.each(databases.eachSupportedId())(
  'those who follow a run on %s',
  id => {
    it('share one look into the database, however many they are', async () => {
      const knex = await databases.init(id);
      const other = await startPortal({
        knex,
        model: [{ hang: true }],
        config: { shutdownGraceSeconds: 0 },
      });
      const portal = await startPortal({ knex });
      const run = await other.client.createRun(start);
      await until(
        () => other.model.requests.length,
        count => count === 1,
      );
      const alone = await queriesWithin(knex, 3_000);

      const followers = id === 'SQLITE_3' ? 300 : 50;
      let joined = 0;
      const following = Array.from({ length: followers }, async () => {
        const events: NumberedRunEvent[] = [];
        for await (const event of portal.client.streamEvents(run.id)) {
          joined += events.length ? 0 : 1;
          events.push(event);
        }
        return events;
      });
      await until(
        () => joined,
        count => count === followers,
        30_000,
      );
      const watched = await queriesWithin(knex, 3_000);
      // Two queries a second for the run; it was two for each of them.
      expect(watched - alone).toBeLessThan(15);

      await other.client.cancelRun(run.id);
      const seen = await Promise.all(following);
      expect(seen).toHaveLength(followers);
      for (const events of seen) {
        expect(events).toEqual(seen[0]);
        expect(events.at(-1)?.event).toMatchObject({
          type: 'RUN_FINISHED',
          outcome: { type: 'cancelled' },
        });
      }
      await portal.stop();
      await other.stop();
    });

    it('miss nothing, wherever they begin and however many events there are', async () => {
      const knex = await databases.init(id);
      const words = Array.from({ length: 200 }, (_, i) => `word${i} `);
      const portal = await startPortal({
        knex,
        model: [{ text: words.join(''), pauseMs: 8 }],
      });
      const run = await portal.client.createRun(start);
      const early = eventsOf(portal.client, run.id);
      // One that has seen events that are not there yet holds nobody up.
      const confused = eventsOf(portal.client, run.id, '999999999999');
      await new Promise(resolve => setTimeout(resolve, 500));
      const late = eventsOf(portal.client, run.id);
      const events = await early;
      expect(await late).toEqual(events);
      expect(await eventsOf(portal.client, run.id, '3')).toEqual(
        events.slice(3),
      );
      await expect(confused).rejects.toThrow('ended before the run did');
      expect(
        events.map(({ event }) => (event as { delta?: string }).delta).join(''),
      ).toBe(words.join(''));
      await portal.stop();
    });
  },
);
