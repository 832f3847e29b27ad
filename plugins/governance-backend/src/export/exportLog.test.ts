import { DROP_ACTION } from '@agentportal/audit-log';
import createKnex from 'knex';
import { openLog, record } from '../__testUtils__/log';
import { entryAboutLog } from '../retention/RetentionStore';
import { MIGRATIONS_DIRECTORY } from '../store/database';
import { exportLog } from './exportLog';

jest.setTimeout(60_000);

describe('an export', () => {
  it('says when entries were deleted meanwhile, however much was written since', async () => {
    const knex = createKnex({
      client: 'better-sqlite3',
      connection: ':memory:',
      useNullAsDefault: true,
    });
    await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
    const log = await openLog(knex, { headEvery: 100_000 });
    const by = 'plugin:tools';
    await log.audit.record([record(), record()], by);
    const head = (await log.entries.signHead('default'))!;
    const tree = (await log.trees.find('default'))!;
    const options = { ...log, tree, head, filter: {}, described: {} };
    const read = async () => {
      let lines = 0;
      for await (const _ of exportLog(options)) lines += 1;
      return lines;
    };
    expect(await read()).toBeGreaterThan(2);

    const actor = { type: 'service' as const, ref: 'plugin:governance' };
    const about = (action: string) =>
      entryAboutLog({ type: 'other', action, actor, reason: 'In a test.' });
    // As many as a search looks at in one go, and more.
    for (let i = 0; i < 21; i++) {
      await log.entries.append(
        'default',
        Array.from({ length: 1_000 }, () => about('log.busy')),
      );
    }
    expect(await read()).toBeGreaterThan(2);
    await log.entries.append('default', [about(DROP_ACTION)]);
    await expect(read()).rejects.toThrow(/while the export ran/);
    await knex.destroy();
  });
});
