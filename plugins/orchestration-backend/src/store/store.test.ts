import { TestDatabases } from '@backstage/backend-test-utils';
import { EventType } from '@ag-ui/core';
import type { NumberedRunEvent } from '@agentportal/plugin-orchestration-common';
import type { Knex } from 'knex';
import { agent } from '../__testUtils__/portal';
import type { RunEventFeeds } from '../events/RunEventFeeds';
import { RunJournal } from '../events/RunJournal';
import { InterruptStore } from './InterruptStore';
import { JournalStore } from './JournalStore';
import { LeaseStore } from './LeaseStore';
import { MIGRATIONS_DIRECTORY } from './migrate';
import { RetentionStore } from './RetentionStore';
import type { RunFilter } from './runFilter';
import { RunStore } from './RunStore';
import { StatsStore } from './StatsStore';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const migrations = { directory: MIGRATIONS_DIRECTORY };
const DAY = 86_400_000;
const NOON = Date.UTC(2026, 10, 20, 12);

function newRun(id: string, more: Record<string, unknown> = {}) {
  const entity = agent('desk');
  return {
    id,
    threadId: `thread of ${id}`,
    snapshot: {
      ref: 'agent:default/desk',
      name: 'desk',
      ownerRef: 'group:default/care',
      spec: entity.spec,
    },
    createdBy: 'user:default/ada',
    startedBy: { type: 'person' as const, id: 'user:default/ada' },
    delegationId: '5e7d2a54-6a0e-4f6e-9a3b-2f6f6f3f0d11',
    message: 'Hello',
    lease: { owner: 'me', ms: 30_000 },
    ...more,
  };
}

function modelStep(name: string) {
  return {
    id: `step of ${name}`,
    index: 0,
    kind: 'model' as const,
    name: 'm',
    status: 'succeeded' as const,
    startedAt: new Date(NOON).toISOString(),
  };
}

async function open(id: 'SQLITE_3' | 'POSTGRES_18') {
  const knex = await databases.init(id);
  await knex.migrate.latest(migrations);
  return {
    knex,
    runs: new RunStore(knex),
    leases: new LeaseStore(knex),
    journal: new JournalStore(knex),
    stats: new StatsStore(knex),
  };
}

describe.each(databases.eachSupportedId())('the store on %s', databaseId => {
  const id = databaseId as 'SQLITE_3' | 'POSTGRES_18';

  it('is built and taken down by its migrations', async () => {
    const { knex } = await open(id);
    expect(await tables(knex)).toHaveLength(6);
    await knex.migrate.rollback(migrations, true);
    expect(await tables(knex)).toEqual([]);
    await knex.migrate.latest(migrations);
  });

  it('keeps runs, steps and events when the migration of messages is taken back', async () => {
    const { knex, runs, leases, journal } = await open(id);
    await runs.create(newRun('a'), NOON);
    const claimed = await leases.claim('a', 'me', 30_000, NOON);
    await journal.write({ id: 'a', fence: claimed!.fence }, 1, {
      messages: [{ id: 0, key: 'k', role: 'user', content: 'Hi' }],
      steps: [modelStep('a')],
      events: [{ type: EventType.RUN_STARTED, threadId: 't', runId: 'a' }],
    });
    while (await knex.schema.hasColumn('orchestration_runs', 'thinned')) {
      await knex.migrate.down(migrations);
    }
    const counts = async () =>
      Promise.all(
        ['runs', 'steps', 'events'].map(async table =>
          Number((await knex(`orchestration_${table}`).count({ n: '*' }))[0].n),
        ),
      );
    expect(await counts()).toEqual([1, 1, 1]);
    expect(await knex.schema.hasColumn('orchestration_runs', 'thinned')).toBe(
      false,
    );
    await knex.migrate.latest(migrations);
    expect(await counts()).toEqual([1, 1, 1]);
  });

  it('gives numbers back as numbers, also those past 32 bits', async () => {
    const { runs, leases, journal } = await open(id);
    await runs.create(newRun('a'), NOON);
    const claimed = await leases.claim('a', 'me', 30_000, NOON);
    await journal.write({ id: 'a', fence: claimed!.fence }, 1, {
      messages: [],
      steps: [modelStep('s')],
      events: [],
      usage: {
        inputTokens: 5_000_000_000,
        outputTokens: 1,
        costNanoUsd: 9_000_000_000_000,
        modelCalls: 1,
        toolCalls: 0,
      },
    });
    expect((await runs.get('a'))?.summary).toMatchObject({
      createdAt: '2026-11-20T12:00:00.000Z',
      usage: { inputTokens: 5_000_000_000, costNanoUsd: 9_000_000_000_000 },
    });
  });

  it('pages through runs of some statuses that some may read, none twice', async () => {
    const { knex, runs, leases } = await open(id);
    for (const [i, name] of ['a', 'b', 'c', 'd', 'e'].entries()) {
      await runs.create(newRun(name), NOON + i);
      const status = name === 'c' ? 'cancelled' : 'failed';
      await leases.end(
        { id: name, fence: 0 },
        { status },
        NOON + 100 - (i % 4),
      );
    }
    await runs.create(newRun('waits'), NOON + 9);
    const query = {
      limit: 2,
      status: ['failed' as const, 'cancelled' as const],
      allowed: {
        anyOf: [
          { key: 'creator' as const, values: ['user:default/ada'] },
          { key: 'agentOwner' as const, values: ['group:default/care'] },
        ] as [RunFilter, ...RunFilter[]],
      },
    };
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await runs.list({ ...query, cursor });
      seen.push(...page.items.map(run => run.id));
      cursor = page.nextCursor;
    } while (cursor);
    expect(seen).toEqual(['e', 'd', 'c', 'b', 'a']);

    // And for readers who go on where they were, in the order in which they ended, with what they called.
    await knex('orchestration_steps').insert(
      [
        { kind: 'tool', name: 'find', toolRef: 'tool:default/orders.find' },
        { kind: 'model', name: 'small' },
        { kind: 'tool', name: 'gone', output: 'half \ud800 \u0000' },
      ].map((step, i) => ({
        id: `step-${i}`,
        run_id: 'c',
        step_index: i,
        status: 'succeeded',
        step: JSON.stringify(step),
      })),
    );
    const ended: string[] = [];
    const called: unknown[] = [];
    do {
      const page = await runs.list({
        ...query,
        cursor,
        finishedSince: new Date(NOON + 98).toISOString(),
      });
      ended.push(...page.items.map(run => run.id));
      called.push(...page.items.map(run => run.toolsCalled));
      cursor = page.nextCursor;
    } while (cursor);
    expect(ended).toEqual(['c', 'b', 'a', 'e']);
    expect(called).toEqual([['tool:default/orders.find', 'gone'], [], [], []]);
  });

  it('pages through runs of the same moment without loss', async () => {
    const { runs } = await open(id);
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await runs.create(newRun(name), NOON);
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await runs.list({ limit: 2, cursor });
      seen.push(...page.items.map(run => run.id));
      cursor = page.nextCursor;
    } while (cursor);
    expect(seen).toEqual(['e', 'd', 'c', 'b', 'a']);
  });

  it('gives those of people, agents and owners each once, in order, and cut', async () => {
    const { knex, runs } = await open(id);
    const own = ['user:default/ada', 'user:default/bob'];
    for (let i = 0; i < 12; i += 1) {
      await runs.create(
        newRun(`run ${String(i).padStart(2, '0')}`, {
          createdBy: ['user:default/eve', ...own][i % 3],
          ...(i % 2 ? { onBehalfOf: own[0] } : {}),
          message: 'x'.repeat(5_000),
        }),
        NOON + Math.floor(i / 4),
      );
    }
    await knex('orchestration_runs')
      .where('id', '<', 'run 05')
      .update({ agent_owner_ref: 'group:default/lab' });
    const creator = { key: 'creator' as const, values: own };
    const owner = { key: 'agentOwner' as const, values: ['group:default/lab'] };
    const listed = async (
      allowed: Parameters<typeof runs.list>[0]['allowed'],
    ) => {
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await runs.list({ limit: 3, cursor, allowed });
        ids.push(...page.items.map(run => run.id));
        expect(page.items.every(r => r.input.message.length === 300)).toBe(
          true,
        );
        cursor = page.nextCursor;
      } while (cursor);
      return ids;
    };
    const all = await listed(undefined);
    expect(all).toHaveLength(12);
    // Eve's own, of an agent of nobody's that is asked about: runs 6.
    expect(await listed({ anyOf: [creator, owner] })).toEqual(
      all.filter(name => name !== 'run 06'),
    );
    expect(
      await listed({ allOf: [{ anyOf: [creator, owner] }, { not: owner }] }),
    ).toEqual(all.filter(name => name > 'run 04' && name !== 'run 06'));
    expect(await listed({ key: 'agentOwner', values: [] })).toEqual([]);
    expect((await runs.get('run 00'))?.summary.input.message).toHaveLength(
      5_000,
    );
  });

  it('keeps NOT true to its word where a column is empty', async () => {
    const { runs } = await open(id);
    await runs.create(newRun('mine'), NOON);
    await runs.create(
      newRun('for me', {
        createdBy: 'plugin:evals',
        onBehalfOf: 'user:default/ada',
      }),
      NOON + 1,
    );
    await runs.create(
      newRun('foreign', { createdBy: 'user:default/bob' }),
      NOON + 2,
    );
    const creator = { key: 'creator' as const, values: ['user:default/ada'] };
    const ids = async (allowed: Parameters<typeof runs.list>[0]['allowed']) =>
      (await runs.list({ limit: 10, allowed })).items.map(run => run.id);
    expect(await ids(creator)).toEqual(['for me', 'mine']);
    expect(await ids({ not: creator })).toEqual(['foreign']);
    expect(
      await ids({
        allOf: [
          { key: 'agentOwner', values: ['group:default/care'] },
          { not: creator },
        ],
      }),
    ).toEqual(['foreign']);
    expect(await ids({ key: 'creator', values: [] })).toEqual([]);
  });

  it('lets no more runs of an agent and of an owner be claimed than may be at once', async () => {
    const { knex, runs } = await open(id);
    const leases = new LeaseStore(knex, undefined, {
      perAgent: 2,
      perOwner: 3,
    });
    const lab = { ...newRun('').snapshot, ref: 'agent:default/lab' };
    for (const name of ['a', 'b', 'c']) {
      await runs.create(newRun(name), NOON);
    }
    for (const name of ['d', 'e']) {
      await runs.create(newRun(name, { snapshot: lab }), NOON);
    }
    const claimed = (
      await Promise.all(
        ['a', 'b', 'c'].map(name => leases.claim(name, 'me', 30_000)),
      )
    ).filter(run => run !== undefined);
    expect(claimed).toHaveLength(2);
    const [left] = ['a', 'b', 'c'].filter(
      name => !claimed.some(({ summary }) => summary.id === name),
    );
    expect(await leases.isQueued(left, 'me')).toBe(true);
    expect(await leases.claim('d', 'me', 30_000)).toBeDefined();
    expect(await leases.claim('e', 'me', 30_000)).toBeUndefined();

    // Whose end makes room for another one of the owner, and of the agent.
    const [{ summary, fence }] = claimed;
    await leases.end({ id: summary.id, fence }, { status: 'succeeded' });
    expect(await leases.claim(left, 'me', 30_000)).toBeDefined();
    expect(await leases.claim('e', 'me', 30_000)).toBeUndefined();
    expect(await leases.isQueued('d', 'me')).toBe(false);
  });

  it('lets one worker claim a run, and end it once', async () => {
    const { runs, leases, journal } = await open(id);
    await runs.create(newRun('a'), NOON);
    const claims = await Promise.all([
      leases.claim('a', 'me', 30_000, NOON),
      leases.claim('a', 'me', 30_000, NOON),
    ]);
    const fence = claims.find(Boolean)!.fence;
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await leases.claim('a', 'somebody else', 0)).toBeUndefined();

    const end = { status: 'succeeded' as const, output: 'Done.' };
    expect(await leases.end({ id: 'a', fence: fence - 1 }, end)).toBe(false);
    expect(await leases.end({ id: 'a', fence }, end, NOON + 500)).toBe(true);
    expect(await leases.end({ id: 'a', fence }, end)).toBe(false);
    expect((await runs.get('a'))?.summary).toMatchObject({
      status: 'succeeded',
      durationMs: 500,
    });
    expect(await journal.readAfter('a', 0)).toMatchObject([
      { id: '1', event: { type: 'RUN_FINISHED' } },
    ]);
    // A late writer is refused, and leaves no step that is under way for ever.
    await expect(
      journal.write({ id: 'a', fence }, 2, {
        messages: [],
        steps: [modelStep('late')],
        events: [],
        usage: {
          inputTokens: 1,
          outputTokens: 1,
          costNanoUsd: 1,
          modelCalls: 1,
          toolCalls: 1,
        },
      }),
    ).rejects.toThrow('has ended');
    expect((await runs.get('a'))?.summary.usage.modelCalls).toBe(0);
    expect((await journal.readSteps('a')).steps).toEqual([]);
  });

  it('never tells of what is not written yet', async () => {
    const { runs, leases, journal: store } = await open(id);
    await runs.create(newRun('a'), NOON);
    const claimed = await leases.claim('a', 'me', 30_000, NOON);
    const looks: Array<Promise<NumberedRunEvent[]>> = [];
    const failures: unknown[] = [];
    const journal = await RunJournal.create({
      run: { id: 'a', fence: claimed!.fence },
      store,
      feeds: {
        notify: () => looks.push(store.readAfter('a', 0)),
      } as unknown as RunEventFeeds,
      stopping: new AbortController().signal,
      onFailure: error => failures.push(error),
    });
    const step = journal.startStep({ kind: 'tool', name: 'orders.find' });
    await journal.flush();
    const message = journal.keep('m', () => ({
      role: 'tool',
      content: 'Found.',
    }));
    journal.emit({
      type: EventType.TOOL_CALL_RESULT,
      toolCallId: 'c',
      messageId: 'm',
      role: 'tool',
      message,
    });
    journal.endStep(step, { result: { message, as: 'content' } });
    await journal.close();

    expect(failures).toEqual([]);
    const seen = (await Promise.all(looks)).flat().map(({ event }) => event);
    const results = seen.filter(({ type }) => type === 'TOOL_CALL_RESULT');
    expect(results.length).toBeGreaterThan(0);
    for (const result of results) {
      expect(result).toMatchObject({ content: 'Found.' });
    }
    expect(seen).toContainEqual(
      expect.objectContaining({
        value: {
          step: expect.objectContaining({
            status: 'succeeded',
            output: { content: 'Found.' },
          }),
          messages: [{ id: message, role: 'tool', content: 'Found.' }],
        },
      }),
    );
  });

  it('takes text with characters that no person types', async () => {
    const { runs, leases, journal } = await open(id);
    const odd = 'a\0b \ud83d';
    await runs.create(newRun('a', { message: odd }), NOON);
    const claimed = await leases.claim('a', 'me', 30_000, NOON);
    const run = { id: 'a', fence: claimed!.fence };
    await journal.write(run, 1, {
      messages: [],
      steps: [],
      events: [
        { type: EventType.TEXT_MESSAGE_CONTENT, messageId: 'm', delta: odd },
      ],
    });
    await leases.end(run, { status: 'succeeded', output: odd });
    expect((await runs.get('a'))?.summary.output?.message).toMatch(/^ab /);
    expect(await journal.readAfter('a', 0)).toMatchObject([
      { event: { delta: odd } },
      { event: { type: 'RUN_FINISHED' } },
    ]);
  });

  it('finds runs whose lease has run out, and only those', async () => {
    const { runs, leases } = await open(id);
    await runs.create(newRun('alive'), NOON);
    await runs.create(newRun('dead', { lease: { owner: 'gone', ms: -1 } }));
    await runs.create(
      newRun('elsewhere', { lease: { owner: 'other', ms: 30_000 } }),
    );
    const abandoned = async (owner: string, restarted = false) =>
      (await leases.listAbandoned({ owner, restarted }))
        .map(run => run.id)
        .sort();
    expect(await abandoned('me')).toEqual(['dead']);
    expect(await abandoned('me', true)).toEqual(['dead', 'elsewhere']);
    // A process that wakes up late does not take itself for dead.
    expect(await abandoned('gone')).toEqual([]);

    await leases.heartbeat('gone', 30_000);
    expect(await abandoned('me')).toEqual([]);
    // It was on the list of another process when it renewed its lease.
    const end = { status: 'failed' as const };
    expect(
      await leases.end({ id: 'dead', fence: 0, abandoned: true }, end),
    ).toBe(false);
  });

  it('takes no run for abandoned because the clock of a machine is ahead or behind', async () => {
    const { runs, leases } = await open(id);
    const real = Date.now;
    const clock = jest.spyOn(Date, 'now');
    try {
      // A machine that is an hour behind takes a run and works on it.
      clock.mockImplementation(() => real() - 3_600_000);
      await runs.create(newRun('a'));
      await leases.claim('a', 'me', 30_000);
      await leases.heartbeat('me', 30_000);
      // One that is an hour ahead looks for what is left behind.
      clock.mockImplementation(() => real() + 3_600_000);
      expect(await leases.listAbandoned({ owner: 'other' })).toEqual([]);
      expect(
        await leases.end(
          { id: 'a', fence: 1, abandoned: true },
          { status: 'failed' },
        ),
      ).toBe(false);
    } finally {
      clock.mockRestore();
    }
  });

  it('gives what nobody works on to one process alone', async () => {
    const { runs, leases } = await open(id);
    for (const name of ['waits', 'at work', 'alive']) {
      await runs.create(newRun(name), NOON);
    }
    await leases.claim('at work', 'me', -1, NOON);
    await leases.claim('alive', 'me', 30_000, NOON);
    await leases.releaseQueued('me');
    const found = await leases.listAbandoned({ owner: 'other' });
    expect(found.map(run => run.id).sort()).toEqual(['at work', 'waits']);
    for (const run of found) {
      const taken = await Promise.all(
        ['other', 'third'].map(owner =>
          leases.adopt([run], owner, 30_000, false),
        ),
      );
      expect(taken.flat()).toEqual([run]);
    }
    // Whoever lost it lets go of nothing, and does not end what somebody else has taken up.
    await leases.release('at work', 'me');
    expect(
      await leases.end(
        { id: 'at work', fence: 1, isClaimed: true },
        { status: 'failed' },
      ),
    ).toBe(false);
    expect(await leases.listAbandoned({ owner: 'me' })).toEqual([]);
    expect(
      await leases.adopt([{ id: 'alive', fence: 1 }], 'other', 30_000, false),
    ).toEqual([]);
    expect(await runs.getStatus('at work')).toBe('queued');
    const again = await leases.claim('at work', 'other', 30_000, NOON + 5_000);
    const either =
      again ?? (await leases.claim('at work', 'third', 30_000, NOON + 5_000));
    expect(either).toMatchObject({
      fence: 2,
      summary: { startedAt: '2026-11-20T12:00:00.000Z' },
    });
  });

  it('gives each of many to one process alone, whoever takes or renews them at the same moment', async () => {
    const { knex, runs, leases, journal } = await open(id);
    for (let i = 0; i < 60; i += 1) {
      await runs.create(
        newRun(`run ${i}`, { lease: { owner: 'late', ms: 30_000 } }),
        NOON,
      );
      await leases.claim(`run ${i}`, 'late', -1, NOON);
    }
    const found = await leases.listAbandoned({ owner: 'other' });
    expect(found).toHaveLength(60);
    const [other, third] = await Promise.all([
      leases.adopt(found.slice(0, 40), 'other', 30_000, false),
      leases.adopt(found.slice(10, 50), 'third', 30_000, false),
      // It was not dead.
      leases.heartbeat('late', 30_000),
    ]);
    const rows = await knex('orchestration_runs').select('id', 'lease_owner');
    const heldBy = (owner: string) =>
      rows.flatMap(row => (row.lease_owner === owner ? [row.id] : [])).sort();
    const idsOf = (adopted: typeof found) => adopted.map(run => run.id).sort();
    expect(heldBy('other')).toEqual(idsOf(other));
    expect(heldBy('third')).toEqual(idsOf(third));
    expect(heldBy('late')).toHaveLength(60 - other.length - third.length);
    expect(await leases.listAbandoned({ owner: 'fourth' })).toEqual([]);
    // What the late one still has it may write, and nothing of what it lost.
    const refused: string[] = [];
    for (const run of found) {
      await journal
        .write({ id: run.id, fence: run.fence }, 1, {
          messages: [],
          steps: [],
          events: [],
        })
        .catch(() => refused.push(run.id));
    }
    expect(refused.sort()).toEqual(idsOf([...other, ...third]));
  });

  it('lets a run that waits for a person be stopped, and not be taken for dead', async () => {
    const { knex, runs, leases } = await open(id);
    await runs.create(newRun('a'), NOON);
    await knex('orchestration_runs').update({
      status: 'interrupted',
      lease_expires_at: NOON - 1,
    });
    expect(
      await leases.listAbandoned({
        owner: 'other',
        restarted: true,
      }),
    ).toEqual([]);
    expect(
      await leases.end({ id: 'a', fence: 0 }, { status: 'cancelled' }),
    ).toBe(true);
  });

  it('lets a run wait for people, and go on once, without the time in between', async () => {
    const { knex, runs, leases } = await open(id);
    const interrupts = new InterruptStore(knex);
    const usage = {
      inputTokens: 1,
      outputTokens: 1,
      costNanoUsd: 5,
      modelCalls: 1,
      toolCalls: 1,
    };
    const waits = [
      {
        approvalId: '5e7d2a54-6a0e-4f6e-9a3b-2f6f6f3f0d11',
        kind: 'tool-call' as const,
        title: 'May it?',
        askedOf: ['group:default/care'],
      },
    ];
    await runs.create(newRun('a'), NOON);
    await leases.claim('a', 'me', 30_000, NOON);
    const claim = { id: 'a', fence: 1 };
    expect(
      await interrupts.interrupt({ ...claim, fence: 0 }, waits, usage),
    ).toBe(false);
    await leases.requestCancel('a');
    expect(await interrupts.interrupt(claim, waits, usage)).toBe(false);
    await knex('orchestration_runs').update({ cancel_requested: false });
    expect(await interrupts.interrupt(claim, waits, usage, NOON + 1_000)).toBe(
      true,
    );
    expect(await interrupts.interrupt(claim, waits, usage)).toBe(false);

    expect((await runs.get('a'))!.summary).toMatchObject({
      status: 'interrupted',
      waitingFor: waits,
      usage,
    });
    expect(await leases.listAbandoned({ owner: 'x', restarted: true })).toEqual(
      [],
    );
    expect(await interrupts.list('', 10)).toMatchObject([{ ...claim, waits }]);
    expect(await interrupts.list('a', 10)).toEqual([]);
    // A row that is damaged hides neither itself nor others.
    for (const damaged of ['[{"approvalId"', '[{"approvalId":"?"}]', '{}']) {
      await knex('orchestration_runs').update({ waiting_for: damaged });
      expect(await interrupts.list('', 10)).toMatchObject([{ waits: [] }]);
      expect((await runs.get('a'))!.summary.waitingFor).toEqual([]);
    }

    const resumed = await Promise.all(
      [1, 2].map(() => interrupts.resume(claim, NOON + 61_000)),
    );
    expect(resumed.filter(Boolean)).toHaveLength(1);
    // It was let go on purpose, which is no lost worker.
    const [found] = await leases.listAbandoned({ owner: 'x' });
    expect(found).toMatchObject({ id: 'a', fence: 1, claims: 0 });
    await leases.adopt([found], 'x', 30_000, false);
    expect(
      (await leases.claim('a', 'x', 30_000, NOON + 61_000))!.summary,
    ).not.toHaveProperty('waitingFor');
    await leases.end(
      { id: 'a', fence: 2 },
      { status: 'succeeded', output: 'Done.' },
      NOON + 62_000,
    );
    expect((await runs.get('a'))!.summary.durationMs).toBe(2_000);
  });

  it('counts days in UTC and takes the median of durations', async () => {
    const { runs, leases, stats } = await open(id);
    const run = async (at: number, ms?: number, more: object = {}) => {
      const name = `run ${at} ${ms}`;
      await runs.create(newRun(name), at);
      if (ms !== undefined) {
        const claimed = await leases.claim(name, 'me', 30_000, at);
        const usage = {
          inputTokens: 1,
          outputTokens: 1,
          costNanoUsd: 3_000_000_000,
          modelCalls: 1,
          toolCalls: 0,
        };
        await leases.end(
          { id: name, fence: claimed!.fence },
          { status: 'succeeded', usage, ...more },
          at + ms,
        );
      }
    };
    await run(NOON, 10_000);
    await run(NOON, 30_000);
    await run(NOON, 500_000, { status: 'failed' });
    await run(NOON, 50_000);
    await run(NOON);
    await run(Date.UTC(2026, 10, 18, 23, 59, 59, 999), 40_000);
    await run(Date.UTC(2026, 10, 17, 23, 59, 59, 999), 1);
    const read = async (
      allowed?: Parameters<typeof stats.read>[0]['allowed'],
    ) =>
      stats.read({
        agentRefs: ['agent:default/desk'],
        days: 3,
        now: NOON + DAY / 4,
        allowed,
      });
    const [item] = await read();
    expect(item).toEqual({
      agentRef: 'agent:default/desk',
      runs: 6,
      succeeded: 4,
      failed: 1,
      timed: 5,
      medianDurationMs: expect.any(Number),
      p95DurationMs: expect.any(Number),
      costNanoUsd: 15_000_000_000,
      lastRunAt: '2026-11-20T12:00:00.000Z',
      daily: [
        {
          day: '2026-11-18',
          ...{ runs: 1, succeeded: 1, failed: 0, costNanoUsd: 3_000_000_000 },
          p95DurationMs: expect.any(Number),
        },
        {
          day: '2026-11-19',
          ...{ runs: 0, succeeded: 0, failed: 0, costNanoUsd: 0 },
        },
        {
          day: '2026-11-20',
          ...{ runs: 5, succeeded: 3, failed: 1, costNanoUsd: 12_000_000_000 },
          p95DurationMs: item.p95DurationMs,
        },
      ],
    });
    const isNear = (found: number | undefined, ms: number) =>
      expect(Math.abs(found! / ms - 1)).toBeLessThan(0.2);
    isNear(item.medianDurationMs, 40_000);
    isNear(item.p95DurationMs, 500_000);
    isNear(item.daily[0].p95DurationMs, 40_000);
    const [before] = await stats.read({
      agentRefs: ['agent:default/desk'],
      ...{ days: 3, endsDaysAgo: 3, now: NOON + DAY / 4 },
    });
    expect(before).toMatchObject({ runs: 1, costNanoUsd: 3_000_000_000 });
    expect(before.daily.map(each => each.day)).toContain('2026-11-17');
  });

  it('counts only the runs that the reader may see', async () => {
    const { runs, stats } = await open(id);
    const people = {
      a: { createdBy: 'user:default/ada' },
      b: { createdBy: 'user:default/bob' },
      c: { createdBy: 'plugin:evals', onBehalfOf: 'user:default/ada' },
    };
    const snapshot = newRun('').snapshot;
    const lab = { ...snapshot, ref: 'agent:default/lab' };
    for (const [name, person] of Object.entries(people)) {
      await runs.create(newRun(name, person), NOON);
      await runs.create(
        newRun(`${name} of lab`, {
          ...person,
          snapshot: { ...lab, ownerRef: 'group:default/lab' },
        }),
        NOON,
      );
    }
    await runs.create(
      newRun('of nobody', {
        ...people.b,
        snapshot: { ...lab, ownerRef: undefined },
      }),
      NOON,
    );
    const read = async (
      allowed: Parameters<typeof stats.read>[0]['allowed'],
    ) => {
      const items = await stats.read({
        agentRefs: ['agent:default/desk', 'agent:default/lab'],
        days: 1,
        now: NOON,
        allowed,
      });
      for (const item of items) {
        expect(item.daily[0].runs).toBe(item.runs);
      }
      return items.map(item => item.runs);
    };
    const ada = { key: 'creator' as const, values: ['user:default/ada'] };
    const both = {
      key: 'creator' as const,
      values: ['user:default/ada', 'plugin:evals'],
    };
    const care = { key: 'agentOwner' as const, values: ['group:default/care'] };
    expect(await read(undefined)).toEqual([3, 4]);
    expect(await read(ada)).toEqual([2, 2]);
    expect(await read(both)).toEqual([2, 2]);
    expect(await read({ not: ada })).toEqual([1, 2]);
    expect(await read(care)).toEqual([3, 0]);
    expect(await read({ not: care })).toEqual([0, 4]);
    expect(await read({ anyOf: [ada, care] })).toEqual([3, 2]);
    expect(await read({ allOf: [ada, care] })).toEqual([2, 0]);
    expect(await read({ allOf: [{ not: ada }, { not: care }] })).toEqual([
      0, 2,
    ]);
    expect(await read({ key: 'creator', values: [] })).toEqual([0, 0]);
  });

  it('keeps figures of a day in one row, and in one for each person', async () => {
    const { knex, runs, leases, stats } = await open(id);
    for (let i = 0; i < 60; i += 1) {
      const name = `run ${i}`;
      await runs.create(
        newRun(name, { createdBy: `user:default/p${i % 3}` }),
        NOON + i,
      );
      await leases.claim(name, 'me', 30_000, NOON);
      await leases.end(
        { id: name, fence: 1 },
        { status: 'succeeded' },
        NOON + Math.round(2 ** (i / 2)),
      );
    }
    expect(await knex('orchestration_daily_stats')).toHaveLength(4);
    const query = { agentRefs: ['agent:default/desk'], days: 1, now: NOON };
    const [{ medianDurationMs }] = await stats.read(query);
    expect(Math.abs(medianDurationMs! / 2 ** 14.75 - 1)).toBeLessThan(0.2);
  });

  it('counts the runs that were there before days were counted', async () => {
    const knex = await databases.init(id);
    await knex.migrate.up(migrations);
    await knex('orchestration_runs').insert(
      ['succeeded', 'failed', 'running', 'cancelled'].map((status, i) => ({
        id: `run ${i}`,
        thread_id: 't',
        agent_ref: 'agent:default/desk',
        agent_snapshot: '{}',
        status,
        created_by: 'user:default/ada',
        input_message: 'Hello',
        cost_nano_usd: 3_000_000_000,
        created_at: NOON,
        duration_ms: status === 'running' ? null : 1_000 * 4_000 ** i,
      })),
    );
    await knex.migrate.latest(migrations);
    const query = { agentRefs: ['agent:default/desk'], days: 1, now: NOON };
    const stats = new StatsStore(knex);
    const creator = (name: string) => ({
      key: 'creator' as const,
      values: [`user:default/${name}`],
    });
    const all = await stats.read(query);
    expect(all).toMatchObject([
      { runs: 4, succeeded: 1, failed: 1, costNanoUsd: 9_000_000_000 },
    ]);
    expect(await stats.read({ ...query, allowed: creator('ada') })).toEqual(
      all,
    );
    expect(
      await stats.read({ ...query, allowed: creator('bob') }),
    ).toMatchObject([{ runs: 0 }]);
    // As when the runs had been counted one by one.
    const { counted } = (await knex('orchestration_daily_stats')
      .where('created_by', '')
      .sum({ counted: knex.raw('took_6 + took_29') })
      .first())!;
    expect(Number(counted)).toBe(3);
  });

  it('deletes what has been kept long enough, and no more', async () => {
    const { knex, runs, leases, journal, stats } = await open(id);
    const end = { status: 'succeeded' as const, output: 'Done.' };
    for (const [name, days] of [
      ['old', 50],
      ['older', 150],
      ['oldest', 400],
      ['open', 900],
    ] as const) {
      const at = NOON - days * DAY;
      await runs.create(
        newRun(name, { threadId: name === 'open' ? 'u' : 't' }),
        at,
      );
      const claimed = await leases.claim(name, 'me', 30_000, at);
      const run = { id: name, fence: claimed!.fence };
      await journal.write(run, 1, {
        messages: [{ id: 0, key: 'k', role: 'user', content: 'Hi' }],
        steps: [modelStep(name)],
        events: [{ type: EventType.RUN_STARTED, threadId: 't', runId: name }],
      });
      if (name !== 'open') {
        await leases.end(run, end, at);
      }
    }
    await new RetentionStore(knex).clean(
      {
        events: 30 * DAY,
        steps: 100 * DAY,
        runs: 365 * DAY,
        stats: 410 * DAY,
        perAgent: { events: 10, steps: 10, runs: 10 },
      },
      new AbortController().signal,
      NOON,
    );

    const left = async (name: string) => ({
      run: Boolean(await runs.get(name)),
      steps: (await journal.readSteps(name)).steps.length,
      messages: (await journal.readSteps(name)).messages.length,
      events: (await journal.readAfter(name, 0)).map(({ event }) => event.type),
    });
    expect(await left('open')).toMatchObject({ run: true, steps: 1 });
    expect(await left('old')).toEqual({
      run: true,
      steps: 1,
      messages: 1,
      events: ['RUN_FINISHED'],
    });
    expect(await left('older')).toEqual({
      run: true,
      steps: 0,
      messages: 0,
      events: ['RUN_FINISHED'],
    });
    expect(await left('oldest')).toEqual({
      run: false,
      steps: 0,
      messages: 0,
      events: [],
    });
    expect(await knex('orchestration_threads').orderBy('id')).toMatchObject([
      { id: 't', run_count: 2 },
      { id: 'u', run_count: 1 },
    ]);
    // The figures outlive the runs.
    const query = { agentRefs: ['agent:default/desk'], days: 500, now: NOON };
    expect((await stats.read(query))[0].runs).toBe(3);
  });

  it('keeps the newest runs of each agent alone, whatever their age, and looks for others by an index', async () => {
    const { knex, runs, leases, journal } = await open(id);
    const write = async (name: string, agentRef: string, more: object = {}) => {
      await runs.create(
        newRun(name, {
          ...more,
          snapshot: { ...newRun(name).snapshot, ref: agentRef },
        }),
        NOON + Number(name.split(' ')[1]),
      );
      const { fence } = (await leases.claim(name, 'me', 30_000))!;
      await journal.write({ id: name, fence }, 1, {
        messages: [{ id: 0, key: 'k', role: 'user', content: 'Hi' }],
        steps: [modelStep(name)],
        events: [{ type: EventType.RUN_STARTED, threadId: 't', runId: name }],
      });
      return { id: name, fence };
    };
    // The oldest is not over, and keeps all that it has.
    await write('busy 0', 'agent:default/busy');
    for (let i = 1; i <= 6; i += 1) {
      await leases.end(await write(`busy ${i}`, 'agent:default/busy'), {
        status: 'succeeded',
        output: 'Done.',
      });
    }
    for (const [name, more] of [
      ['rehearsal 1', { rehearsal: { answers: [] } }],
      ['rehearsal 2', { rehearsal: { answers: [] } }],
    ] as const) {
      await leases.end(await write(name, 'agent:default/busy', more), {
        status: 'failed',
      });
    }
    await leases.end(await write('calm 1', 'agent:default/calm'), {
      status: 'cancelled',
    });

    const asked: string[] = [];
    knex.on('query', ({ sql }) => asked.push(sql));
    await new RetentionStore(knex).clean(
      {
        events: DAY,
        steps: DAY,
        runs: DAY,
        stats: DAY,
        perAgent: { events: 1, steps: 2, runs: 4 },
      },
      new AbortController().signal,
      NOON,
    );
    knex.removeAllListeners('query');

    const left = await Promise.all(
      (
        await knex('orchestration_runs').orderBy('id').pluck('id')
      ).map(async name => {
        const { steps } = await journal.readSteps(name);
        const events = await journal.readAfter(name, 0);
        return `${name}: ${steps.length} ${events.length}`;
      }),
    );
    expect(left).toEqual([
      'busy 0: 1 1',
      'busy 3: 0 1',
      'busy 4: 0 1',
      'busy 5: 1 1',
      'busy 6: 1 2',
      'calm 1: 1 2',
      'rehearsal 1: 1 1',
      'rehearsal 2: 1 2',
    ]);
    const selects = asked.filter(sql => /offset/.test(sql));
    expect(selects.length).toBeGreaterThan(0);
    const plans = (id === 'SQLITE_3' ? [...new Set(selects)] : []).map(
      async sql => {
        const values = [...sql.matchAll(/\?/g)].map(() => 1);
        const plan = await knex.raw(`explain query plan ${sql}`, values);
        return plan.map((row: { detail: string }) => row.detail).join();
      },
    );
    const byIndex =
      /^SEARCH orchestration_runs USING (COVERING )?INDEX orchestration_runs_(kept|agent)_idx \([^,]*\)$/;
    expect(
      (await Promise.all(plans)).filter(plan => !byIndex.test(plan)),
    ).toEqual([]);
  });
});

async function tables(knex: Knex): Promise<string[]> {
  const names = [
    'orchestration_threads',
    'orchestration_runs',
    'orchestration_steps',
    'orchestration_events',
    'orchestration_messages',
    'orchestration_daily_stats',
  ];
  const there = await Promise.all(
    names.map(name => knex.schema.hasTable(name)),
  );
  return names.filter((_name, i) => there[i]);
}

it('finds the few runs that are at work on SQLite without reading the others', async () => {
  const { knex, runs } = await open('SQLITE_3');
  const asked: Array<{ sql: string; bindings: string[] }> = [];
  knex.on('query', query => asked.push(query));
  await runs.list({ limit: 2, status: ['running', 'queued'] });
  await runs.list({ limit: 2, status: ['running'], agentRef: 'agent:x/y' });
  const plans = await Promise.all(
    asked
      .filter(({ sql }) => sql.includes('union') || sql.includes('part_0'))
      .map(({ sql, bindings }) =>
        knex.raw(`EXPLAIN QUERY PLAN ${sql}`, bindings),
      ),
  );
  const details = plans.flat().map(({ detail }) => detail);
  const found = details.filter(detail => /orchestration_runs/.test(detail));
  expect(found).toHaveLength(3);
  found.forEach(detail => expect(detail).toContain('USING COVERING INDEX'));
});
