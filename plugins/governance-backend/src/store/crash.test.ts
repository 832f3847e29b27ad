import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { writeAndKill } from '../__testUtils__/writeAndKill';

jest.setTimeout(300_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
/** Of each process; `npm run bench:audit` goes on for ten times as long. */
const ACKNOWLEDGED = 2_000;
const PER_SECOND = 2_000;

async function lostBy(config: Knex.Config): Promise<string[]> {
  const { acknowledged, lost, offered, report, written } = await writeAndKill(
    config,
    { acknowledged: ACKNOWLEDGED, perSecond: PER_SECOND },
  );
  expect(offered).toBeGreaterThanOrEqual(PER_SECOND);
  expect(acknowledged).toBeGreaterThan(2 * ACKNOWLEDGED);
  expect(report).toMatchObject({
    intact: true,
    problems: [],
    // The export is one as well.
    entries: written + 1,
  });
  return lost;
}

describe('a process that is killed while it is offered 2,000 entries a second', () => {
  it('has lost no acknowledged entry on SQLite', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'audit-crash-'));
    const lost = await lostBy({
      client: 'better-sqlite3',
      connection: path.join(folder, 'audit.sqlite'),
      useNullAsDefault: true,
    });
    await rm(folder, { recursive: true });
    expect(lost).toEqual([]);
  });

  if (databases.eachSupportedId().length) {
    it('has lost no acknowledged entry on PostgreSQL', async () => {
      const { client } = await databases.init('POSTGRES_18');
      const connection = client.config.connection as Knex.PgConnectionConfig;
      const lost = await lostBy({
        client: 'pg',
        // Not among what JSON would tell of a connection.
        connection: { ...connection, password: connection.password },
      });
      expect(lost).toEqual([]);
    });
  }
});
