import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import knexFactory from 'knex';
import { tuneSqlite } from './tuneSqlite';

describe('tuneSqlite', () => {
  it('prepares a statement once, until a table changes', async () => {
    const knex = knexFactory({
      client: 'better-sqlite3',
      connection: { filename: ':memory:' },
      useNullAsDefault: true,
    });
    try {
      await knex.schema.createTable('orders', table => table.integer('id'));
      const connection = await knex.client.acquireConnection();
      const prepare = jest.spyOn(connection, 'prepare');
      await knex.client.releaseConnection(connection);
      await tuneSqlite(knex);
      prepare.mockClear();
      for (const id of [1, 2, 3]) {
        await knex('orders').insert({ id });
        await knex.transaction(tx => tx('orders').where({ id }).select('*'));
      }
      expect(await knex('orders').where({ id: 2 }).select('*')).toEqual([
        { id: 2 },
      ]);
      // Insert, begin, select, commit.
      expect(prepare.mock.calls).toHaveLength(4);
      await knex.schema.alterTable('orders', table => table.text('name'));
      expect(await knex('orders').where({ id: 2 }).select('*')).toEqual([
        { id: 2, name: null },
      ]);
    } finally {
      await knex.destroy();
    }
  });

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
