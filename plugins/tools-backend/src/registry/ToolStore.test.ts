import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { CallLedger, type CallRecord } from '../ledger/CallLedger';
import type { ServerRecord, ToolRecord } from './records';
import { ToolStore } from './ToolStore';

jest.setTimeout(60_000);

const server: ServerRecord = {
  ref: 'api:default/orders',
  name: 'orders',
  title: 'Orders',
  url: 'http://127.0.0.1:1/mcp',
  ownerRef: 'group:default/sales',
  status: 'up',
  era: '2026-07-28',
  lastSeenAt: Date.UTC(2026, 10, 1),
  downSince: undefined,
  error: undefined,
};

function tool(name: string): ToolRecord {
  return {
    name: `orders.${name}`,
    ref: `tool:default/orders.${name}`,
    serverRef: server.ref,
    toolName: name,
    title: 'É “title”',
    description: 'Does 100 % of it',
    inputSchema: {
      type: 'object',
      properties: { a: { pattern: '\\d\u0000' } },
    },
    outputSchema: undefined,
    annotations: { readOnlyHint: true },
    ownerRef: 'group:default/sales',
    riskTier: 'read',
    status: 'available',
    hash: 'h1',
    lastSeenAt: Date.UTC(2026, 10, 1),
    lastChangedAt: Date.UTC(2026, 9, 1),
  };
}

const databases = TestDatabases.create({
  ids: ['SQLITE_3', 'POSTGRES_18'],
});

describe.each(databases.eachSupportedId())('ToolStore on %s', id => {
  let knex: Knex;
  let store: ToolStore;
  let ledger: CallLedger;

  beforeEach(async () => {
    knex = await databases.init(id);
    const database = mockServices.database.mock({
      getClient: async () => knex,
      migrations: { skip: false },
    });
    store = await ToolStore.create(database);
    ledger = await CallLedger.create(database);
  });

  it('gives back what was written, in order of names', async () => {
    await store.saveServer(server, [tool('b'), tool('B'), tool('a')]);
    expect(await store.listServers()).toEqual([server]);
    expect(await store.listTools()).toEqual([tool('B'), tool('a'), tool('b')]);
  });

  it('replaces the tools of a server and forgets servers', async () => {
    await store.saveServer(server, [tool('a'), tool('b')]);
    const other = { ...server, ref: 'api:default/people', name: 'people' };
    await store.saveServer(other, [
      {
        ...tool('c'),
        name: 'people.c',
        ref: 'tool:default/people.c',
        serverRef: other.ref,
      },
    ]);
    const before = await store.revision();
    await store.saveServer({ ...server, status: 'down', error: 'away' }, [
      { ...tool('b'), status: 'stale' },
    ]);
    expect(await store.revision()).toBe(before + 1);
    expect((await store.listTools()).map(t => [t.name, t.status])).toEqual([
      ['orders.b', 'stale'],
      ['people.c', 'available'],
    ]);
    await store.removeServersExcept([other.ref]);
    expect((await store.listTools()).map(t => t.name)).toEqual(['people.c']);
    expect(await store.revision()).toBe(before + 2);
    await store.removeServersExcept([other.ref]);
    expect(await store.revision()).toBe(before + 2);
  });

  it('writes nothing of a server when one of its tools cannot be written', async () => {
    await store.saveServer(server, [tool('a')]);
    const clash = { ...tool('b'), ref: tool('c').ref };
    await expect(
      store.saveServer({ ...server, title: 'New' }, [tool('c'), clash]),
    ).rejects.toThrow();
    expect((await store.listServers())[0].title).toBe('Orders');
    expect((await store.listTools()).map(t => t.name)).toEqual(['orders.a']);
  });

  it('counts calls and takes the median of their durations', async () => {
    const now = Date.UTC(2026, 10, 22);
    const call = (partial: Partial<CallRecord>): CallRecord => ({
      id: ledger.newId(),
      toolName: 'orders.a',
      toolRef: 'tool:default/orders.a',
      serverRef: server.ref,
      riskTier: 'read',
      callerRef: 'user:default/ann',
      startedAt: now - 1000,
      durationMs: 10,
      ok: true,
      requestBytes: 2,
      responseBytes: 20,
      ...partial,
    });
    for (const durationMs of [40, 10, 30, 20]) {
      await ledger.record(call({ durationMs }));
    }
    await ledger.record(
      call({ durationMs: 90, ok: false, errorCode: 'timeout' }),
    );
    await ledger.record(
      call({ durationMs: 1, ok: false, errorCode: 'denied' }),
    );
    await ledger.record(call({ startedAt: now - 31 * 24 * 3600 * 1000 }));
    await ledger.record(call({ toolName: 'orders.b', durationMs: 4 }));
    await ledger.record(
      call({
        toolName: 'orders.b',
        durationMs: 7,
        agentRef: 'agent:default/x',
        runId: 'r',
        step: 0,
      }),
    );
    expect(
      Object.fromEntries(
        await ledger.stats(['orders.a', 'orders.b', 'orders.c'], now),
      ),
    ).toEqual({
      'orders.a': { calls: 5, errors: 1, medianDurationMs: 30 },
      'orders.b': { calls: 2, errors: 0, medianDurationMs: 5.5 },
      'orders.c': { calls: 0, errors: 0 },
    });
    const day = 24 * 3600 * 1000;
    expect(await ledger.removeOlderThan(Date.now() - now + 30 * day)).toBe(1);
  });

  it('can be taken back', async () => {
    const directory = resolvePackagePath(
      '@agentportal/plugin-tools-backend',
      'migrations',
    );
    await knex.migrate.rollback({ directory }, true);
    expect(await knex.schema.hasTable('tools')).toBe(false);
    await knex.migrate.latest({ directory });
    expect(await knex.schema.hasTable('tool_calls')).toBe(true);
  });
});
