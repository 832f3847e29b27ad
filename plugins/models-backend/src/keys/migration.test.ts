import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { databases } from '../__testUtils__/databases';
import { KEY_VERSION, KEYS } from './tables';

jest.setTimeout(60_000);

describe.each(databases.eachSupportedId())(
  'the tables of keys on %s',
  databaseId => {
    it('come and go with their migration', async () => {
      const knex = await databases.init(databaseId);
      const directory = resolvePackagePath(
        '@agentportal/plugin-models-backend',
        'migrations',
      );
      await knex.migrate.latest({ directory });
      expect(await knex(KEY_VERSION).select('version')).toHaveLength(1);
      let undone: string[];
      do {
        [, undone] = await knex.migrate.down({ directory });
      } while (undone[0] && !undone[0].includes('20261125000005'));
      expect(await knex.schema.hasTable(KEYS)).toBe(false);
      await knex.migrate.latest({ directory });
      expect(await knex.schema.hasTable(KEYS)).toBe(true);
    });
  },
);
