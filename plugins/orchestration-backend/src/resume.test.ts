import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import {
  agent,
  eventsOf,
  startPortal,
  until,
  untilEnded,
} from './__testUtils__/portal';
import type { ModelReply, ModelRequest } from './__testUtils__/scriptedModel';
import { findOrder, ToolGateway } from './__testUtils__/toolGateway';
import { JournalStore } from './store/JournalStore';
import { LeaseStore } from './store/LeaseStore';

jest.setTimeout(60_000);

/** Whether processes have more to do than they can. */
const mockLate = { is: false };
jest.mock('./workers/isLate', () => ({
  isLate: () =>
    new Promise(resolve => {
      setTimeout(() => resolve(mockLate.is), 5);
    }),
}));

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

const start = {
  agentRef: 'agent:default/desk',
  input: { message: 'Take your time' },
};
const ORDERS = ['find_order', 'rename_order', 'cancel_order'].map(
  name => `tool:default/orders.${name}`,
);
const desk = agent('desk');
const helper = agent('helper');
/** What the agents of a test are; they are the same entities for all processes. */
function agentsAre(ofDesk: object, ofHelper: object = {}) {
  desk.spec = agent('desk', ofDesk).spec;
  helper.spec = agent('helper', ofHelper).spec;
}
const call = (name: string, number: string) => ({
  toolCalls: [{ name: `orders__${name}`, args: { number } }],
});
/** What the model was told by tools, in one of its calls. */
const toldByTools = ({ body }: ModelRequest) =>
  body.messages
    .filter(({ role }) => role === 'tool')
    .map(({ content }) => content);

describe.each(databases.eachSupportedId())('on %s', databaseId => {
  let knex: Knex;
  let agentsKnex: Knex;
  /** Processes, and those of them that look for runs of dead ones. */
  const owners = new Set<string>();
  const lookers = new Set<string>();

  type Script = (
    request: ModelRequest,
    index: number,
  ) => ModelReply | Promise<ModelReply>;

  /** A process; what its model and its tools say is a test's. */
  async function startProcess(config: object = {}) {
    const says = {
      model: (() => ({ text: 'Hello.' })) as Script,
      tool: findOrder as NonNullable<
        ConstructorParameters<typeof ToolGateway>[0]
      >,
    };
    const known = new Set(owners);
    const portal = await startPortal({
      knex,
      agentsKnex,
      entities: [desk, helper],
      model: (request, index) => says.model(request, index),
      tools: new ToolGateway((...made) => says.tool(...made)),
      config: {
        leaseSeconds: 2,
        loopThreshold: 2,
        shutdownGraceSeconds: 0.2,
        // Some of those of a test with many wait for room, and for each other.
        workers: 16,
        waiting: { perPerson: 100 },
        ...config,
      },
    });
    const [owner] = await until(
      () => [...owners].filter(each => !known.has(each)),
      ({ length }) => length === 1,
    );
    return Object.assign(portal, { says, owner });
  }

  /**
   * Two processes of one portal do for all tests, since each takes seconds to start: one
   * whose runs are taken from it, and its heir.
   */
  let killed: Awaited<ReturnType<typeof startProcess>>;
  let heir: typeof killed;
  const { listAbandoned } = LeaseStore.prototype;
  beforeAll(async () => {
    jest
      .spyOn(LeaseStore.prototype, 'listAbandoned')
      .mockImplementation(async function list(this: LeaseStore, options) {
        owners.add(options.owner);
        return lookers.has(options.owner)
          ? listAbandoned.call(this, options)
          : [];
      });
    knex = await databases.init(databaseId);
    agentsKnex = await databases.init(databaseId);
    killed = await startProcess();
    heir = await startProcess();
  });
  afterAll(async () => {
    await Promise.all([killed.stop(), heir.stop()]);
    jest.restoreAllMocks();
  });
  beforeEach(() => {
    lookers.clear();
    lookers.add(heir.owner);
    mockLate.is = false;
    agentsAre({ tools: ORDERS, quotas: { maxToolCalls: 3 } });
    for (const { model, says, tools } of [killed, heir]) {
      says.model = () => ({ text: 'Hello.' });
      says.tool = findOrder;
      model.requests.length = 0;
      model.booked.length = 0;
      tools.calls.length = 0;
    }
  });

  /**
   * Takes the runs from a process as if it had been killed: it renews nothing any
   * more. It lives on, as a frozen one that wakes up later.
   */
  async function kill(whose: object = {}) {
    await knex('orchestration_runs')
      .whereIn('status', ['queued', 'running'])
      .andWhere(whose)
      .update({
        lease_owner: 'a process that has gone',
        lease_expires_at: Date.now() - 1,
      });
  }

  /** Starts a run and waits until its model has been asked so often. */
  async function begin(replies: ModelReply[]) {
    killed.says.model = (_request, i) => replies[i];
    const { id } = await killed.client.createRun(start);
    await until(
      () => killed.model.requests.length,
      count => count === replies.length,
    );
    return id;
  }

  /** The end of a run in the process that goes on with it. */
  async function endedByHeir(id: string, ...replies: ModelReply[]) {
    heir.says.model = (_request, i) => replies[Math.min(i, replies.length - 1)];
    await kill();
    return untilEnded(heir.client, id);
  }

  async function untilNoDelegations(): Promise<void> {
    await until(
      () => agentsKnex('agent_delegations').whereNull('ended_at'),
      rows => rows.length === 0,
    );
  }

  const HANG: ModelReply = { hang: true };
  const handOver = (task: string, id?: string) => ({
    toolCalls: [{ name: 'handoff_to_helper', args: { task }, id }],
  });

  it('a run goes on at the last step that had ended', async () => {
    let wake = (_reply: ModelReply) => {};
    killed.says.model = (_request, i) =>
      [call('find_order', '1'), call('find_order', '2')][i] ??
      new Promise(resolve => {
        wake = resolve;
      });
    const { id } = await killed.client.createRun(start);
    await until(
      () => killed.model.requests.length,
      count => count === 3,
    );
    const events = await knex('orchestration_events').where({ run_id: id });

    const run = await endedByHeir(id, { text: 'Both are on their way.' });
    expect(run).toMatchObject({
      status: 'succeeded',
      output: { message: 'Both are on their way.' },
      usage: { toolCalls: 2 },
      steps: [
        { kind: 'model', status: 'succeeded' },
        { kind: 'tool', status: 'succeeded' },
        { kind: 'model', status: 'succeeded' },
        { kind: 'tool', status: 'succeeded' },
        { kind: 'model', status: 'failed', error: { name: 'WorkersLost' } },
        { kind: 'model', status: 'succeeded' },
      ],
    });
    expect(heir.tools.calls).toEqual([]);
    expect(heir.model.requests.map(toldByTools)).toEqual([
      killed.model.requests.map(toldByTools)[2],
    ]);
    expect(run.steps.map(step => step.index)).toEqual(
      run.steps.map((_, i) => i),
    );
    // Each message is on record once.
    expect(run.messages!.map(({ role }) => role)).toEqual([
      'system',
      'user',
      'assistant',
      'tool',
      'assistant',
      'tool',
      'assistant',
    ]);
    const all = await knex('orchestration_events')
      .where({ run_id: id })
      .orderBy('seq');
    expect(all.length).toBeGreaterThan(events.length);
    expect(all.map(row => row.seq)).toEqual(all.map((_, i) => i + 1));

    // The one that was given up comes back and wants to go on.
    wake(call('cancel_order', '3'));
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(killed.tools.calls).toHaveLength(2);
    expect(await heir.client.getRun(id)).toEqual(run);
    expect(await eventsOf(heir.client, id)).toHaveLength(all.length);
  });

  it('the time that it has taken is counted on', async () => {
    agentsAre({ quotas: { maxDurationSeconds: 600 } });
    const id = await begin([HANG]);
    const workedMs = () =>
      knex('orchestration_runs').where({ id }).pluck('worked_ms').then(Number);
    // It is written down while the process lives.
    await until(workedMs, ms => ms > 500);
    expect(await workedMs()).toBeLessThan(10_000);
    await knex('orchestration_runs').where({ id }).update({
      worked_ms: 599_000,
    });
    expect(await endedByHeir(id, HANG)).toMatchObject({
      status: 'failed',
      error: {
        name: 'QuotaExceeded',
        message: expect.stringContaining('600 seconds'),
      },
    });
  });

  it('a run does not wait to hear what a model call has cost that was cut', async () => {
    const id = await begin([HANG]);
    const cut = { step: 0, status: 'started', costNanoUsd: 700, usage: {} };
    heir.model.booked.push(cut);
    heir.says.model = () => ({ text: 'Here.' });
    await kill();
    await until(
      () => heir.model.requests.length,
      count => count === 1,
      3_000,
    );
    // The gateway has noticed.
    cut.status = 'succeeded';
    expect(await untilEnded(heir.client, id)).toMatchObject({
      status: 'succeeded',
      usage: { costNanoUsd: 2_200 },
      steps: [{ usage: { costNanoUsd: 700 } }, { status: 'succeeded' }],
    });
  });

  it('a run that is stopped leaves no state behind, nor do agents that it handed work to', async () => {
    agentsAre({ handoffs: ['agent:default/helper'] }, { tools: ORDERS });
    const id = await begin([
      handOver('Find 7.'),
      call('find_order', '7'),
      HANG,
    ]);
    const threads = () =>
      knex('orchestration_checkpoint_threads').pluck('thread_id');
    expect(await threads()).toHaveLength(2);
    await killed.client.cancelRun(id);
    await untilEnded(killed.client, id);
    expect(await threads()).toEqual([]);
  });

  it('its quotas and its loops are counted on', async () => {
    const id = await begin([call('find_order', '1'), HANG]);
    expect(await endedByHeir(id, call('find_order', '1'))).toMatchObject({
      status: 'failed',
      error: { name: 'LoopDetected' },
      usage: { modelCalls: 2, toolCalls: 1 },
    });
  });

  it('so are the quotas and loops of an agent that was handed work', async () => {
    agentsAre(
      { handoffs: ['agent:default/helper'] },
      { tools: ORDERS, quotas: { maxToolCalls: 1 } },
    );
    const [find] = call('find_order', '7').toolCalls;
    // Providers number calls of each conversation from the start.
    const id = await begin([
      handOver('Find 7.', 'call_0'),
      { toolCalls: [{ ...find, id: 'call_0' }] },
      HANG,
    ]);
    const run = await endedByHeir(id, call('find_order', '8'), {
      text: 'It may do no more.',
    });
    expect(run.output?.message).toBe('It may do no more.');
    expect(heir.tools.calls).toEqual([]);
    expect(heir.model.requests.map(toldByTools)).toEqual([
      ['{"number":"7","status":"shipped"}'],
      [expect.stringContaining('Stopped after 1 tool call')],
    ]);
  });

  it.each([
    [
      'that only reads is called again',
      'find_order',
      1,
      '{"number":"7","status":"shipped"}',
    ],
    [
      'that may be called twice is called again',
      'rename_order',
      1,
      '{"number":"7","status":"shipped"}',
    ],
    [
      'with an effect is not called again',
      'cancel_order',
      0,
      expect.stringContaining('Nobody knows whether'),
    ],
  ])(
    'a tool %s when its process stopped in the middle',
    async (_title, tool, again, told) => {
      killed.says.tool = () => new Promise(() => {});
      const id = await begin([call(tool, '7')]);
      await until(
        () => killed.tools.calls.length,
        count => count === 1,
      );
      expect(await endedByHeir(id, { text: 'I see.' })).toMatchObject({
        status: 'succeeded',
        steps: [
          { kind: 'model', status: 'succeeded' },
          { kind: 'tool', status: 'failed', error: { name: 'WorkersLost' } },
          { kind: 'tool', status: again ? 'succeeded' : 'failed' },
          { kind: 'model', status: 'succeeded' },
        ],
      });
      expect(heir.tools.calls).toHaveLength(again);
      // By this a server knows that it has had the call before.
      const keyOf = ({ idempotencyKey }: { idempotencyKey?: unknown }) =>
        idempotencyKey;
      expect(keyOf(killed.tools.calls[0])).toMatch(/^[0-9a-f]{64}$/);
      heir.tools.calls.forEach(repeated =>
        expect(keyOf(repeated)).toBe(keyOf(killed.tools.calls[0])),
      );
      expect(heir.model.requests.map(toldByTools)).toEqual([[told]]);
    },
  );

  it('a tool whose answer is on record is not called again for its checkpoint', async () => {
    const id = await begin([call('cancel_order', '7'), HANG]);
    // As if it had stopped between the end of the step and the checkpoint.
    await forgetLastCheckpoint(knex, id);
    expect(await endedByHeir(id, { text: 'Done.' })).toMatchObject({
      status: 'succeeded',
      usage: { toolCalls: 1 },
    });
    expect(heir.tools.calls).toEqual([]);
    expect(heir.model.requests.map(toldByTools)).toEqual([
      ['{"number":"7","status":"shipped"}'],
    ]);
  });

  it('a model whose answer is on record is not asked again for its checkpoint', async () => {
    killed.says.tool = () => new Promise(() => {});
    const id = await begin([call('find_order', '7')]);
    await until(
      () => killed.tools.calls.length,
      count => count === 1,
    );
    await forgetLastCheckpoint(knex, id);
    // As if it had stopped before it could add up what the answer has cost.
    await knex('orchestration_runs').where({ id }).update({ cost_nano_usd: 0 });
    expect(
      await endedByHeir(id, { text: 'Shipped.', costNanoUsd: 500 }),
    ).toMatchObject({
      status: 'succeeded',
      output: { message: 'Shipped.' },
      usage: { modelCalls: 2, costNanoUsd: 2_000 },
      steps: [
        { kind: 'model', status: 'succeeded' },
        { kind: 'tool', status: 'failed', error: { name: 'WorkersLost' } },
        { kind: 'tool', status: 'succeeded' },
        { kind: 'model', status: 'succeeded' },
      ],
    });
    expect(heir.model.requests.map(toldByTools)).toEqual([
      ['{"number":"7","status":"shipped"}'],
    ]);
  });

  it('work that was handed over is not done again when only its checkpoint is missing', async () => {
    agentsAre({ handoffs: ['agent:default/helper'] }, { tools: ORDERS });
    const id = await begin([
      handOver('Cancel 7.'),
      call('cancel_order', '7'),
      { text: 'It is cancelled.' },
      HANG,
    ]);
    await forgetLastCheckpoint(knex, id);
    expect(await endedByHeir(id, { text: 'The helper did it.' })).toMatchObject(
      {
        status: 'succeeded',
        output: { message: 'The helper did it.' },
      },
    );
    expect(heir.tools.calls).toEqual([]);
    expect(heir.model.requests.map(toldByTools)).toEqual([
      ['It is cancelled.'],
    ]);
    await untilNoCheckpoints(knex);
  });

  it('no step has a checkpoint before its end is on record', async () => {
    const { write } = JournalStore.prototype;
    const before: string[][] = [];
    const after: string[][] = [];
    const slow = jest
      .spyOn(JournalStore.prototype, 'write')
      .mockImplementation(async function writeLate(
        this: JournalStore,
        ...args
      ) {
        if (args[2].steps.some(({ status }) => status === 'succeeded')) {
          const ids = () =>
            knex('orchestration_checkpoints').pluck('checkpoint_id');
          before.push(await ids());
          await new Promise(resolve => setTimeout(resolve, 300));
          after.push(await ids());
        }
        return write.apply(this, args);
      });
    heir.says.model = (_request, i) =>
      [call('find_order', '7'), { text: 'Here.' }][i];
    const { id } = await heir.client.createRun(start);
    await untilEnded(heir.client, id);
    slow.mockRestore();
    expect(after).toHaveLength(3);
    expect(after).toEqual(before);
  });

  it('a run that goes on a bit in each process is not given up', async () => {
    const id = await begin([call('find_order', '1'), HANG]);
    await knex('orchestration_runs')
      .where({ id })
      .update({ fence: 9, progress_fence: 9 });
    expect((await endedByHeir(id, { text: 'Here.' })).status).toBe('succeeded');
  });

  it('a run that no process survives is given up', async () => {
    const id = await begin([HANG]);
    await knex('orchestration_runs').where({ id }).update({ fence: 5 });
    expect(await endedByHeir(id)).toMatchObject({
      status: 'failed',
      error: {
        name: 'WorkersLost',
        message: expect.stringContaining('stopped 5 times'),
      },
      steps: [{ status: 'failed' }],
    });
    expect((await eventsOf(heir.client, id)).at(-1)?.event.type).toBe(
      'RUN_ERROR',
    );
    await untilNoDelegations();
  });

  it('many runs of a process that was killed all end right in one that is late, and each effect happens once', async () => {
    const effects: string[] = [];
    const model =
      (slow: boolean): Script =>
      request => {
        const question = String(
          request.body.messages.findLast(({ role }) => role === 'user')
            ?.content,
        );
        const calls = request.body.messages.filter(
          ({ role }) => role === 'tool',
        ).length;
        if (question === 'my own') {
          return HANG;
        }
        return calls < 2
          ? call('cancel_order', `${question} ${calls}`)
          : { text: `Done: ${question}`, pauseMs: slow ? 400 : 0 };
      };
    for (const { says } of [killed, heir]) {
      says.model = model(says === killed.says);
      says.tool = (_name, args) => {
        effects.push(String(args.number));
        return { content: [{ type: 'text', text: 'Cancelled.' }] };
      };
    }
    const ids = new Map<string, string>();
    for (let i = 0; i < 24; i += 1) {
      const { id } = await killed.client.createRun({
        ...start,
        input: { message: `order ${i}` },
      });
      ids.set(id, `order ${i}`);
    }
    await until(
      () => effects.length,
      count => count > 12,
    );
    // It begins no run after its own while it is late, and what was begun does not wait for that.
    mockLate.is = true;
    const own = await heir.client.createRun({
      ...start,
      input: { message: 'my own' },
    });
    await until(
      () => heir.model.requests.length,
      count => count === 1,
    );
    const begun = await knex('orchestration_runs')
      .where({ lease_owner: killed.owner, status: 'running' })
      .pluck('id');
    expect(begun.length).toBeGreaterThan(4);
    await kill({ lease_owner: killed.owner });
    for (const id of begun) {
      await untilEnded(heir.client, id);
    }
    mockLate.is = false;
    for (const [id, message] of ids) {
      expect(await untilEnded(heir.client, id)).toMatchObject({
        status: 'succeeded',
        output: { message: `Done: ${message}` },
      });
    }
    const twice = effects.filter((effect, i) => effects.indexOf(effect) !== i);
    expect(twice).toEqual([]);
    await heir.client.cancelRun(own.id);
  });

  it('work that was handed over goes on where it was, too, and so does a queue that ends with its process', async () => {
    agentsAre({ handoffs: ['agent:default/helper'] }, { tools: ORDERS });
    const id = await begin([
      handOver('Cancel 7.'),
      call('cancel_order', '7'),
      HANG,
    ]);
    heir.says.model = () => HANG;
    await kill();
    await until(
      () => heir.model.requests.length,
      count => count === 1,
    );
    // However often it is cut, it was asked for once.
    const third = await startProcess({ workers: 1 });
    lookers.clear();
    lookers.add(third.owner);
    third.says.model = (_request, i) =>
      [{ text: 'It is cancelled.' }, { text: 'The helper did it.' }][i];
    await kill();
    expect(await untilEnded(third.client, id)).toMatchObject({
      status: 'succeeded',
      output: { message: 'The helper did it.' },
    });
    expect(third.tools.calls).toEqual([]);
    expect(third.model.requests.map(toldByTools)).toEqual([
      ['{"number":"7","status":"shipped"}'],
      ['It is cancelled.'],
    ]);
    await untilNoCheckpoints(knex);

    // A process with a queue of its own goes on with the runs of a dead one at once.
    third.says.model = ({ body }) =>
      JSON.stringify(body.messages).includes('of the dead')
        ? { text: 'Here you are.' }
        : HANG;
    const begun = await third.client.createRun(start);
    const waiting = await third.client.createRun(start);
    const cancelled = await third.client.createRun(start);
    const dead = await third.client.createRun({
      ...start,
      input: { message: 'One of the dead' },
    });
    await knex('orchestration_runs').where({ id: dead.id }).update({
      status: 'running',
      fence: 1,
      lease_owner: 'a process that has gone',
      lease_expires_at: 0,
    });
    const began = Date.now();
    expect((await untilEnded(third.client, dead.id)).status).toBe('succeeded');
    expect(Date.now() - began).toBeLessThan(5_000);

    // It ends, and lets the next one go on with its runs.
    await third.stop();
    const left = [begun.id, waiting.id, cancelled.id];
    expect(
      await knex('orchestration_runs').whereIn('id', left).pluck('lease_owner'),
    ).toEqual([null, null, null]);
    await knex('orchestration_runs')
      .where({ id: cancelled.id })
      .update({ cancel_requested: true });
    heir.says.model = () => ({ text: 'Here you are.' });
    lookers.add(heir.owner);
    for (const each of [begun.id, waiting.id]) {
      expect(await untilEnded(heir.client, each)).toMatchObject({
        status: 'succeeded',
        output: { message: 'Here you are.' },
      });
    }
    expect((await untilEnded(heir.client, cancelled.id)).status).toBe(
      'cancelled',
    );
    await untilNoDelegations();
  });
});

/** What is over needs no checkpoints; they are deleted just after the end. */
async function untilNoCheckpoints(knex: Knex): Promise<void> {
  await until(
    () => knex('orchestration_checkpoints').pluck('thread_id'),
    ids => ids.length === 0,
  );
}

/** Takes the newest checkpoint of a run away, and what was written for the one before. */
async function forgetLastCheckpoint(knex: Knex, id: string): Promise<void> {
  const [last, before] = await knex('orchestration_checkpoints')
    .where({ thread_id: id })
    .orderBy('checkpoint_id', 'desc')
    .pluck('checkpoint_id');
  for (const table of ['checkpoints', 'checkpoint_values']) {
    await knex(`orchestration_${table}`)
      .where({ thread_id: id, checkpoint_id: last })
      .delete();
  }
  await knex('orchestration_checkpoint_writes')
    .where({ thread_id: id, checkpoint_id: before })
    .delete();
}
