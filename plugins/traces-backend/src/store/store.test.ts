import { TestDatabases } from '@backstage/backend-test-utils';
import {
  hex,
  openStore,
  settled,
  storeOn,
  writeOf,
} from '../__testUtils__/store';
import { MIGRATIONS_DIRECTORY } from './database';
import { DIMENSIONS } from './TraceNames';
import { TraceRetention } from './TraceRetention';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const HOUR_US = 3_600e6;
const week = () => ({
  fromUs: (Date.now() - 7 * 86_400_000) * 1_000,
  toUs: Date.now() * 1_000,
});
const page = { limit: 100 };

describe.each(databases.eachSupportedId())('the store on %s', databaseId => {
  it('makes the same of a trace in whatever order its spans arrive, and however often', async () => {
    const store = await openStore(databases, databaseId);
    const begun = Math.floor(Date.now() / 1_000) * 1e6 - 60e6;
    const root = settled({
      name: 'root',
      startUs: begun + 500,
      error: 'lost',
      session: 's',
      userRef: 'user:default/dana',
    });
    const spans = [
      root,
      // Earlier than the root by its own clock, of another agent.
      settled({
        parentId: root.spanId,
        name: 'early',
        startUs: begun,
        agentRef: 'agent:default/other',
        ownerRef: 'group:default/ops',
      }),
      settled({
        parentId: root.spanId,
        kind: 'model',
        model: 'gpt',
        inputTokens: 10,
        outputTokens: 2,
        costNanoUsd: 70,
        startUs: begun + 900,
        durationUs: 5e6,
      }),
      settled({
        parentId: 'ffffffffffffffff',
        kind: 'tool',
        tool: 'search',
        startUs: begun + 1_000,
        error: 'broke',
      }),
    ];
    const orders = permutations([0, 1, 2, 3]);
    const ids = orders.map(() => hex(32));
    for (const [i, order] of orders.entries()) {
      for (const at of order) {
        const write = () => writeOf(ids[i], [spans[at]]);
        // Twice at once, and some once more.
        await store.writer.write([write(), write()]);
        if (at === 3) {
          await store.writer.write([write()]);
        }
      }
    }
    const found = await store.reader.find(ids);
    for (const [i, one] of found.entries()) {
      expect({ ...one?.trace, order: orders[i] }).toEqual({
        ...found[0]!.trace,
        traceId: ids[i],
        order: orders[i],
      });
    }
    expect(found[0]?.trace).toMatchObject({
      name: 'root',
      rootReceived: true,
      status: 'error',
      agentRef: 'agent:default/desk',
      ownerRef: 'group:default/care',
      userRef: 'user:default/dana',
      sessionId: 's',
      spans: 4,
      errors: 2,
      costNanoUsd: 70,
      tokens: { inputTokens: 10, outputTokens: 2, cacheReadTokens: 0 },
      durationMs: 5_000.9,
    });
    const series = await store.series.read(
      { ...week(), kind: 'model', groupBy: 'model', points: 500 },
      page,
      undefined,
    );
    expect(series.items).toMatchObject([
      { key: 'gpt', total: { count: 24, costNanoUsd: 24 * 70 } },
    ]);
    const tree = await store.spans.list(
      { id: found[0]!.id, startedUs: found[0]!.startedUs },
      page,
    );
    expect(
      tree.items.map(({ depth, name, parentMissing }) => [
        depth,
        name,
        parentMissing,
      ]),
    ).toEqual([
      [0, 'root', undefined],
      [1, 'early', undefined],
      [1, 'work', undefined],
      [0, 'work', true],
    ]);
  });

  it('takes the word of the portal before that of an agent that took the id of its trace', async () => {
    const { reader, writer } = await openStore(databases, databaseId);
    const traceId = hex(32);
    const portal = settled({ name: 'run' });
    const other = settled({
      agentRef: 'agent:default/other',
      ownerRef: 'group:default/ops',
      userRef: 'user:default/eve',
      startUs: portal.startUs - 60e6,
    });
    await writer.write([
      {
        ...writeOf(traceId, [other], other.agentRef),
        onlyAgentRef: other.agentRef,
      },
    ]);
    await writer.write([writeOf(traceId, [portal])]);
    const [found] = await reader.find([traceId]);
    expect(found?.trace).toMatchObject({
      agentRef: 'agent:default/desk',
      ownerRef: 'group:default/care',
    });
    expect(found?.trace.userRef).toBeUndefined();
  });

  it('knows new agents however many names senders have for theirs', async () => {
    const { reader, writer } = await openStore(databases, databaseId);
    for (let i = 0; i < 21; i += 1) {
      const spans = Array.from({ length: 500 }, () =>
        settled({ agentName: hex(16) }),
      );
      await writer.write([writeOf(hex(32), spans)]);
    }
    const traceId = hex(32);
    await writer.write([
      writeOf(traceId, [settled({ agentRef: 'agent:default/new' })]),
    ]);
    const [found] = await reader.find([traceId]);
    expect(found?.trace.agentRef).toBe('agent:default/new');
  });

  it('gives no agent all the room there is for names', async () => {
    const { knex, writer } = await openStore(databases, databaseId);
    const agentRef = 'agent:default/chatty';
    const spans = Array.from({ length: 300 }, () =>
      settled({ agentRef, kind: 'model', model: hex(16) }),
    );
    const write = writeOf(hex(32), spans);
    await writer.write([{ ...write, onlyAgentRef: agentRef }]);
    const models = () =>
      knex('trace_names').where('dimension', DIMENSIONS.model).pluck('name');
    expect(await models()).toHaveLength(201);
    expect(await models()).toContain('(other)');

    const others = [settled({ kind: 'model', model: 'gpt' })];
    await writer.write([writeOf(hex(32), others)]);
    expect(await models()).toContain('gpt');
  });

  it('loses and doubles nothing when several processes write the same traces', async () => {
    const first = await openStore(databases, databaseId);
    const stores = [first, storeOn(first.knex), storeOn(first.knex)];
    const ids = Array.from({ length: 10 }, () => hex(32));
    const spans = ids.map(() =>
      Array.from({ length: 12 }, () => settled({ kind: 'tool', tool: 'find' })),
    );
    const ends = await Promise.allSettled(
      stores.flatMap((store, part) =>
        [0, 1].map(() =>
          store.writer.write(
            ids.map((id, i) =>
              // Each tells a third of its own, and a third of another.
              writeOf(id, [
                ...spans[i].slice(part * 4, part * 4 + 4),
                ...spans[i].slice(
                  ((part + 1) % 3) * 4,
                  ((part + 1) % 3) * 4 + 4,
                ),
              ]),
            ),
          ),
        ),
      ),
    );
    expect(ends.filter(({ status }) => status === 'rejected')).toEqual([]);
    const found = await first.reader.find(ids);
    expect(found.map(one => one?.trace.spans)).toEqual(ids.map(() => 12));
    const { items } = await first.series.read(
      { ...week(), kind: 'tool', groupBy: 'tool', points: 500 },
      page,
      undefined,
    );
    expect(items[0].total.count).toBe(120);
  });

  it('pages through a list without repeating or skipping, by every filter', async () => {
    const { reader, sessions, writer } = await openStore(databases, databaseId);
    const startUs = Date.now() * 1_000 - HOUR_US;
    await writer.write(
      Array.from({ length: 60 }, (_, i) =>
        writeOf(hex(32), [
          settled({
            name: i % 2 ? 'odd' : 'even',
            // Many began at the same moment.
            startUs: startUs + Math.floor(i / 20),
            durationUs: i * 1_000,
            kind: 'model',
            model: i % 3 ? 'gpt' : 'claude',
            costNanoUsd: i,
            ...(i % 5 === 0 && { error: 'x' }),
            ...(i % 4 === 0 && { userRef: 'user:default/dana' }),
            ...(i % 6 === 0 && {
              agentRef: 'agent:default/clock',
              ownerRef: 'group:default/ops',
            }),
            session: `s${i % 7}`,
          }),
        ]),
      ),
    );
    const count = async (
      filter: object,
      readable?: Parameters<typeof reader.list>[2],
    ) => {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const part = await reader.list(
          { ...week(), ...filter },
          { limit: 7, cursor },
          readable,
        );
        seen.push(...part.items.map(({ traceId }) => traceId));
        cursor = part.nextCursor;
      } while (cursor);
      expect(new Set(seen).size).toBe(seen.length);
      return seen.length;
    };
    expect(await count({})).toBe(60);
    expect(await count({ q: 'ODD' })).toBe(30);
    expect(await count({ q: 'laud' })).toBe(20);
    expect(await count({ q: '%' })).toBe(0);
    expect(await count({ model: 'claude' })).toBe(20);
    expect(await count({ model: 'none' })).toBe(0);
    expect(await count({ status: 'error' })).toBe(12);
    expect(await count({ status: 'ok', agentRef: 'agent:default/clock' })).toBe(
      8,
    );
    expect(await count({ minDurationMs: 10, maxDurationMs: 19 })).toBe(10);
    expect(await count({ minCostNanoUsd: 50 })).toBe(10);
    expect(await count({ sessionId: 's0' })).toBe(9);
    expect(await count({ toUs: startUs })).toBe(20);
    const owner = { key: 'owner' as const, values: ['group:default/ops'] };
    const user = { key: 'user' as const, values: ['user:default/dana'] };
    expect(await count({}, { anyOf: [owner, user] })).toBe(20);
    expect(await count({}, { allOf: [owner, user] })).toBe(5);
    expect(await count({}, { not: owner })).toBe(50);
    expect(await count({}, { anyOf: [] } as never)).toBe(0);
    const first = await sessions.list(week(), { limit: 10 }, undefined);
    expect(first.items).toHaveLength(10);
    expect(first.nextCursor).toBeDefined();
    expect(
      (
        await sessions.list(
          week(),
          { limit: 10, cursor: first.nextCursor },
          undefined,
        )
      ).items,
    ).toHaveLength(4);
  });

  it('deletes the spans of ordinary traces first, and notable ones later', async () => {
    const { knex, names, reader, writer } = await openStore(
      databases,
      databaseId,
    );
    const day = 86_400_000;
    const now = Date.now();
    const old = (now - 10 * day) * 1_000;
    const ids = Array.from(
      { length: 40 },
      (_, i) => `${hex(24)}f000000${i % 10}`,
    );
    const failed = `${hex(24)}ffffffff`;
    const slow = `${hex(24)}fffffffe`;
    const dear = `${hex(24)}fffffffd`;
    const sampled = `${hex(24)}00000001`;
    const fresh = `${hex(24)}fffffffc`;
    await writer.write([
      ...ids.map(id =>
        writeOf(id, [
          settled({ startUs: old, kind: 'model', costNanoUsd: 10 }),
        ]),
      ),
      writeOf(failed, [settled({ startUs: old, error: 'x' })]),
      writeOf(slow, [settled({ startUs: old, durationUs: 900e6 })]),
      writeOf(dear, [
        settled({ startUs: old, kind: 'model', costNanoUsd: 5_000 }),
      ]),
      writeOf(sampled, [settled({ startUs: old })]),
      writeOf(fresh, [settled()]),
    ]);
    const retention = (config: object = {}) =>
      new TraceRetention({
        knex,
        names,
        config: {
          maxSpans: 1e9,
          sampledShare: 0.05,
          retention: { spans: 7 * day, notable: 30 * day, summaries: 90 * day },
          ...config,
        },
      });
    const kept = async () => {
      const rows = await knex('spans')
        .join('traces', 'traces.id', 'spans.trace')
        .distinct('trace_id');
      return rows.map(({ trace_id }) => trace_id.toString('hex')).sort();
    };
    await retention().clean(undefined, now);
    expect(await kept()).toEqual([failed, slow, dear, sampled, fresh].sort());
    const [gone] = await reader.find([ids[0]]);
    expect(gone?.trace).toMatchObject({ keeps: 'summary', spans: 1 });
    // The blocks went with them.
    expect(
      Number((await knex('span_blocks').count({ n: '*' }).first())?.n),
    ).toBe(5);

    await retention({ maxSpans: 4 }).clean(undefined, now);
    expect(await kept()).not.toContain(fresh);
    await retention().clean(undefined, now + 25 * day);
    expect(await kept()).toEqual([]);
    expect((await reader.find([failed]))[0]?.trace.keeps).toBe('summary');
    await retention().clean(undefined, now + 100 * day);
    expect(await reader.find([failed])).toEqual([undefined]);
    for (const table of ['traces', 'trace_uses', 'trace_sessions']) {
      expect([table, (await knex(table)).length]).toEqual([table, 0]);
    }
    // Names of spans make room for others; those that figures have stay.
    expect(
      await knex('trace_names').whereIn('name', ['work', 'x']),
    ).toHaveLength(0);
    expect(
      await knex('trace_names').where('name', 'agent:default/desk'),
    ).toHaveLength(1);
    // Figures outlive what they are of.
    expect((await knex('trace_rollups').where('seconds', 60)).length).toBe(0);
    expect((await knex('trace_rollups')).length).toBeGreaterThan(0);
    const again = hex(32);
    await writer.write([writeOf(again, [settled()])]);
    expect((await reader.find([again]))[0]?.trace.name).toBe('work');
  });

  it('keeps figures that agree with the spans, by minute, hour and day', async () => {
    const { series, writer } = await openStore(databases, databaseId);
    const now = Date.now();
    const durations = Array.from({ length: 1_000 }, (_, i) => (i + 1) * 1_000);
    for (let at = 0; at < durations.length; at += 250) {
      await writer.write(
        durations.slice(at, at + 250).map((durationUs, i) =>
          writeOf(hex(32), [
            settled({
              durationUs,
              startUs: now * 1_000 - 2 * HOUR_US + (at + i) * 1e6,
            }),
          ]),
        ),
      );
    }
    const read = (hours: number, filter: object = {}) =>
      series.read(
        {
          fromUs: now * 1_000 - hours * HOUR_US,
          toUs: now * 1_000,
          kind: 'trace',
          points: 500,
          ...filter,
        },
        page,
        undefined,
        now,
      );
    for (const [hours, seconds] of [
      [3, 60],
      [100, 3_600],
      [9_000, 86_400],
    ]) {
      const { intervalSeconds, items } = await read(hours);
      expect(intervalSeconds).toBe(seconds);
      const [{ total }] = items;
      expect(total).toMatchObject({ count: 1_000, maxMs: 1_000 });
      for (const [key, truth] of [
        ['p50Ms', 500],
        ['p95Ms', 950],
        ['p99Ms', 990],
      ] as const) {
        expect(Math.abs(total[key]! - truth) / truth).toBeLessThan(0.03);
      }
    }
    // Fewer points are longer intervals, out of the same rows.
    const coarse = await read(3, { points: 20 });
    expect(coarse.intervalSeconds).toBe(600);
    expect(coarse.items[0].points.length).toBeLessThanOrEqual(4);
    expect(coarse.items[0].total).toEqual((await read(3)).items[0].total);
    expect((await read(3, { agent: 'agent:default/none' })).items).toEqual([]);
    for (const [within, count] of [
      [{ agents: ['agent:default/none'] }, undefined],
      [{ agents: ['agent:default/none', 'agent:default/desk'] }, 1_000],
      [{ owners: ['group:default/care'] }, 1_000],
      [{ owners: [] }, undefined],
    ] as const) {
      expect((await read(3, { within })).items[0]?.total.count).toBe(count);
    }
    const { items } = await read(3, { groupBy: 'owner' });
    expect(items.map(({ key }) => key)).toEqual(['group:default/care']);
  });

  it('tells what slow calls are of, and reads no more than it may', async () => {
    const { knex, tail, writer } = await openStore(databases, databaseId);
    const now = Date.now();
    const startUs = now * 1_000 - HOUR_US;
    const calls = (count: number, span: object) =>
      Array.from({ length: count }, () =>
        writeOf(hex(32), [settled({ startUs, ...span })]),
      );
    await writer.write([
      ...calls(90, { kind: 'model', model: 'quick', durationUs: 1e5 }),
      ...calls(2, { kind: 'model', model: 'quick', durationUs: 9e6 }),
      ...calls(6, { kind: 'tool', tool: 'slow', durationUs: 5e6 }),
      ...calls(2, { kind: 'retrieval', durationUs: 1e6 }),
    ]);
    const read = (filter: object = {}, readable?: any) =>
      tail.read(
        { fromUs: startUs - HOUR_US, toUs: now * 1_000, ...filter },
        { by: 'operation', limit: 2 },
        readable,
        now,
      );
    const { items, thresholdMs, ...counts } = await read();
    expect(counts).toEqual({ count: 100, slow: 2 });
    expect(Math.abs(thresholdMs! - 5_000)).toBeLessThan(150);
    expect(items).toEqual([
      expect.objectContaining({
        kind: 'model',
        key: 'quick',
        slow: 2,
        share: 1,
      }),
    ]);
    const other = { key: 'owner' as const, values: ['group:default/other'] };
    expect(await read({}, other)).toEqual({ count: 0, slow: 0, items: [] });
    const byOwner = await tail.read(
      { fromUs: startUs - HOUR_US, toUs: now * 1_000 },
      { by: 'owner', limit: 2 },
      undefined,
      now,
    );
    expect(byOwner.items).toMatchObject([
      { kind: 'trace', key: 'group:default/care', count: 100 },
    ]);

    // Page after page, without a gap or a row twice, until there are too many.
    const [row] = await knex('trace_rollups').where({ seconds: 60, kind: 2 });
    const added = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => ({
        ...row,
        id: `x${from + i}`,
        bucket: row.bucket - (i % 3) * 60,
        spans: 1,
      }));
    await knex.batchInsert('trace_rollups', added(0, 5_000), 50);
    const all = { fromUs: startUs - HOUR_US, toUs: now * 1_000 };
    expect((await read(all)).items[0].count).toBe(5_092);
  });

  it('takes spans of two agents that call each other in either order, and of nobody else', async () => {
    const { reader, spans, writer } = await openStore(databases, databaseId);
    const [root, call, answer] = [hex(16), hex(16), hex(16)];
    const startUs = Date.now() * 1_000 - 10e6;
    const by = (name: string, traceId: string, sent: object[]) => {
      const agentRef = `agent:default/${name}`;
      return {
        ...writeOf(
          traceId,
          sent.map(span =>
            settled({
              startUs,
              agentRef,
              ownerRef: `group:default/${name}`,
              ...span,
            }),
          ),
          agentRef,
        ),
        onlyAgentRef: agentRef,
      };
    };
    const REFUSED = 'the trace was begun by somebody else';
    const caller = (id: string) =>
      by('caller', id, [
        { spanId: root, name: 'root' },
        { spanId: call, parentId: root, title: 'Where is it?' },
      ]);
    // Its clock is behind, or it says so to have the trace for itself.
    const called = (id: string) =>
      by('called', id, [
        {
          spanId: answer,
          parentId: call,
          startUs: startUs - 60e6,
          session: 's',
        },
        { parentId: answer },
      ]);
    const ids = [hex(32), hex(32), hex(32)];
    for (const order of [
      [caller(ids[0]), called(ids[0])],
      [called(ids[1]), caller(ids[1])],
    ]) {
      for (const write of order) {
        expect(await writer.write([write])).toEqual([{}]);
      }
    }
    expect(await writer.write([called(ids[2]), caller(ids[2])])).toEqual([
      {},
      {},
    ]);
    for (const id of ids) {
      for (const span of [{}, { parentId: hex(16) }]) {
        const forged = by('other', id, [{ ...span, startUs: startUs - 90e6 }]);
        expect(await writer.write([forged])).toEqual([{ [REFUSED]: 1 }]);
      }
      // Two that only name each other hang on nothing.
      const [a, b] = [hex(16), hex(16)];
      const loop = [
        { spanId: a, parentId: b },
        { spanId: b, parentId: a },
      ];
      expect(await writer.write([by('other', id, loop)])).toEqual([
        { [REFUSED]: 2 },
      ]);
    }
    // Who reads the trace of what was called does not learn the number by which its caller is known.
    const alone = hex(32);
    await writer.write([called(alone)]);
    const [read] = await reader.find([alone]);
    const tree = await spans.list(read!, page);
    expect(tree.items[0]).toMatchObject({ parentMissing: true });
    expect(JSON.stringify(tree)).not.toContain(call);

    // By the word of the portal it is whose it is, whoever has the span from which that was called.
    const said = hex(32);
    const { onlyAgentRef: _, ...ofPortal } = called(said);
    await writer.write([{ ...ofPortal, sender: 'plugin:orchestration' }]);
    expect(await writer.write([caller(said)])).toEqual([{}]);
    expect((await reader.find([said]))[0]?.trace).toMatchObject({
      agentRef: 'agent:default/called',
      ownerRef: 'group:default/called',
      sessionId: 's',
      spans: 4,
    });

    // What was called says that it began the trace, and for whom, to read what its caller tells.
    const attack = [
      { startUs: startUs - 90e6, name: 'forged', userRef: 'user:default/eve' },
    ];
    const [before, after] = [hex(32), hex(32)];
    await writer.write([by('called', before, attack)]);
    await writer.write([called(before)]);
    await writer.write([caller(before)]);
    await writer.write([called(after), caller(after)]);
    await writer.write([by('called', after, attack)]);
    for (const found of await reader.find([before, after])) {
      expect(found?.trace).toMatchObject({
        agentRef: 'agent:default/caller',
        ownerRef: 'group:default/caller',
        spans: 5,
      });
      expect(found?.trace.userRef).toBeUndefined();
    }
    for (const found of await reader.find(ids)) {
      expect(found?.trace).toMatchObject({
        name: 'root',
        title: 'Where is it?',
        agentRef: 'agent:default/caller',
        ownerRef: 'group:default/caller',
        spans: 4,
      });
    }
  });

  it('finds what was said, as long as it is kept, and keeps what is flagged longer', async () => {
    const { flags, knex, names, reader, writer } = await openStore(
      databases,
      databaseId,
    );
    const now = Date.now();
    const startUs = (now - 10 * 24 * 3_600_000) * 1_000;
    const say = (title: string, words: string[]) => {
      // None of the share that is kept anyway.
      const id = `${hex(24)}fffffff0`;
      return {
        ...writeOf(id, [settled({ startUs, title, tool: 'orders.find' })]),
        words,
      };
    };
    const [plain, flagged] = [
      say('Where is my parcel?', ['where', 'is', 'my', 'parcel']),
      say('My parcel broke', ['my', 'parcel', 'broke', '包裹', '裹坏']),
    ];
    await writer.write([plain, flagged]);
    const find = async (filter: object) =>
      (
        await reader.list(
          { fromUs: 0, toUs: now * 1_000, ...filter },
          page,
          undefined,
        )
      ).items.map(({ title }) => title);
    expect(await find({ q: 'PARCEL where' })).toEqual(['Where is my parcel?']);
    expect(await find({ q: '包裹坏' })).toEqual(['My parcel broke']);
    expect(await find({ q: 'parc' })).toEqual([]);
    expect(await find({ q: 'ORDERS.f' })).toHaveLength(2);

    const [found] = await reader.find([flagged.traceId]);
    await flags.set(found!.id, {
      reason: 'Look \ud800at\u0000 it',
      by: 'user:default/dana',
      atMs: now,
    });
    expect(await find({ flagged: true })).toEqual(['My parcel broke']);
    const retention = new TraceRetention({
      knex,
      names,
      config: {
        maxSpans: 1e9,
        sampledShare: 0,
        retention: {
          spans: 7 * 864e5,
          notable: 30 * 864e5,
          summaries: 90 * 864e5,
        },
      },
    });
    await retention.clean(undefined, now);
    const both = await reader.find([plain.traceId, flagged.traceId]);
    expect(both.map(one => one?.trace)).toMatchObject([
      { keeps: 'summary', tools: ['orders.find'] },
      {
        keeps: 'everything',
        title: 'My parcel broke',
        flag: { reason: 'Look \ufffdat it', by: 'user:default/dana' },
      },
    ]);
    expect(both[0]?.trace.title).toBeUndefined();
    expect(await find({ q: 'where' })).toEqual([]);
    await flags.set(found!.id);
    expect(await find({ flagged: true })).toEqual([]);
    await retention.clean(undefined, now + 25 * 864e5);
    expect(await knex('trace_words')).toEqual([]);
  });

  it('goes back to where it was', async () => {
    const { knex } = await openStore(databases, databaseId);
    await knex.migrate.rollback({ directory: MIGRATIONS_DIRECTORY }, true);
    expect(await knex.schema.hasTable('spans')).toBe(false);
    await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
    expect(await knex.schema.hasTable('spans')).toBe(true);
  });
});

function permutations<T>(items: T[]): T[][] {
  return items.length < 2
    ? [items]
    : items.flatMap((item, i) =>
        permutations(items.filter((_, j) => j !== i)).map(rest => [
          item,
          ...rest,
        ]),
      );
}
