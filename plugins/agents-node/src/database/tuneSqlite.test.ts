import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import knexFactory from 'knex';
import { tuneSqlite } from './tuneSqlite';

describe('tuneSqlite', () => {
  it('makes a file append its commits', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'tune-'));
    const knex = knexFactory({
      client: 'better-sqlite3',
      connection: { filename: path.join(folder, 'test.sqlite') },
      useNullAsDefault: true,
    });
    try {
      expect(await knex.raw('PRAGMA journal_mode')).toEqual([
        { journal_mode: 'delete' },
      ]);
      await tuneSqlite(knex);
      expect(await knex.raw('PRAGMA journal_mode')).toEqual([
        { journal_mode: 'wal' },
      ]);
      expect(await knex.raw('PRAGMA synchronous')).toEqual([
        { synchronous: 1 },
      ]);
    } finally {
      await knex.destroy();
      await rm(folder, { recursive: true });
    }
  });
});
