import { TestDatabases } from '@backstage/backend-test-utils';
import { ConflictError } from '@backstage/errors';
import type { Knex } from 'knex';
import { groupCommit } from './groupCommit';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

async function open(id: 'SQLITE_3' | 'POSTGRES_18') {
  const knex = await databases.init(id);
  await knex.schema.createTable('written', table => {
    table.string('name').primary();
  });
  const add = (name: string) =>
    groupCommit(knex, async tx => {
      await tx('written').insert({ name });
    });
  const names = () => knex('written').orderBy('name').pluck('name');
  return { knex, add, names };
}

function countCommits(knex: Knex): () => number {
  let commits = 0;
  knex.on('query', ({ sql }) => {
    commits += Number(/^commit/i.test(sql));
  });
  return () => commits;
}

describe.each(databases.eachSupportedId())('groupCommit on %s', databaseId => {
  const id = databaseId as 'SQLITE_3' | 'POSTGRES_18';

  it('writes all, on SQLite in few transactions', async () => {
    const { knex, add, names } = await open(id);
    const commits = countCommits(knex);
    await Promise.all(['a', 'b', 'c', 'd'].map(add));
    await add('e');
    expect(await names()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(commits()).toBe(id === 'SQLITE_3' ? 3 : 5);
  });

  it('refuses one, and writes those that share its transaction', async () => {
    const { knex, add, names } = await open(id);
    const [first, refused, last] = await Promise.allSettled([
      add('a'),
      groupCommit(knex, async () => {
        throw new ConflictError('Lost.');
      }),
      add('b'),
    ]);
    expect(first.status).toBe('fulfilled');
    expect(refused).toMatchObject({ reason: { message: 'Lost.' } });
    expect(last.status).toBe('fulfilled');
    expect(await names()).toEqual(['a', 'b']);
  });

  it('writes nothing of one that fails, and all of the others', async () => {
    const { knex, add, names } = await open(id);
    const outcomes = await Promise.allSettled([
      add('a'),
      add('b'),
      groupCommit(knex, async tx => {
        await tx('written').insert({ name: 'half' });
        throw new Error('Out of order.');
      }),
      add('c'),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(await names()).toEqual(['a', 'b', 'c']);
  });
});
