import { TestDatabases } from '@backstage/backend-test-utils';
import createKnex, { type Knex } from 'knex';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { exportLines, openLog, verify } from '../__testUtils__/log';
import { makeDurable, MIGRATIONS_DIRECTORY } from './database';

jest.setTimeout(300_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const ACKNOWLEDGED = 4_000;
const program = path.resolve(__dirname, '../__testUtils__/writerProcess.ts');

/** Lets a process write until so many entries were acknowledged, and kills it. */
async function writeAndKill(config: Knex.Config): Promise<string[]> {
  const child = spawn(
    process.execPath,
    [
      '--require',
      require.resolve('@backstage/cli/config/nodeTransform.cjs'),
      program,
      JSON.stringify(config),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', text => (errors += text));
  child.stdout.setEncoding('utf8').on('data', text => {
    output += text;
    if (output.length > ACKNOWLEDGED * 40) {
      child.kill('SIGKILL');
    }
  });
  await new Promise(resolve => child.once('close', resolve));
  expect(errors).toBe('');
  // The last line may be half of one.
  return output.split('\n').slice(0, -1);
}

async function lostBy(config: Knex.Config) {
  const setup = createKnex(config);
  await makeDurable(setup);
  await setup.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
  await setup.destroy();
  const acknowledged: string[] = [];
  for (let i = 0; i < 2; i += 1) {
    acknowledged.push(...(await writeAndKill(config)));
  }
  expect(acknowledged.length).toBeGreaterThan(ACKNOWLEDGED);

  const knex = createKnex(config);
  await makeDurable(knex);
  const { audit, trees } = await openLog(knex);
  const rows = await knex('audit_entries').select('seq', 'id');
  const there = new Set(rows.map(({ seq, id }) => `${seq} ${id}`));
  expect(
    verify(
      await exportLines(audit),
      await trees.keys(),
      await trees.heads(1, 0, 1_000),
    ),
  ).toMatchObject({ intact: true, problems: [], entries: rows.length + 1 });
  await knex.destroy();
  return acknowledged.filter(line => !there.has(line));
}

describe('a process that is killed while it writes', () => {
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
