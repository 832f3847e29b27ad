import { randomUUID } from 'node:crypto';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { ToolChanges } from '../changes/ToolChanges';
import { type ToolChange, ToolChangeStore } from '../changes/ToolChangeStore';
import { CallLedger, type CallRecord } from '../ledger/CallLedger';
import type { ServerRecord, ToolRecord } from './records';
import { compare, ToolStore } from './ToolStore';

jest.setTimeout(60_000);

const DAY_MS = 24 * 3600 * 1000;

const server: ServerRecord = {
  ref: 'api:default/orders',
  name: 'orders',
  title: 'Orders',
  url: 'http://127.0.0.1:1/mcp',
  ownerRef: 'group:default/sales',
  status: 'up',
  isBackstageActions: false,
  isVerified: true,
  era: '2026-07-28',
  lastSeenAt: Date.UTC(2026, 10, 1),
  failures: 0,
  downSince: undefined,
  absentSince: undefined,
  retryAt: undefined,
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
    hintedTier: 'read',
    invalidReason: undefined,
    invalidUntil: undefined,
    hash: 'h1',
    lastChangedAt: Date.UTC(2026, 9, 1),
  };
}

const people = { ...server, ref: 'api:default/people', name: 'people' };
const toolOfPeople = {
  ...tool('c'),
  name: 'people.c',
  ref: 'tool:default/people.c',
  serverRef: people.ref,
};

const databases = TestDatabases.create({
  ids: ['SQLITE_3', 'POSTGRES_18'],
});

describe.each(databases.eachSupportedId())('ToolStore on %s', id => {
  let knex: Knex;
  let store: ToolStore;
  let ledger: CallLedger;
  let changes: ToolChangeStore;

  beforeEach(async () => {
    knex = await databases.init(id);
    const database = mockServices.database.mock({
      getClient: async () => knex,
      migrations: { skip: false },
    });
    store = await ToolStore.create(database);
    ledger = await CallLedger.create(database, mockServices.logger.mock());
    changes = await ToolChangeStore.create(database);
  });

  const listTools = async () => {
    const servers = await store.listServers();
    const tools = servers.map(({ ref }) => store.listToolsOf(ref));
    return (await Promise.all(tools))
      .flat()
      .sort((a, b) => compare(a.name, b.name));
  };

  it('gives back what was written, in order of names', async () => {
    await store.saveServer(server, [tool('b'), tool('B'), tool('a')]);
    expect(await store.listServers()).toEqual([
      { ...server, toolsRevision: 1 },
    ]);
    expect(await listTools()).toEqual([tool('B'), tool('a'), tool('b')]);
  });

  it('writes what has changed, and says whether anything has', async () => {
    await store.saveServer(server, [tool('a'), tool('b')]);
    await store.saveServer(people, [toolOfPeople]);
    const revisions = async () =>
      (await store.listServers()).map(each => each.toolsRevision!);
    const [before, other] = await revisions();
    const down = { ...server, status: 'down', error: 'away' } as const;
    expect(await store.saveServer(down, [tool('a'), tool('b')])).toBe(false);
    expect(await revisions()).toEqual([before, other]);
    expect(await store.saveServer(down, [tool('b')])).toBe(true);
    // The tools of others need not be read again.
    expect(await revisions()).toEqual([other + 1, other]);
    expect((await listTools()).map(t => t.name)).toEqual([
      'orders.b',
      'people.c',
    ]);
    expect((await store.listServers())[0]).toEqual({
      ...down,
      toolsRevision: other + 1,
    });
  });

  it('takes a tool whose name changes in case only', async () => {
    await store.saveServer(server, [tool('getUser')]);
    const renamed = { ...tool('getuser'), ref: tool('getUser').ref };
    expect(await store.saveServer(server, [renamed])).toBe(true);
    expect(await listTools()).toEqual([renamed]);
  });

  it('remembers the tiers of tools that are gone, with their server too', async () => {
    const risky = { ...tool('a'), hintedTier: 'critical' } as const;
    await store.saveServer(server, [risky, tool('b')]);
    await store.saveServer(server, [tool('b')]);
    const now = Date.now();
    await store.markPresent([], { now, graceMs: 1 });
    await store.markPresent([], { now: now + 2, graceMs: 1 });
    expect(await listTools()).toEqual([]);
    expect((await store.goneTools(server.ref)).tiers).toEqual(
      new Map([
        [risky.ref, 'critical'],
        [tool('b').ref, 'read'],
      ]),
    );
    expect((await store.goneTools(people.ref)).tiers.size).toBe(0);
  });

  const changed = (name: string, more: Partial<ToolChange> = {}) => ({
    ...{ id: randomUUID(), toolRef: tool(name).ref, toolName: tool(name).name },
    ...{ serverRef: server.ref, hash: 'h2', severity: 'wording' as const },
    state: 'held' as const,
    details: { isNew: false, findings: [], differences: [], more: 0 },
    seenAt: 1,
    ...more,
  });

  it('knows the changes of one server, and forgets those that nobody waits for', async () => {
    await store.saveServer(server, [tool('a')]);
    const waits = changed('a');
    const blocked = changed('c', { state: 'blocked' });
    for (const each of [waits, changed('gone'), blocked]) {
      await changes.add(each);
    }
    const asked = [
      { ref: waits.toolRef, hash: 'h2' },
      { ref: blocked.toolRef, hash: 'h3' },
    ];
    expect(await changes.find(server.ref, asked)).toEqual(
      new Map([[waits.toolRef, { id: waits.id, state: 'held' }]]),
    );
    expect((await changes.find(people.ref, asked)).size).toBe(0);

    await changes.removeOlderThan(1, 10);
    const { items } = await changes.list({ limit: 10 });
    expect(new Set(items.map(({ id: kept }) => kept))).toEqual(
      new Set([waits.id, blocked.id]),
    );
    const ofOne = await changes.list({ toolRef: waits.toolRef, limit: 10 });
    expect(ofOne.items).toEqual([waits]);

    // A tool of another server takes the name over, and no decision with it.
    const theirs = changed('a', { serverRef: people.ref });
    await changes.add(theirs);
    expect(await changes.get(waits.id)).toBeUndefined();
    expect(await changes.get(theirs.id)).toEqual(theirs);
  });

  it('keeps so many changes of a server, whatever the names of its tools', async () => {
    await changes.add(changed('first'));
    const [first] = await knex('tool_changes');
    await knex.batchInsert(
      'tool_changes',
      Array.from({ length: 1_000 }, (_, i) => ({
        ...first,
        ...{ id: randomUUID(), tool_ref: `tool:default/orders.t${i}` },
        ...{ seen_at: i + 2, state: 'withdrawn' },
      })),
      50,
    );
    await changes.add(changed('last', { seenAt: 2_000 }));
    const [{ count }] = await knex('tool_changes').count({ count: '*' });
    expect(Number(count)).toBe(1_000);
    expect(await changes.get(first.id)).toBeUndefined();
  });

  it('leaves a tool held whose description was not looked at this time', async () => {
    const held = { ...tool('a'), heldChange: 'x' };
    const tools = await new ToolChanges({
      store: changes,
      guard: { instructionsIn: async () => false },
      holdFrom: 'suspicious',
      onHeld: () => {},
      logger: mockServices.logger.mock(),
    }).weigh({
      ...{ server, known: [held], goneHashes: new Map(), now: 1 },
      found: [held],
    });
    expect(tools).toEqual([held]);
  });

  it('holds what was away and is different, and tells owners once of a server that goes to and fro', async () => {
    const told: string[] = [];
    const toolChanges = new ToolChanges({
      store: changes,
      guard: { instructionsIn: async () => false },
      holdFrom: 'suspicious',
      onHeld: ({ toolName }) => told.push(toolName),
      logger: mockServices.logger.mock(),
    });
    const asks = (name: string, hash: string) => ({
      ...{ ...tool(name), hash, description: `Wants your pаsswоrd ${hash}` },
    });
    const weigh = async (
      found: ToolRecord,
      more: Partial<Parameters<ToolChanges['weigh']>[0]>,
    ) => {
      const [weighed] = await toolChanges.weigh({
        ...{ server, known: [], goneHashes: new Map(), now: 1 },
        ...{ found: [found], ...more },
      });
      return weighed.heldChange;
    };
    // Whoever vouches for a server vouches for what it begins with, and for no more.
    expect(await weigh(asks('a', 'h1'), {})).toBeUndefined();
    const goneHashes = new Map([[tool('a').ref, 'h1']]);
    expect(await weigh(asks('a', 'h2'), { goneHashes })).toBeDefined();
    expect(await weigh(asks('b', 'h2'), { isForgetful: true })).toBeDefined();
    expect(told).toEqual(['orders.a', 'orders.b']);

    let known = [tool('c')];
    for (const [minute, hash] of ['x1', 'h1', 'x2', 'h1', 'x3'].entries()) {
      const now = 60_000 * (minute + 1);
      const found = hash === 'h1' ? tool('c') : asks('c', hash);
      const heldChange = await weigh(found, { known, now });
      expect(heldChange !== undefined).toBe(hash !== 'h1');
      known = [{ ...tool('c'), heldChange }];
    }
    expect(told.slice(2)).toEqual(['orders.c']);
    await weigh(tool('c'), { known });
    const later = { known: [tool('c')], now: 8 * 3_600_000 };
    await weigh(asks('c', 'x4'), later);
    expect(told.slice(2)).toEqual(['orders.c', 'orders.c']);
  });

  it('forgets servers that the catalog does not name for a while', async () => {
    await store.saveServer(server, [tool('a')]);
    await store.saveServer(people, [toolOfPeople]);
    const now = Date.UTC(2026, 10, 2);
    const present = (refs: string[], at: number) =>
      store.markPresent(refs, { now: at, graceMs: 1_000 });

    // A catalog that has nothing yet, and a moment later all of it.
    expect(await present([], now)).toBe(false);
    expect(await listTools()).toHaveLength(2);
    expect(await store.getServer(server.ref)).toMatchObject({
      status: 'unknown',
      absentSince: now,
    });
    await present([server.ref, people.ref], now + 500);
    expect(await present([people.ref], now + 5_000)).toBe(false);
    expect(await present([people.ref], now + 5_900)).toBe(false);
    expect(await present([people.ref], now + 6_100)).toBe(true);
    expect((await listTools()).map(t => t.name)).toEqual(['people.c']);
  });

  it('stores what servers send, without the characters that databases refuse', async () => {
    await store.saveServer(
      { ...server, error: 'it said: a\u0000b', title: '\u0000x' },
      [{ ...tool('a'), title: 't\u0000', invalidReason: '\u0000y' }],
    );
    expect(await store.getServer(server.ref)).toMatchObject({
      error: 'it said: ab',
      title: 'x',
    });
    expect((await listTools())[0]).toMatchObject({
      title: 't',
      invalidReason: 'y',
    });
  });

  it('takes no name that a tool of another server has', async () => {
    await store.saveServer(server, [tool('a'), tool('b')]);
    const { name, ref } = tool('a');
    expect(
      await store.listTaken(people.ref, [{ name, ref }, toolOfPeople]),
    ).toEqual([{ name, ref, serverRef: server.ref, isVerified: true }]);
    expect(await store.listTaken(server.ref, [{ name, ref }])).toEqual([]);
    // Another process may have been quicker.
    await expect(
      store.saveServer(people, [{ ...toolOfPeople, name }]),
    ).resolves.toBe(true);
    expect(await store.listToolsOf(server.ref)).toHaveLength(2);
    expect(await store.listToolsOf(people.ref)).toEqual([]);
  });

  it('says whose tools are to be read again when a name goes to another server', async () => {
    const stranger = { ...people, isVerified: false };
    const { name, ref } = tool('a');
    await store.saveServer(stranger, [{ ...toolOfPeople, name, ref }]);
    const before = (await store.getServer(people.ref))!.toolsRevision!;
    await store.saveServer(server, [tool('a')]);
    expect(await store.listToolsOf(people.ref)).toEqual([]);
    expect(await store.getServer(people.ref)).toMatchObject({
      toolsRevision: before + 1,
    });
  });

  it('writes nothing of a server when one of its tools cannot be written', async () => {
    await store.saveServer(server, [tool('a')]);
    const clash = { ...tool('b'), ref: tool('c').ref };
    await expect(
      store.saveServer({ ...server, title: 'New' }, [tool('c'), clash]),
    ).rejects.toThrow();
    expect((await store.listServers())[0].title).toBe('Orders');
    expect((await listTools()).map(t => t.name)).toEqual(['orders.a']);
  });

  const now = Date.UTC(2026, 10, 22, 12);
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
    rehearsed: false,
    ...partial,
  });

  it('counts calls when they are made, and takes the median of their durations', async () => {
    for (const durationMs of [400, 100, 300, 200]) {
      await ledger.record(call({ durationMs }));
    }
    await ledger.record(
      call({ durationMs: 900, ok: false, errorCode: 'timeout' }),
    );
    await ledger.record(
      call({ durationMs: 1, ok: false, errorCode: 'denied' }),
    );
    await ledger.record(call({ startedAt: now - 31 * DAY_MS }));
    await ledger.record(call({ toolName: 'orders.b', durationMs: 0.2 }));
    await ledger.record(call({ toolName: 'orders.b', rehearsed: true }));
    await ledger.record(call({ toolName: 'orders.c', rehearsed: true }));
    const stats = Object.fromEntries(
      await ledger.stats(['orders.a', 'orders.b', 'orders.c'], now),
    );
    expect(stats).toEqual({
      'orders.a': {
        calls: 5,
        errors: 1,
        rehearsed: 0,
        medianDurationMs: expect.any(Number),
      },
      'orders.b': { calls: 1, errors: 0, rehearsed: 1, medianDurationMs: 0 },
      // What was never called has no duration.
      'orders.c': { calls: 0, errors: 0, rehearsed: 1 },
    });
    expect(Math.abs(stats['orders.a'].medianDurationMs! - 300)).toBeLessThan(
      15,
    );
    expect(await ledger.removeOlderThan(30 * DAY_MS, now)).toBe(1);
    expect(await knex('tool_call_days').min('day as first')).toEqual([
      { first: Math.floor(now / DAY_MS) },
    ]);
  });

  it('reads a few rows for the figures of many calls', async () => {
    const many = Array.from({ length: 2_000 }, (_, i) =>
      call({ durationMs: 20 + (i % 30) }),
    );
    for (const one of many) {
      await ledger.record(one);
    }
    expect((await ledger.stats(['orders.a'], now)).get('orders.a')?.calls).toBe(
      2_000,
    );
    const [{ rows }] = await knex('tool_call_days').count('* as rows');
    expect(Number(rows)).toBeLessThan(15);
  });

  it('writes calls together, and at once those that rules count', async () => {
    const ids = () => knex('tool_calls').orderBy('id').pluck('id');
    let commits = 0;
    knex.on('query', ({ sql }: { sql: string }) => {
      commits += /^COMMIT/i.test(sql) ? 1 : 0;
    });
    await ledger.record(call({ id: 'a' }));
    await ledger.record(call({ id: 'b', keptArguments: '{}' }));
    expect(await ids()).toEqual([]);
    const counted = call({ id: 'c' });
    await ledger.begin(counted);
    await ledger.record(counted);
    expect(await ids()).toEqual(['a', 'b', 'c']);
    expect(commits).toBe(1);
    expect(await knex('tool_calls').where('ok', true).pluck('id')).toContain(
      'c',
    );
    expect(await knex('tool_call_arguments').pluck('call_id')).toEqual(['b']);
    knex.removeAllListeners('query');

    await ledger.record(call({ id: 'd' }));
    for (let waited = 0; !(await ids()).includes('d'); waited += 20) {
      expect(waited).toBeLessThan(2_000);
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  });

  it('keeps the calls beside one that cannot be written', async () => {
    await ledger.record(call({ id: 'a' }));
    await ledger.record(call({ id: 'b', callerRef: null as never }));
    await ledger.record(call({ id: 'c' }));
    await ledger.flush();
    expect(await knex('tool_calls').orderBy('id').pluck('id')).toEqual([
      'a',
      'c',
    ]);
    expect((await ledger.stats(['orders.a'], now)).get('orders.a')?.calls).toBe(
      2,
    );
  });

  it('counts the calls of before, and can be taken back', async () => {
    const directory = resolvePackagePath(
      '@agentportal/plugin-tools-backend',
      'migrations',
    );
    await store.saveServer(server, [tool('a')]);
    const startedAt = Date.now() - 1_000;
    for (const durationMs of [40, 40, 900]) {
      await ledger.record(call({ startedAt, durationMs }));
    }
    await ledger.record(
      call({ startedAt, ok: false, errorCode: 'denied', durationMs: 1 }),
    );
    await ledger.flush();
    const before = await knex('tool_call_days').orderBy('duration_class');

    while (await knex.schema.hasTable('tool_call_days')) {
      await knex.migrate.down({ directory });
    }
    expect(await knex.schema.hasTable('tool_call_days')).toBe(false);
    expect(await knex('tools').select('name', 'status')).toEqual([
      { name: 'orders.a', status: 'stale' },
    ]);
    // What counted as more than it hints, and what hints at more than it counted as.
    const row = await knex('tools').first();
    await knex('tools').insert([
      { ...row, name: 'b', ref: 'b', risk_tier: 'external' },
      { ...row, name: 'c', ref: 'c', annotations: null },
      { ...row, name: 'd', ref: 'd', risk_tier: 'forbidden' },
    ]);
    await knex.migrate.latest({ directory });
    expect(await knex('tools').orderBy('ref').pluck('hinted_tier')).toEqual([
      'external',
      'critical',
      'critical',
      'read',
    ]);
    await knex('tools').whereIn('ref', ['b', 'c', 'd']).delete();
    expect(await knex('tool_call_days').orderBy('duration_class')).toEqual(
      before,
    );
    expect(await listTools()).toEqual([tool('a')]);

    await knex.migrate.rollback({ directory }, true);
    expect(await knex.schema.hasTable('tools')).toBe(false);
    await knex.migrate.latest({ directory });
    expect(await knex.schema.hasTable('tool_calls')).toBe(true);
  });
});
