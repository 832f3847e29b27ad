import { TestDatabases } from '@backstage/backend-test-utils';
import type { Alarm } from '@agentportal/plugin-evals-common';
import type {
  ListRunsQuery,
  RunList,
  RunSummary,
} from '@agentportal/plugin-orchestration-common';
import { MIGRATIONS_DIRECTORY } from '../store/database';
import { AlarmStore } from './AlarmStore';
import { AlarmWatch } from './AlarmWatch';
import { type EndedRun, newSeries, observe } from './series';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const NOON = Date.UTC(2026, 10, 20, 12);
const MINUTE = 60_000;
const DAY = 86_400_000;
const DESK = 'agent:default/desk';

function seeded(seed: number) {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function ended(
  id: string,
  at: number,
  more: {
    failed?: boolean;
    refusedCalls?: number;
    ms?: number;
    cost?: number;
  } = {},
): RunSummary & EndedRun {
  const { cost = 1_000, failed, ms = 2_000, ...run } = more;
  return {
    id,
    agentRef: DESK,
    status: failed ? 'failed' : 'succeeded',
    durationMs: ms,
    usage: { costNanoUsd: cost },
    finishedAt: new Date(at).toISOString(),
    ...run,
  } as RunSummary & EndedRun;
}

/** Runs that have ended, given out in pages as orchestration gives them out. */
function listRunsOf(runs: RunSummary[]) {
  return async ({
    finishedSince,
    limit = 100,
  }: ListRunsQuery = {}): Promise<RunList> => {
    const since = runs.filter(run => run.finishedAt! >= finishedSince!);
    return {
      items: since.slice(0, limit),
      ...(since.length > limit && { nextCursor: 'more' }),
    };
  };
}

describe.each(databases.eachSupportedId())('alarms on %s', databaseId => {
  it('tell the owner once what became worse and since when, and learn from the answer', async () => {
    const knex = await databases.init(databaseId);
    await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
    const store = new AlarmStore(knex);
    const runs: RunSummary[] = [];
    const told: Alarm[] = [];
    let isReachable = false;
    const watchOf = () =>
      new AlarmWatch({
        askOrchestration: ask =>
          ask({ token: '', signal: new AbortController().signal }),
        falseAlarmDays: 30,
        runs: { listRuns: listRunsOf(runs) },
        store,
        tellOwner: async alarm => {
          if (isReachable) {
            told.push(alarm);
          }
          return isReachable;
        },
      });
    await watchOf().look(undefined, NOON);
    const random = seeded(7);
    let at = NOON;
    const live = (count: number, fails: number) => {
      for (let i = 0; i < count; i++) {
        at += MINUTE;
        runs.push(
          ended(`run-${runs.length}`, at, {
            failed: random() < fails,
            ms: 1_000 + random() * 1_000,
            cost: 1_000 + random() * 1_000,
          }),
        );
      }
    };
    live(400, 0.03);
    // Two replicas look at the same time, and each run is taken in once.
    await Promise.all([
      watchOf().look(undefined, at + DAY),
      watchOf().look(undefined, at + DAY),
    ]);
    const [{ series }] = (await store.watched([DESK])).filter(
      ({ kind }) => kind === 'failures',
    );
    expect(series).toMatchObject({
      phase: 'watching',
      detector: { events: 300 },
    });
    expect((await store.list({ limit: 10 })).items).toEqual([]);
    // One that comes late, with what is taken in already, writes nothing.
    const late = { before: NOON, after: at };
    expect(await store.take([], [], late, at)).toBe(false);

    await knex('evals_agent_changes').insert({
      id: 'change',
      agent_ref: DESK,
      owner_ref: 'group:default/care',
      digest: 'sha256:x',
      in_force_at: at,
    });
    const before = at;
    live(60, 0.5);
    await watchOf().look(undefined, at + DAY);
    const { items } = await store.list({ agentRef: DESK, limit: 10 });
    expect(items).toHaveLength(1);
    const [alarm] = items;
    expect(alarm).toMatchObject({
      kind: 'failures',
      status: 'open',
      changedAt: new Date(before).toISOString(),
      sentence: expect.stringMatching(
        /^Runs fail more often: \d+ of \d+ failed since 2026-11-20 18:\d\d UTC, where [\d.]+ of 100 were usual at most\.$/,
      ),
    });
    expect(Math.abs(Date.parse(alarm.since) - before)).toBeLessThan(
      10 * MINUTE,
    );
    expect(alarm.runIds).toHaveLength(3);
    expect(alarm.seen.low).toBeGreaterThan(alarm.usual);
    expect(told).toEqual([]);

    isReachable = true;
    await watchOf().look(undefined, at + DAY);
    await watchOf().look(undefined, at + DAY);
    expect(told.map(({ id }) => id)).toEqual([alarm.id]);

    const by = 'user:default/ada';
    expect(await store.answer(alarm, { status: 'not-real', by })).toBe(true);
    expect(await store.answer(alarm, { status: 'real', by })).toBe(false);
    expect(await store.answered(DESK)).toEqual({ real: 0, notReal: 1 });
    expect(await store.answered(undefined, [])).toEqual({
      real: 0,
      notReal: 0,
    });
    expect(
      (await store.watched([DESK])).find(({ kind }) => kind === 'failures'),
    ).toMatchObject({ series: { phase: 'learning', values: [] } });
    expect(await store.erase(by)).toBe(1);
    await store.removeBefore(at + 2 * DAY, at + 2 * DAY);
    expect((await store.list({ limit: 10 })).items).toEqual([]);
    expect(await store.watched([DESK])).toEqual([]);
    await knex.destroy();
  });
});

it('has false alarms as seldom as its budget says, and sees slow and expensive runs soon', () => {
  const live = (seed: number, days: number, worse: number) => {
    const random = seeded(seed * 7_919);
    let latency = newSeries(NOON);
    for (let i = 0; i < days * 50; i++) {
      const at = NOON + (i * DAY) / 50;
      // Durations have a long tail, as those of models have.
      const ms = 1_000 * Math.exp(random() + random() + random());
      const isLate = i > 150;
      const observed = observe(
        latency,
        'latency',
        ended(`run-${i}`, at, { ms: isLate ? ms * worse : ms }),
        30,
      );
      if (observed.rise) {
        return { day: (i - 150) / 50, rise: observed.rise };
      }
      latency = observed.series;
    }
    return undefined;
  };
  let false_ = 0;
  for (let seed = 1; seed <= 40; seed++) {
    false_ += live(seed, 30, 1) ? 1 : 0;
  }
  // Of forty agents in thirty days, a quarter of the budget of one each, since four things are watched.
  expect(false_).toBeLessThanOrEqual(10);
  for (let seed = 1; seed <= 10; seed++) {
    const seen = live(seed, 30, 2);
    expect(seen!.day).toBeGreaterThan(0);
    expect(seen!.day).toBeLessThan(2);
  }
});
