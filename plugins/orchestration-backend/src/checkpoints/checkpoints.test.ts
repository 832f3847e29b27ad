import { TestDatabases } from '@backstage/backend-test-utils';
import {
  Annotation,
  Command,
  END,
  emptyCheckpoint,
  interrupt,
  MessagesDeltaValue,
  START,
  StateGraph,
  StateSchema,
  type CheckpointMetadata,
} from '@langchain/langgraph';
import type { Knex } from 'knex';
import { LeaseStore } from '../store/LeaseStore';
import { MIGRATIONS_DIRECTORY } from '../store/migrate';
import { RunStore } from '../store/RunStore';
import { CheckpointRetention } from './CheckpointRetention';
import { KnexCheckpointer } from './KnexCheckpointer';

jest.setTimeout(300_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const DAY = 86_400_000;
const OLD_KEY = { id: 'old', secret: 'o'.repeat(32) };
const NEW_KEY = { id: 'new', secret: 'n'.repeat(32) };
const LOOP: CheckpointMetadata = { source: 'loop', step: 0, parents: {} };
const TABLES = ['s', '_values', '_writes'].map(
  name => `orchestration_checkpoint${name}`,
);

const never = new AbortController().signal;

async function open(id: 'SQLITE_3' | 'POSTGRES_18') {
  const knex = await databases.init(id);
  await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
  return { knex, checkpointer: KnexCheckpointer.create({ knex }) };
}

/** Ids that sort by their number, as those of LangGraph sort by time. */
function idOf(n: number): string {
  return `1f0c0000-0000-6000-8000-${String(n).padStart(12, '0')}`;
}

function thread(thread_id: string, checkpoint_id?: string) {
  return { configurable: { thread_id, checkpoint_ns: '', checkpoint_id } };
}

/** Puts a checkpoint of which all given versions are the new ones. */
function put(
  checkpointer: KnexCheckpointer,
  at: { thread: string; n: number; parent?: number; ns?: string },
  values: Record<string, unknown>,
  versions: Record<string, number>,
  more: { isNew?: string[]; metadata?: object; claim?: object } = {},
) {
  const isNew = more.isNew ?? Object.keys(versions);
  return checkpointer.put(
    {
      configurable: {
        thread_id: at.thread,
        checkpoint_ns: at.ns ?? '',
        checkpoint_id: at.parent === undefined ? undefined : idOf(at.parent),
        run_claim: more.claim,
      },
    },
    {
      ...emptyCheckpoint(),
      id: idOf(at.n),
      channel_values: values,
      channel_versions: versions,
    },
    { ...LOOP, ...more.metadata },
    Object.fromEntries(isNew.map(name => [name, versions[name]])),
  );
}

async function valuesAt(
  checkpointer: KnexCheckpointer,
  name: string,
  n?: number,
) {
  const tuple = await checkpointer.getTuple(
    thread(name, n === undefined ? undefined : idOf(n)),
  );
  return tuple?.checkpoint.channel_values;
}

async function rowsOf(knex: Knex): Promise<number[]> {
  const counts = await Promise.all(
    TABLES.map(table => knex(table).count({ n: '*' }).first()),
  );
  return counts.map(count => Number(count?.n));
}

async function bytesOf(knex: Knex): Promise<number> {
  const sums = await Promise.all([
    knex(TABLES[0]).first(knex.raw('sum(length(body)+length(channels)) as n')),
    knex(TABLES[1]).first(knex.raw('sum(length(data)) as n')),
    knex(TABLES[2]).first(knex.raw('sum(length(data)) as n')),
  ]);
  return sums.reduce((sum, { n }) => sum + Number(n ?? 0), 0);
}

/** Three steps; the second one asks a person. */
function askingGraph(checkpointer: KnexCheckpointer, ran: string[] = []) {
  const State = Annotation.Root({
    log: Annotation<string[]>({
      reducer: (a, b) => a.concat(b),
      default: () => [],
    }),
    topic: Annotation<string>(),
  });
  const inner = new StateGraph(State)
    .addNode('look', () => {
      ran.push('look');
      return { log: ['looked'] };
    })
    .addNode('ask', () => {
      const said = interrupt('May I?');
      ran.push('ask');
      return { log: [`was told ${said}`] };
    })
    .addEdge(START, 'look')
    .addEdge('look', 'ask')
    .compile();
  return new StateGraph(State)
    .addNode('plan', () => {
      ran.push('plan');
      return { log: ['planned'] };
    })
    .addNode('work', inner)
    .addNode('tell', () => {
      ran.push('tell');
      return { log: ['told'] };
    })
    .addEdge(START, 'plan')
    .addEdge('plan', 'work')
    .addEdge('work', 'tell')
    .addEdge('tell', END)
    .compile({ checkpointer });
}

describe.each(databases.eachSupportedId())('checkpoints on %s', databaseId => {
  const id = databaseId as 'SQLITE_3' | 'POSTGRES_18';

  it('is read again while the database is away for a moment', async () => {
    const { knex, checkpointer } = await open(id);
    await put(checkpointer, { thread: 't', n: 1 }, { a: 1 }, { a: 1 });
    const away = jest
      .spyOn(knex.client, 'acquireConnection')
      .mockRejectedValueOnce(
        Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
      );
    expect((await checkpointer.getTuple(thread('t')))?.checkpoint.id).toBe(
      idOf(1),
    );
    expect(away.mock.calls.length).toBeGreaterThan(1);
    away.mockRestore();
  });

  it('are taken down by their migration', async () => {
    const { knex } = await open(id);
    const there = () =>
      Promise.all(TABLES.map(table => knex.schema.hasTable(table)));
    expect(await there()).toEqual([true, true, true]);
    await knex.migrate.rollback({ directory: MIGRATIONS_DIRECTORY }, true);
    expect(await there()).toEqual([false, false, false]);
    await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
  });

  it('let a run go on in another process where a person was asked', async () => {
    const { knex, checkpointer } = await open(id);
    const config = {
      configurable: { thread_id: 'a' },
      durability: 'sync' as const,
    };
    const before: string[] = [];
    await askingGraph(checkpointer, before).invoke({ topic: 'refund' }, config);
    const after: string[] = [];
    const state = await askingGraph(
      KnexCheckpointer.create({ knex }),
      after,
    ).invoke(new Command({ resume: 'yes' }), config);
    expect(state.topic).toBe('refund');
    expect(state.log.slice(-3)).toEqual(['looked', 'was told yes', 'told']);
    expect([before, after]).toEqual([
      ['plan', 'look'],
      ['ask', 'tell'],
    ]);
  });

  it('of branches are apart, also where their versions have the same numbers', async () => {
    const { checkpointer } = await open(id);
    await put(checkpointer, { thread: 'a', n: 1 }, { x: 'root' }, { x: 1 });
    await put(
      checkpointer,
      { thread: 'a', n: 2, parent: 1 },
      { x: 'left' },
      { x: 2 },
    );
    await put(
      checkpointer,
      { thread: 'a', n: 3, parent: 1 },
      { x: 'right' },
      { x: 2 },
    );
    const still = { isNew: ['y'] };
    await put(
      checkpointer,
      { thread: 'a', n: 4, parent: 2 },
      { x: 'left', y: 1 },
      { x: 2, y: 1 },
      still,
    );
    await put(
      checkpointer,
      { thread: 'a', n: 5, parent: 3 },
      { x: 'right', y: 1 },
      { x: 2, y: 1 },
      still,
    );
    expect(await valuesAt(checkpointer, 'a', 4)).toEqual({ x: 'left', y: 1 });
    expect(await valuesAt(checkpointer, 'a', 5)).toEqual({ x: 'right', y: 1 });
    expect(await valuesAt(checkpointer, 'a', 1)).toEqual({ x: 'root' });
  });

  it('of a graph can be changed in the middle and copied', async () => {
    const { checkpointer } = await open(id);
    const State = Annotation.Root({
      log: Annotation<string[]>({
        reducer: (a, b) => a.concat(b),
        default: () => [],
      }),
    });
    const graph = new StateGraph(State)
      .addNode('a', () => ({ log: ['a'] }))
      .addNode('b', () => ({ log: ['b'] }))
      .addEdge(START, 'a')
      .addEdge('a', 'b')
      .compile({ checkpointer });
    const config = { configurable: { thread_id: 'fork' } };
    await graph.invoke({ log: ['in'] }, config);
    const history = [];
    for await (const state of graph.getStateHistory(config)) {
      history.push(state);
    }
    expect(history.map(state => state.values.log)).toEqual([
      ['in', 'a', 'b'],
      ['in', 'a'],
      ['in'],
      [],
    ]);
    const edited = await graph.updateState(
      history[1].config,
      { log: ['edited'] },
      'a',
    );
    expect((await graph.invoke(null, edited)).log).toEqual([
      'in',
      'a',
      'edited',
      'b',
    ]);
    const copied = await graph.updateState(history[0].config, null, '__copy__');
    expect((await graph.getState(copied)).values.log).toEqual(['in', 'a', 'b']);
    expect((await graph.getState(history[0].config)).values.log).toEqual([
      'in',
      'a',
      'b',
    ]);
  });

  it('with delta channels store what was written, and are worked out from it', async () => {
    const { knex, checkpointer } = await open(id);
    const graph = new StateGraph(
      new StateSchema({ messages: MessagesDeltaValue }),
    )
      .addNode('echo', () => ({
        messages: [{ role: 'assistant', content: 'echo' }],
      }))
      .addEdge(START, 'echo')
      .compile({ checkpointer });
    const config = { configurable: { thread_id: 'delta' } };
    const contents = async () => {
      const state = await graph.getState(config);
      return state.values.messages.map(
        ({ content }: { content: unknown }) => content,
      );
    };
    for (let turn = 1; turn <= 5; turn += 1) {
      await graph.invoke(
        { messages: [{ role: 'user', content: `${turn}` }] },
        config,
      );
    }
    const all = [1, 2, 3, 4, 5].flatMap(turn => [`${turn}`, 'echo']);
    expect(await contents()).toEqual(all);
    await new CheckpointRetention(knex).clean(
      { maxAgeMs: DAY, keepPerNamespace: 1 },
      never,
    );
    expect(await contents()).toEqual(all);
  });

  it('can be put at the same time', async () => {
    const { checkpointer } = await open(id);
    await put(checkpointer, { thread: 'a', n: 0 }, { big: 'b' }, { big: 1 });
    const numbers = Array.from({ length: 30 }, (_, i) => i + 1);
    await Promise.all(
      numbers.flatMap(n => [
        put(
          checkpointer,
          { thread: 'a', n, parent: 0 },
          { big: 'b', n },
          { big: 1, n: 2 },
          { isNew: ['n'] },
        ),
        checkpointer.putWrites(thread('a', idOf(0)), [['n', n]], `task ${n}`),
      ]),
    );
    for (const n of numbers) {
      expect(await valuesAt(checkpointer, 'a', n)).toEqual({ big: 'b', n });
    }
    const root = await checkpointer.getTuple(thread('a', idOf(0)));
    expect(root?.pendingWrites).toHaveLength(30);
  });

  it('repeat only what had not been written before a crash', async () => {
    const { checkpointer } = await open(id);
    const ran: string[] = [];
    let crash = true;
    const graph = new StateGraph(
      Annotation.Root({
        log: Annotation<string[]>({
          reducer: (a, b) => a.concat(b),
          default: () => [],
        }),
      }),
    )
      .addNode('first', () => {
        ran.push('first');
        return { log: ['first'] };
      })
      .addNode('left', () => {
        ran.push('left');
        return { log: ['left'] };
      })
      .addNode('right', async () => {
        ran.push('right');
        if (crash) {
          await new Promise(resolve => setTimeout(resolve, 300));
          throw new Error('the process ended');
        }
        return { log: ['right'] };
      })
      .addEdge(START, 'first')
      .addEdge('first', 'left')
      .addEdge('first', 'right')
      .compile({ checkpointer });
    const config = {
      configurable: { thread_id: 'a' },
      durability: 'sync' as const,
    };
    await expect(graph.invoke({ log: [] }, config)).rejects.toThrow(
      'the process ended',
    );
    crash = false;
    const state = await graph.invoke(null, config);
    expect(state.log).toEqual(['first', 'left', 'right']);
    expect(ran).toEqual(['first', 'left', 'right', 'right']);
  });

  it('keep the first result of a task and the last word on its error', async () => {
    const { checkpointer } = await open(id);
    const config = await put(checkpointer, { thread: 'a', n: 1 }, {}, {});
    const write = (value: string) =>
      checkpointer.putWrites(
        config,
        [
          ['x', value],
          ['__error__', value],
        ],
        'task',
      );
    await write('first');
    await write('second');
    expect((await checkpointer.getTuple(config))?.pendingWrites).toEqual([
      ['task', '__error__', 'second'],
      ['task', 'x', 'first'],
    ]);
  });

  it('grow with what is new, also where a list only gets longer', async () => {
    const { knex, checkpointer } = await open(id);
    const plan = 'p'.repeat(20_000);
    const messages: object[] = [];
    const bytes: Record<number, number> = {};
    const started = performance.now();
    for (let n = 1; n <= 1_000; n += 1) {
      messages.push({ role: 'user', content: `${n} `.padEnd(100, 'x') });
      await put(
        checkpointer,
        { thread: 'a', n, parent: n === 1 ? undefined : n - 1 },
        { plan, messages: [...messages] },
        { plan: 1, messages: n },
        { isNew: n === 1 ? undefined : ['messages'] },
      );
      if ([250, 500, 1_000].includes(n)) {
        bytes[n] = await bytesOf(knex);
      }
    }
    const seconds = (performance.now() - started) / 1_000;
    const read = performance.now();
    const values = await valuesAt(checkpointer, 'a');
    const ms = performance.now() - read;
    expect(values).toEqual({ plan, messages });
    expect(await valuesAt(checkpointer, 'a', 377)).toEqual({
      plan,
      messages: messages.slice(0, 377),
    });
    const whole = JSON.stringify(messages).length;
    // eslint-disable-next-line no-console
    console.log(
      `${id}: 250 ${bytes[250]}, 500 ${bytes[500]}, 1000 ${
        bytes[1_000]
      } bytes (last list ${whole}); ${seconds.toFixed(
        2,
      )} ms a put, ${ms.toFixed(1)} ms to read the last`,
    );
    expect(bytes[1_000] / bytes[500]).toBeLessThan(2.4);
    expect(bytes[500] / bytes[250]).toBeLessThan(2.4);
    await new CheckpointRetention(knex).clean(
      { maxAgeMs: DAY, keepPerNamespace: 10 },
      never,
    );
    expect((await rowsOf(knex))[0]).toBe(10);
    expect(await bytesOf(knex)).toBeLessThan(2 * (whole + plan.length));
    expect(await valuesAt(checkpointer, 'a')).toEqual({ plan, messages });
  });

  it('store a list anew when more than its end has changed', async () => {
    const { checkpointer } = await open(id);
    const lists = [
      ['a'.repeat(300)],
      ['a'.repeat(300), 'b'],
      ['a'.repeat(299), 'b'],
      [],
      ['c'.repeat(300)],
    ];
    for (const [i, list] of lists.entries()) {
      await put(
        checkpointer,
        { thread: 'a', n: i, parent: i ? i - 1 : undefined },
        { list },
        { list: i + 1 },
      );
    }
    for (const [i, list] of lists.entries()) {
      expect(await valuesAt(checkpointer, 'a', i)).toEqual({ list });
    }
  });

  it('go when they are old, whole threads at once, but not of a run that waits', async () => {
    const { knex, checkpointer } = await open(id);
    for (const name of ['old', 'waiting', 'new']) {
      const config = await put(
        checkpointer,
        { thread: name, n: 1 },
        { x: name },
        { x: 1 },
      );
      await checkpointer.putWrites(config, [['x', name]], 'task');
    }
    await newRun(knex, 'run', 'waiting');
    await knex('orchestration_checkpoint_threads')
      .whereIn('thread_id', ['old', 'waiting'])
      .update({ updated_at: Date.now() - 31 * DAY });
    await new CheckpointRetention(knex).clean(
      { maxAgeMs: 30 * DAY, keepPerNamespace: 10 },
      never,
    );
    expect(await valuesAt(checkpointer, 'old')).toBeUndefined();
    expect(await valuesAt(checkpointer, 'waiting')).toEqual({ x: 'waiting' });
    expect(await valuesAt(checkpointer, 'new')).toEqual({ x: 'new' });
    expect(await rowsOf(knex)).toEqual([2, 2, 2]);
    await checkpointer.deleteThread('new');
    await checkpointer.deleteThread('waiting');
    expect(await rowsOf(knex)).toEqual([0, 0, 0]);
  });

  it('are thinned out to the newest of each namespace with all that these need', async () => {
    const { knex, checkpointer } = await open(id);
    for (let n = 1; n <= 20; n += 1) {
      const parent = n === 1 ? undefined : n - 1;
      const config = await put(
        checkpointer,
        { thread: 'a', n: n * 10, parent: parent && parent * 10 },
        { plan: 'as ever', n },
        { plan: 1, n },
        { isNew: n === 1 ? undefined : ['n'] },
      );
      await checkpointer.putWrites(config, [['n', n]], 'task');
      for (const ns of [`call:${n}`, 'remembers']) {
        await put(checkpointer, { thread: 'a', n: n * 10 + 1, ns }, {}, {});
      }
    }
    const retention = new CheckpointRetention(knex);
    const clean = () =>
      retention.clean({ maxAgeMs: DAY, keepPerNamespace: 3 }, never);
    await clean();
    const listed = [];
    for await (const tuple of checkpointer.list({
      configurable: { thread_id: 'a' },
    })) {
      listed.push(tuple.config.configurable?.checkpoint_ns);
    }
    expect(listed.filter(ns => ns === '')).toHaveLength(3);
    expect(listed.filter(ns => ns === 'remembers')).toHaveLength(3);
    expect(listed.filter(ns => ns.startsWith('call:')).sort()).toEqual([
      'call:18',
      'call:19',
      'call:20',
    ]);
    expect(await valuesAt(checkpointer, 'a')).toEqual({
      plan: 'as ever',
      n: 20,
    });
    // 3 values of n and the plan; 3 writes.
    expect(await rowsOf(knex)).toEqual([9, 4, 3]);
    await clean();
    expect(await rowsOf(knex)).toEqual([9, 4, 3]);
    // A branch from one that is gone has all of its values.
    await put(
      checkpointer,
      { thread: 'a', n: 300, parent: 50 },
      { plan: 'as ever', n: 6 },
      { plan: 1, n: 6 },
      { isNew: ['n'] },
    );
    expect(await valuesAt(checkpointer, 'a', 300)).toEqual({
      plan: 'as ever',
      n: 6,
    });
  });

  it('do not lose values to a clean-up at the same moment', async () => {
    const { knex, checkpointer } = await open(id);
    const retention = new CheckpointRetention(knex);
    await put(checkpointer, { thread: 'a', n: 0 }, { plan: 'p' }, { plan: 1 });
    let done = false;
    const cleaning = (async () => {
      while (!done) {
        await retention.clean({ maxAgeMs: DAY, keepPerNamespace: 1 }, never);
      }
    })();
    for (let n = 1; n <= 100; n += 1) {
      await put(
        checkpointer,
        // Not the newest one, so it may be on its way out.
        { thread: 'a', n, parent: Math.max(0, n - 2) },
        { plan: 'p', n },
        { plan: 1, n },
        { isNew: ['n'] },
      );
      expect(await valuesAt(checkpointer, 'a')).toEqual({ plan: 'p', n });
    }
    done = true;
    await cleaning;
  });

  it('are sealed, open with the old key after it was replaced, and with no other', async () => {
    const { knex, checkpointer } = await open(id);
    const secret = 'the account is 4711 '.repeat(20);
    const write = async (keys: Array<typeof OLD_KEY>, n: number) => {
      const sealing = KnexCheckpointer.create({ knex, keys });
      const config = await put(
        sealing,
        { thread: 'a', n, parent: n - 1 },
        { list: Array(n).fill(secret) },
        { list: n },
        { metadata: { about: secret } },
      );
      await sealing.putWrites(config, [['list', secret]], 'task');
    };
    await put(
      checkpointer,
      { thread: 'a', n: 1 },
      { list: [secret] },
      { list: 1 },
    );
    await write([OLD_KEY], 2);
    await write([OLD_KEY], 3);
    await write([NEW_KEY, OLD_KEY], 4);
    for (const table of TABLES) {
      const rows = await knex(table).whereNot('checkpoint_id', idOf(1));
      expect(
        JSON.stringify(rows.map(row => `${row.data ?? row.body}`)),
      ).not.toContain('4711');
      expect(new Set(rows.map(row => row.key_id))).toEqual(
        new Set(['old', 'new']),
      );
    }
    const rotated = KnexCheckpointer.create({ knex, keys: [NEW_KEY, OLD_KEY] });
    for (const n of [1, 2, 3, 4]) {
      const tuple = await rotated.getTuple(thread('a', idOf(n)));
      expect(tuple?.checkpoint.channel_values).toEqual({
        list: Array(n).fill(secret),
      });
      expect(tuple?.pendingWrites).toHaveLength(n === 1 ? 0 : 1);
    }
    await expect(
      valuesAt(KnexCheckpointer.create({ knex, keys: [NEW_KEY] }), 'a', 2),
    ).rejects.toThrow('sealed with the key "old", which is not configured');
    await expect(
      valuesAt(
        KnexCheckpointer.create({
          knex,
          keys: [{ ...OLD_KEY, secret: 'x'.repeat(32) }],
        }),
        'a',
        2,
      ),
    ).rejects.toThrow('does not open with its key "old"');
    // What was sealed for one row does not pass for another.
    const moved = await knex(TABLES[0]).where('checkpoint_id', idOf(2)).first();
    await knex(TABLES[0])
      .where('checkpoint_id', idOf(3))
      .update({ body: moved.body });
    await expect(valuesAt(rotated, 'a', 3)).rejects.toThrow('does not open');
  });

  it('refuses keys that are weak or have the same name', () => {
    const create = (...keys: Array<typeof OLD_KEY>) =>
      KnexCheckpointer.create({ knex: undefined as unknown as Knex, keys });
    expect(() => create({ id: 'a', secret: 'short' })).toThrow(
      'at least 32 characters',
    );
    expect(() => create(OLD_KEY, OLD_KEY)).toThrow('an id of its own');
  });

  it('are not written by a process that has lost its claim on the run', async () => {
    const { knex, checkpointer } = await open(id);
    const fence = await newRun(knex, 'run', 'a');
    const claim = { runId: 'run', fence };
    const config = await put(
      checkpointer,
      { thread: 'a', n: 1 },
      { x: 1 },
      { x: 1 },
      { claim },
    );
    await knex('orchestration_runs').increment('fence', 1);
    const before = await rowsOf(knex);
    await expect(
      put(
        checkpointer,
        { thread: 'a', n: 2, parent: 1 },
        { x: 2 },
        { x: 2 },
        { claim },
      ),
    ).rejects.toThrow('another process has it');
    await expect(
      checkpointer.putWrites(
        { configurable: { ...config.configurable, run_claim: claim } },
        [['x', 2]],
        'task',
      ),
    ).rejects.toThrow('another process has it');
    await expect(
      put(checkpointer, { thread: 'a', n: 2 }, {}, {}, { claim: { run: 1 } }),
    ).rejects.toThrow('{ runId, fence }');
    expect(await rowsOf(knex)).toEqual(before);
    await put(
      checkpointer,
      { thread: 'a', n: 2, parent: 1 },
      { x: 2 },
      { x: 2 },
      { claim: { runId: 'run', fence: fence + 1 } },
    );
    expect(await valuesAt(checkpointer, 'a')).toEqual({ x: 2 });
  });

  it('of a graph with a claim stop at the step at which it is lost, in subgraphs too', async () => {
    const { knex, checkpointer } = await open(id);
    const fence = await newRun(knex, 'run', 'a');
    const configurable = { thread_id: 'a', run_claim: { runId: 'run', fence } };
    const config = { configurable, durability: 'sync' as const };
    const ran: string[] = [];
    const graph = askingGraph(checkpointer, ran);
    await graph.invoke({ topic: 'refund' }, config);
    await new LeaseStore(knex).end(
      { id: 'run', fence },
      { status: 'cancelled' },
    );
    const before = await rowsOf(knex);
    await expect(
      graph.invoke(new Command({ resume: 'yes' }), config),
    ).rejects.toThrow('Run run has ended');
    expect(await rowsOf(knex)).toEqual(before);
    expect(ran).not.toContain('tell');
  });
});

/** A run that is worked on; resolves with its fencing number. */
async function newRun(knex: Knex, id: string, threadId: string) {
  await new RunStore(knex).create({
    id,
    threadId,
    snapshot: {
      ref: 'agent:default/desk',
      name: 'desk',
      ownerRef: 'group:default/care',
      spec: {} as never,
    },
    createdBy: 'user:default/ada',
    startedBy: { type: 'person' as const, id: 'user:default/ada' },
    delegationId: '5e7d2a54-6a0e-4f6e-9a3b-2f6f6f3f0d11',
    message: 'Hello',
    lease: { owner: 'me', ms: 30_000 },
  });
  return (await new LeaseStore(knex).claim(id, 'me', 30_000))!.fence;
}
