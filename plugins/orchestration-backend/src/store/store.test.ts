import { TestDatabases } from '@backstage/backend-test-utils';
import { EventType } from '@ag-ui/core';
import type { Knex } from 'knex';
import { agent } from '../__testUtils__/portal';
import { JournalStore } from './JournalStore';
import { LeaseStore } from './LeaseStore';
import { MIGRATIONS_DIRECTORY } from './migrate';
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
    message: 'Hello',
    lease: { owner: 'me', expiresAt: NOON + 1_000 },
    ...more,
  };
}

async function open(id: 'SQLITE_3' | 'POSTGRES_18') {
  const knex = await databases.init(id);
  await knex.migrate.latest(migrations);
  return {
    knex,
    runs: RunStore.create({ knex }),
    leases: LeaseStore.create({ knex }),
    journal: JournalStore.create({ knex }),
    stats: StatsStore.create({ knex }),
  };
}

describe.each(databases.eachSupportedId())('the store on %s', databaseId => {
  const id = databaseId as 'SQLITE_3' | 'POSTGRES_18';

  it('is built and taken down by its migrations', async () => {
    const { knex } = await open(id);
    expect(await tables(knex)).toHaveLength(4);
    await knex.migrate.rollback(migrations, true);
    expect(await tables(knex)).toEqual([]);
    await knex.migrate.latest(migrations);
  });

  it('gives numbers back as numbers, also those past 32 bits', async () => {
    const { runs, leases } = await open(id);
    await runs.create(newRun('a'), NOON);
    const claimed = await leases.claim('a', 'me', NOON + 1_000, NOON);
    await runs.recordUsage('a', claimed!.fence, {
      inputTokens: 5_000_000_000,
      outputTokens: 1,
      costNanoUsd: 9_000_000_000_000,
      modelCalls: 1,
      toolCalls: 0,
    });
    expect((await runs.get('a'))?.summary).toMatchObject({
      createdAt: '2026-11-20T12:00:00.000Z',
      usage: { inputTokens: 5_000_000_000, costNanoUsd: 9_000_000_000_000 },
    });
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

  it('lets one worker claim a run, and end it once', async () => {
    const { runs, leases, journal } = await open(id);
    await runs.create(newRun('a'), NOON);
    const claims = await Promise.all([
      leases.claim('a', 'me', NOON + 1_000, NOON),
      leases.claim('a', 'me', NOON + 1_000, NOON),
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
    expect(
      await runs.recordUsage('a', fence, {
        inputTokens: 1,
        outputTokens: 1,
        costNanoUsd: 1,
        modelCalls: 1,
        toolCalls: 1,
      }),
    ).toBe(false);
    // The number of the last event is taken, so a late writer is refused.
    await expect(
      journal.append('a', 1, [
        { type: EventType.RUN_STARTED, threadId: 't', runId: 'a' },
      ]),
    ).rejects.toThrow();
  });

  it('takes text with characters that no person types', async () => {
    const { runs, leases, journal } = await open(id);
    const odd = 'a\0b \ud83d';
    await runs.create(newRun('a', { message: odd }), NOON);
    await journal.append('a', 1, [
      { type: EventType.TEXT_MESSAGE_CONTENT, messageId: 'm', delta: odd },
    ]);
    await leases.end(
      { id: 'a', fence: 0 },
      { status: 'succeeded', output: odd },
    );
    expect((await runs.get('a'))?.summary.output?.message).toMatch(/^ab /);
    expect(await journal.readAfter('a', 0)).toMatchObject([
      { event: { delta: odd } },
      { event: { type: 'RUN_FINISHED' } },
    ]);
  });

  it('finds runs whose lease has run out, and only those', async () => {
    const { runs, leases } = await open(id);
    await runs.create(newRun('alive'), NOON);
    await runs.create(
      newRun('dead', { lease: { owner: 'gone', expiresAt: NOON - 1 } }),
      NOON,
    );
    await runs.create(
      newRun('elsewhere', {
        lease: { owner: 'other', expiresAt: NOON + 1_000 },
      }),
      NOON,
    );
    const ids = (found: Array<{ id: string }>) => found.map(r => r.id).sort();
    expect(ids(await leases.listAbandoned({ now: NOON }))).toEqual(['dead']);
    expect(
      ids(await leases.listAbandoned({ now: NOON, aliveOwner: 'me' })),
    ).toEqual(['dead', 'elsewhere']);
    await leases.heartbeat('gone', NOON + 1_000);
    expect(await leases.listAbandoned({ now: NOON })).toEqual([]);
  });

  it('counts days in UTC and takes the median of durations', async () => {
    const { knex, stats } = await open(id);
    const row = (n: number, more: Record<string, unknown>) => ({
      id: `run ${n}`,
      thread_id: 't',
      agent_ref: 'agent:default/desk',
      agent_snapshot: '{}',
      status: 'succeeded',
      created_by: 'user:default/ada',
      input_message: 'Hello',
      cost_nano_usd: 3_000_000_000,
      created_at: NOON,
      ...more,
    });
    await knex('orchestration_runs').insert([
      row(1, { duration_ms: 10 }),
      row(2, { duration_ms: 30 }),
      row(3, { duration_ms: 500, status: 'failed' }),
      row(4, { duration_ms: 50 }),
      row(5, { created_at: Date.UTC(2026, 10, 18, 23, 59, 59, 999) }),
      row(6, { created_at: Date.UTC(2026, 10, 17, 23, 59, 59, 999) }),
    ]);
    const [item] = await stats.read({
      agentRefs: ['agent:default/desk'],
      days: 3,
      now: NOON + DAY / 4,
    });
    expect(item).toEqual({
      agentRef: 'agent:default/desk',
      runs: 5,
      succeeded: 4,
      failed: 1,
      medianDurationMs: 40,
      costNanoUsd: 15_000_000_000,
      lastRunAt: '2026-11-20T12:00:00.000Z',
      daily: [
        { day: '2026-11-18', runs: 1, failed: 0 },
        { day: '2026-11-19', runs: 0, failed: 0 },
        { day: '2026-11-20', runs: 4, failed: 1 },
      ],
    });
  });
});

async function tables(knex: Knex): Promise<string[]> {
  const names = [
    'orchestration_threads',
    'orchestration_runs',
    'orchestration_steps',
    'orchestration_events',
  ];
  const there = await Promise.all(
    names.map(name => knex.schema.hasTable(name)),
  );
  return names.filter((_name, i) => there[i]);
}
