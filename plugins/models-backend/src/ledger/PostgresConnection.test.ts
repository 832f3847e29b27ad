import { databases } from '../__testUtils__/databases';
import { PostgresConnection } from './PostgresConnection';

jest.setTimeout(120_000);

const PREPARED = 'select count(*)::int as n from pg_prepared_statements';

const servers = databases.eachSupportedId().filter(([id]) => id !== 'SQLITE_3');
const describeOnServers =
  servers.length > 0 ? describe.each(servers) : describe.skip.each([['none']]);

describeOnServers('transactions on %s', databaseId => {
  it('prepares a statement once, and does without where none are kept', async () => {
    const knex = await databases.init(databaseId as 'POSTGRES_18');
    const connection = new PostgresConnection(knex);
    const prepared = await connection.transaction(async query => {
      await query('select 1 as one');
      await query('select 1 as one');
      return (await query(PREPARED)).rows[0].n;
    });
    expect(prepared).toBe(2);
    let tries = 0;
    const lost = () =>
      connection.transaction(async query => {
        tries += 1;
        await query('select 1 as one');
        await query('deallocate all');
        return (await query('select 1 as one')).rows[0].one;
      });
    expect(await lost()).toBe(1);
    expect(await lost()).toBe(1);
    // The second time it was known from the beginning.
    expect(tries).toBe(3);
  });

  it('shares connections with others that prepare statements', async () => {
    const knex = await databases.init(databaseId as 'POSTGRES_18');
    const ask = (connection: PostgresConnection, text: string) =>
      connection.transaction(async query => (await query(text)).rows[0].n);
    const one = new PostgresConnection(knex);
    const other = new PostgresConnection(knex);
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await ask(one, 'select 1 as n')).toBe(1);
      expect(await ask(other, 'select 2 as n')).toBe(2);
    }
  });
});
