import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import {
  agent,
  eventsOf,
  startPortal,
  until,
  untilEnded,
} from './__testUtils__/portal';
import type { ModelRequest } from './__testUtils__/scriptedModel';
import { ToolGateway } from './__testUtils__/toolGateway';
import { JournalStore } from './store/JournalStore';
import { LeaseStore } from './store/LeaseStore';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

const start = {
  agentRef: 'agent:default/desk',
  input: { message: 'Take your time' },
};
const desk = agent('desk', {
  tools: [
    'tool:default/orders.find_order',
    'tool:default/orders.rename_order',
    'tool:default/orders.cancel_order',
  ],
  quotas: { maxToolCalls: 3 },
});
const call = (name: string, number: string) => ({
  toolCalls: [{ name: `orders__${name}`, args: { number } }],
});
/** What the model was told by tools, in one of its calls. */
const toldByTools = ({ body }: ModelRequest) =>
  body.messages
    .filter(({ role }) => role === 'tool')
    .map(({ content }) => content);

describe.each(databases.eachSupportedId())('on %s', databaseId => {
  /** Processes that look for no runs any more. */
  const frozen = new Set<string>();
  const { listAbandoned } = LeaseStore.prototype;
  beforeAll(() => {
    jest
      .spyOn(LeaseStore.prototype, 'listAbandoned')
      .mockImplementation(async function list(this: LeaseStore, options) {
        return frozen.has(options.owner)
          ? []
          : listAbandoned.call(this, options);
      });
  });
  afterAll(() => jest.restoreAllMocks());

  type Options = NonNullable<Parameters<typeof startPortal>[0]>;

  /** Processes of one portal, one after the other or side by side. */
  async function processes() {
    const knex = await databases.init(databaseId);
    const agentsKnex = await databases.init(databaseId);
    const process = ({ config = {}, ...options }: Options = {}) =>
      startPortal({
        knex,
        agentsKnex,
        entities: [desk],
        ...options,
        config: { leaseSeconds: 1, ...config },
      });
    return { knex, agentsKnex, process };
  }

  /**
   * Takes the runs from a process as if it had been killed: it renews nothing any
   * more. It lives on, as a frozen one that wakes up later.
   */
  async function kill(knex: Knex) {
    const owners = await knex('orchestration_runs').pluck('lease_owner');
    owners.forEach(owner => frozen.add(owner));
    await knex('orchestration_runs').update({
      lease_owner: 'a process that has gone',
      lease_expires_at: Date.now() - 1,
    });
  }

  async function liveDelegations(knex: Knex): Promise<number> {
    return (await knex('agent_delegations').whereNull('ended_at')).length;
  }

  it('a process that ends lets the next one go on with its runs', async () => {
    const { agentsKnex, knex, process } = await processes();
    const first = await process({
      model: [{ hang: true }],
      config: { workers: 1, shutdownGraceSeconds: 0.2 },
    });
    const begun = await first.client.createRun(start);
    const waiting = await first.client.createRun(start);
    const cancelled = await first.client.createRun(start);
    await until(
      () => first.model.requests.length,
      count => count === 1,
    );
    await first.stop();
    expect(await knex('orchestration_runs').pluck('lease_owner')).toEqual([
      null,
      null,
      null,
    ]);
    await knex('orchestration_runs')
      .where({ id: cancelled.id })
      .update({ cancel_requested: true });

    const next = await process({ model: [{ text: 'Here you are.' }] });
    for (const { id } of [begun, waiting]) {
      expect(await untilEnded(next.client, id)).toMatchObject({
        status: 'succeeded',
        output: { message: 'Here you are.' },
      });
    }
    expect((await untilEnded(next.client, cancelled.id)).status).toBe(
      'cancelled',
    );
    await until(
      () => liveDelegations(agentsKnex),
      count => count === 0,
    );
    await next.stop();
  });

  it('a run goes on at the last step that had ended', async () => {
    const { knex, process } = await processes();
    const killed = await process({
      model: (_request, i) =>
        [
          call('find_order', '1'),
          call('find_order', '2'),
          { hang: true as const },
        ][i],
    });
    const { id } = await killed.client.createRun(start);
    await until(
      () => killed.model.requests.length,
      count => count === 3,
    );
    const events = await knex('orchestration_events').where({ run_id: id });
    await kill(knex);

    const heir = await process({ model: [{ text: 'Both are on their way.' }] });
    const run = await untilEnded(heir.client, id);
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
    await killed.stop();
    expect(await heir.client.getRun(id)).toEqual(run);
    expect(await eventsOf(heir.client, id)).toHaveLength(all.length);
    await heir.stop();
  });

  it('the time that it has taken is counted on', async () => {
    const { knex, process } = await processes();
    const slow = agent('desk', { quotas: { maxDurationSeconds: 600 } });
    const killed = await process({ entities: [slow], model: [{ hang: true }] });
    const { id } = await killed.client.createRun(start);
    const workedMs = () =>
      knex('orchestration_runs').where({ id }).pluck('worked_ms').then(Number);
    // It is written down while the process lives.
    await until(workedMs, ms => ms > 500);
    expect(await workedMs()).toBeLessThan(10_000);
    await kill(knex);
    await knex('orchestration_runs').update({ worked_ms: 599_000 });
    const heir = await process({ entities: [slow], model: [{ hang: true }] });
    expect(await untilEnded(heir.client, id)).toMatchObject({
      status: 'failed',
      error: {
        name: 'QuotaExceeded',
        message: expect.stringContaining('600 seconds'),
      },
    });
    await heir.stop();
    await killed.stop();
  });

  it('a run does not wait to hear what a model call has cost that was cut', async () => {
    const { knex, process } = await processes();
    const killed = await process({ model: [{ hang: true }] });
    const { id } = await killed.client.createRun(start);
    await until(
      () => killed.model.requests.length,
      count => count === 1,
    );
    await kill(knex);
    const cut = { step: 0, status: 'started', costNanoUsd: 700, usage: {} };
    const heir = await process({ model: [{ text: 'Here.' }], booked: [cut] });
    await until(
      () => heir.model.requests.length,
      count => count === 1,
      2_000,
    );
    // The gateway has noticed.
    cut.status = 'succeeded';
    expect(await untilEnded(heir.client, id)).toMatchObject({
      status: 'succeeded',
      usage: { costNanoUsd: 2_200 },
      steps: [{ usage: { costNanoUsd: 700 } }, { status: 'succeeded' }],
    });
    await heir.stop();
    await killed.stop();
  });

  it('a run that is stopped leaves no state behind, nor do agents that it handed work to', async () => {
    const { knex, process } = await processes();
    const portal = await process({
      entities: [
        agent('desk', { handoffs: ['agent:default/helper'] }),
        agent('helper', { tools: ['tool:default/orders.find_order'] }),
      ],
      model: (_request, i) =>
        [
          {
            toolCalls: [
              { name: 'handoff_to_helper', args: { task: 'Find 7.' } },
            ],
          },
          call('find_order', '7'),
          { hang: true as const },
        ][i],
    });
    const { id } = await portal.client.createRun(start);
    await until(
      () => portal.model.requests.length,
      count => count === 3,
    );
    const threads = () =>
      knex('orchestration_checkpoint_threads').pluck('thread_id');
    expect(await threads()).toHaveLength(2);
    await portal.client.cancelRun(id);
    await untilEnded(portal.client, id);
    expect(await threads()).toEqual([]);
    await portal.stop();
  });

  it('its quotas and its loops are counted on', async () => {
    const { knex, process } = await processes();
    const killed = await process({
      model: (_request, i) =>
        [
          call('find_order', '1'),
          call('find_order', '1'),
          { hang: true as const },
        ][i],
    });
    const { id } = await killed.client.createRun(start);
    await until(
      () => killed.model.requests.length,
      count => count === 3,
    );
    await kill(knex);
    const heir = await process({ model: [call('find_order', '1')] });
    expect(await untilEnded(heir.client, id)).toMatchObject({
      status: 'failed',
      error: { name: 'LoopDetected' },
      usage: { modelCalls: 3, toolCalls: 2 },
    });
    await heir.stop();
    await killed.stop();
  });

  it('so are the quotas and loops of an agent that was handed work', async () => {
    const { knex, process } = await processes();
    const entities = (quotas: object) => [
      agent('desk', { handoffs: ['agent:default/helper'] }),
      agent('helper', { tools: ['tool:default/orders.find_order'], quotas }),
    ];
    const handOver = {
      toolCalls: [
        // Providers number calls of each conversation from the start.
        { name: 'handoff_to_helper', args: { task: 'Find 7.' }, id: 'call_0' },
      ],
    };
    const [find] = call('find_order', '7').toolCalls;
    const killed = await process({
      entities: entities({ maxToolCalls: 1 }),
      model: (_request, i) =>
        [
          handOver,
          { toolCalls: [{ ...find, id: 'call_0' }] },
          { hang: true as const },
        ][i],
    });
    const { id } = await killed.client.createRun(start);
    await until(
      () => killed.model.requests.length,
      count => count === 3,
    );
    await kill(knex);
    const heir = await process({
      entities: entities({ maxToolCalls: 1 }),
      model: (_request, i) =>
        [call('find_order', '8'), { text: 'It may do no more.' }][i],
    });
    const run = await untilEnded(heir.client, id);
    expect(run.output?.message).toBe('It may do no more.');
    expect(heir.tools.calls).toEqual([]);
    expect(heir.model.requests.map(toldByTools)).toEqual([
      ['{"number":"7","status":"shipped"}'],
      [expect.stringContaining('Stopped after 1 tool call')],
    ]);
    await heir.stop();
    await killed.stop();
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
      const { knex, process } = await processes();
      const killed = await process({
        model: [call(tool, '7')],
        tools: new ToolGateway(() => new Promise(() => {})),
      });
      const { id } = await killed.client.createRun(start);
      await until(
        () => killed.tools.calls.length,
        count => count === 1,
      );
      await kill(knex);
      const heir = await process({ model: [{ text: 'I see.' }] });
      expect(await untilEnded(heir.client, id)).toMatchObject({
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
      await heir.stop();
      await killed.stop();
    },
  );

  it('a tool whose answer is on record is not called again for its checkpoint', async () => {
    const { knex, process } = await processes();
    const killed = await process({
      model: (_request, i) =>
        [call('cancel_order', '7'), { hang: true as const }][i],
    });
    const { id } = await killed.client.createRun(start);
    await until(
      () => killed.model.requests.length,
      count => count === 2,
    );
    await kill(knex);
    // As if it had stopped between the end of the step and the checkpoint.
    await forgetLastCheckpoint(knex, id);
    const heir = await process({ model: [{ text: 'Done.' }] });
    expect(await untilEnded(heir.client, id)).toMatchObject({
      status: 'succeeded',
      usage: { toolCalls: 1 },
    });
    expect(heir.tools.calls).toEqual([]);
    expect(heir.model.requests.map(toldByTools)).toEqual([
      ['{"number":"7","status":"shipped"}'],
    ]);
    await heir.stop();
    await killed.stop();
  });

  it('a model whose answer is on record is not asked again for its checkpoint', async () => {
    const { knex, process } = await processes();
    const killed = await process({
      model: [call('find_order', '7')],
      tools: new ToolGateway(() => new Promise(() => {})),
    });
    const { id } = await killed.client.createRun(start);
    await until(
      () => killed.tools.calls.length,
      count => count === 1,
    );
    await kill(knex);
    await forgetLastCheckpoint(knex, id);
    // As if it had stopped before it could add up what the answer has cost.
    await knex('orchestration_runs').update({ cost_nano_usd: 0 });
    const heir = await process({
      model: [{ text: 'Shipped.', costNanoUsd: 500 }],
    });
    expect(await untilEnded(heir.client, id)).toMatchObject({
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
    await heir.stop();
    await killed.stop();
  });

  it('work that was handed over is not done again when only its checkpoint is missing', async () => {
    const { knex, process } = await processes();
    const entities = [
      agent('desk', { handoffs: ['agent:default/helper'] }),
      agent('helper', { tools: ['tool:default/orders.cancel_order'] }),
    ];
    const killed = await process({
      entities,
      model: (_request, i) =>
        [
          {
            toolCalls: [
              { name: 'handoff_to_helper', args: { task: 'Cancel 7.' } },
            ],
          },
          call('cancel_order', '7'),
          { text: 'It is cancelled.' },
          { hang: true as const },
        ][i],
    });
    const { id } = await killed.client.createRun(start);
    await until(
      () => killed.model.requests.length,
      count => count === 4,
    );
    await kill(knex);
    await forgetLastCheckpoint(knex, id);
    const heir = await process({
      entities,
      model: [{ text: 'The helper did it.' }],
    });
    expect(await untilEnded(heir.client, id)).toMatchObject({
      status: 'succeeded',
      output: { message: 'The helper did it.' },
    });
    expect(heir.tools.calls).toEqual([]);
    expect(heir.model.requests.map(toldByTools)).toEqual([
      ['It is cancelled.'],
    ]);
    await untilNoCheckpoints(knex);
    await heir.stop();
    await killed.stop();
  });

  it('no step has a checkpoint before its end is on record', async () => {
    const { knex, process } = await processes();
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
    const portal = await process({
      model: (_request, i) => [call('find_order', '7'), { text: 'Here.' }][i],
    });
    const { id } = await portal.client.createRun(start);
    await untilEnded(portal.client, id);
    slow.mockRestore();
    expect(after).toHaveLength(3);
    expect(after).toEqual(before);
    await portal.stop();
  });

  it('work that was handed over goes on where it was, too', async () => {
    const { knex, process } = await processes();
    const entities = [
      agent('desk', { handoffs: ['agent:default/helper'] }),
      agent('helper', { tools: ['tool:default/orders.cancel_order'] }),
    ];
    const killed = await process({
      entities,
      model: (_request, i) =>
        [
          {
            toolCalls: [
              { name: 'handoff_to_helper', args: { task: 'Cancel 7.' } },
            ],
          },
          call('cancel_order', '7'),
          { hang: true as const },
        ][i],
    });
    const { id } = await killed.client.createRun(start);
    await until(
      () => killed.model.requests.length,
      count => count === 3,
    );
    await kill(knex);
    // However often it is cut, it was asked for once.
    const next = await process({ entities, model: [{ hang: true }] });
    await until(
      () => next.model.requests.length,
      count => count === 1,
    );
    await kill(knex);
    const heir = await process({
      entities,
      config: { loopThreshold: 2 },
      model: [{ text: 'It is cancelled.' }, { text: 'The helper did it.' }],
    });
    expect(await untilEnded(heir.client, id)).toMatchObject({
      status: 'succeeded',
      output: { message: 'The helper did it.' },
    });
    expect(heir.tools.calls).toEqual([]);
    expect(heir.model.requests.map(toldByTools)).toEqual([
      ['{"number":"7","status":"shipped"}'],
      ['It is cancelled.'],
    ]);
    await untilNoCheckpoints(knex);
    await heir.stop();
    await next.stop();
    await killed.stop();
  });

  it('a process with a queue of its own goes on with the runs of a dead one at once', async () => {
    const { knex, process } = await processes();
    const heir = await process({
      model: ({ body }) =>
        JSON.stringify(body.messages).includes('of the dead')
          ? { text: 'Here you are.' }
          : { hang: true },
      config: { workers: 1 },
    });
    await heir.client.createRun(start);
    await heir.client.createRun(start);
    const { id } = await heir.client.createRun({
      ...start,
      input: { message: 'One of the dead' },
    });
    await knex('orchestration_runs').where({ id }).update({
      status: 'running',
      fence: 1,
      lease_owner: 'a process that has gone',
      lease_expires_at: 0,
    });
    const began = Date.now();
    expect((await untilEnded(heir.client, id)).status).toBe('succeeded');
    expect(Date.now() - began).toBeLessThan(5_000);
    await heir.stop();
  });

  it('a run that goes on a bit in each process is not given up', async () => {
    const { knex, process } = await processes();
    const killed = await process({
      model: (_request, i) =>
        [call('find_order', '1'), { hang: true as const }][i],
    });
    const { id } = await killed.client.createRun(start);
    await until(
      () => killed.model.requests.length,
      count => count === 2,
    );
    await kill(knex);
    await knex('orchestration_runs').update({ fence: 9, progress_fence: 9 });
    const heir = await process({ model: [{ text: 'Here.' }] });
    expect((await untilEnded(heir.client, id)).status).toBe('succeeded');
    await heir.stop();
    await killed.stop();
  });

  it('a run that no process survives is given up', async () => {
    const { agentsKnex, knex, process } = await processes();
    const killed = await process({ model: [{ hang: true }] });
    const { id } = await killed.client.createRun(start);
    await until(
      () => killed.model.requests.length,
      count => count === 1,
    );
    await knex('orchestration_runs').update({ fence: 5 });
    await kill(knex);
    const heir = await process();
    const run = await untilEnded(heir.client, id);
    expect(run).toMatchObject({
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
    await until(
      () => liveDelegations(agentsKnex),
      count => count === 0,
    );
    await heir.stop();
    await killed.stop();
  });

  it('many runs of a process that was killed all end right, and each effect happens once', async () => {
    const { knex, process } = await processes();
    const effects: string[] = [];
    const tools = () =>
      new ToolGateway((_name, args) => {
        effects.push(String(args.number));
        return { content: [{ type: 'text', text: 'Cancelled.' }] };
      });
    const model = (slow: boolean) => (request: ModelRequest) => {
      const question = String(
        request.body.messages.findLast(({ role }) => role === 'user')?.content,
      );
      const calls = request.body.messages.filter(
        ({ role }) => role === 'tool',
      ).length;
      return calls < 2
        ? call('cancel_order', `${question} ${calls}`)
        : { text: `Done: ${question}`, pauseMs: slow ? 400 : 0 };
    };
    const killed = await process({
      model: model(true),
      tools: tools(),
      config: { workers: 20, waiting: { perPerson: 100 } },
    });
    const ids = new Map<string, string>();
    for (let i = 0; i < 40; i += 1) {
      const { id } = await killed.client.createRun({
        ...start,
        input: { message: `order ${i}` },
      });
      ids.set(id, `order ${i}`);
    }
    await until(
      () => effects.length,
      count => count > 20,
    );
    await kill(knex);
    const heir = await process({
      model: model(false),
      tools: tools(),
      config: { workers: 20 },
    });
    for (const [id, message] of ids) {
      expect(await untilEnded(heir.client, id)).toMatchObject({
        status: 'succeeded',
        output: { message: `Done: ${message}` },
      });
    }
    const twice = effects.filter((effect, i) => effects.indexOf(effect) !== i);
    expect(twice).toEqual([]);
    await heir.stop();
    await killed.stop();
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
