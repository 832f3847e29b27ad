import {
  mockCredentials,
  mockServices,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { Alarm, AlarmKind } from '@agentportal/plugin-evals-common';
import type {
  ListRunsQuery,
  RunList,
  RunSummary,
} from '@agentportal/plugin-orchestration-common';
import { EvalsAccess } from '../permissions/EvalsAccess';
import { MIGRATIONS_DIRECTORY } from '../store/database';
import { Alarms } from './Alarms';
import { AlarmStore } from './AlarmStore';
import { AlarmWatch } from './AlarmWatch';
import { describeRise } from './describeRise';
import { MuteStore } from './MuteStore';
import {
  kindsOf,
  newSeries,
  observe,
  type Series,
  type WatchTerms,
} from './series';
import type { EndedRun } from './watchedRun';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const NOON = Date.UTC(2026, 10, 20, 12);
const MINUTE = 60_000;
const DAY = 86_400_000;
const DESK = 'agent:default/desk';
const TERMS: WatchTerms = {
  falseAlarmDays: 30,
  hasContent: true,
  tools: {
    isSensitive: ref => /\.(cancel|note)$/.test(ref),
    isGrave: ref => ref.endsWith('.cancel'),
  },
};

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
    tokens?: number;
    toolsCalled?: string[];
    says?: string;
  } = {},
): RunSummary & EndedRun {
  const { cost = 1_000, failed, ms = 2_000, says, tokens = 100, ...run } = more;
  return {
    id,
    agentRef: DESK,
    status: failed ? 'failed' : 'succeeded',
    durationMs: ms,
    usage: { costNanoUsd: cost, inputTokens: tokens, outputTokens: 0 },
    ...(says && { output: { message: says } }),
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
    const mutes = new MuteStore(knex);
    const runs: RunSummary[] = [];
    const told: Alarm[] = [];
    let isReachable = false;
    const watchOf = () =>
      new AlarmWatch({
        askOrchestration: ask =>
          ask({ token: '', signal: new AbortController().signal }),
        mutes,
        terms: async () => TERMS,
        runs: { listRuns: listRunsOf(runs) },
        store,
        tellOwner: async alarm => {
          const isHeard = isReachable && alarm.agentRef === DESK;
          if (isHeard) {
            told.push(alarm);
          }
          return isHeard;
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

    // Of an agent that is gone nobody hears, which keeps nobody else waiting.
    await knex('evals_alarms').insert(
      Array.from({ length: 60 }, (_, i) => ({
        ...{ id: `gone-${i}`, agent_ref: 'agent:default/gone', runs: 1 },
        ...{ kind: 'failures', status: 'unanswered', sentence: 'More.' },
        ...{ at: at - 30 * DAY, since: at - 30 * DAY, usual: 0, happened: 1 },
        ...{ run_ids: '[]', told: false },
      })),
    );
    isReachable = true;
    await watchOf().look(undefined, at + DAY);
    await watchOf().look(undefined, at + DAY);
    expect(told.map(({ id }) => id)).toEqual([alarm.id]);

    const by = 'user:default/ada';
    const read = await store.watched([DESK]);
    expect(await store.answer(alarm, { status: 'not-real', by })).toBe(true);
    // A look that had read the series before the answer keeps all but this one.
    const position = await store.position(at);
    const meanwhile = { before: position, after: position + 1 };
    const stale = { agentRef: DESK, kind: 'failures' as const };
    expect(
      await store.take(
        read.map(each => ({ ...each })),
        [
          {
            ...{ ...stale, since: at, usual: 0.1, happened: 9, runs: 9 },
            ...{ runIds: [], evidence: [], sentence: 'Old.' },
          },
        ],
        meanwhile,
        at,
      ),
    ).toBe(true);
    expect((await store.list({ agentRef: DESK, limit: 10 })).items).toEqual([
      expect.objectContaining({ id: alarm.id }),
    ]);
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

    // What somebody muted is watched and not told.
    const mute = {
      ...{ agentRef: DESK, reason: 'The parcel service is away.', mutedBy: by },
      mutedAt: new Date(at).toISOString(),
      until: new Date(at + 3 * DAY).toISOString(),
    };
    await mutes.mute({ ...mute, kind: 'failures' });
    await mutes.mute({ ...mute, kind: 'failures' });
    live(100, 0.03);
    live(60, 0.5);
    await watchOf().look(undefined, at + DAY);
    expect(
      (await store.list({ agentRef: DESK, status: 'open', limit: 10 })).items,
    ).toEqual([]);
    expect(await mutes.of([DESK], at)).toEqual([{ ...mute, kind: 'failures' }]);
    expect(await mutes.of([DESK], at + 4 * DAY)).toEqual([]);
    expect(await mutes.erase(by)).toBe(1);
    expect(await mutes.unmute(DESK, 'failures')).toBe(true);
    live(60, 0.5);
    await watchOf().look(undefined, at + DAY);
    expect(
      (await store.list({ agentRef: DESK, status: 'open', limit: 10 })).items,
    ).toEqual([expect.objectContaining({ kind: 'failures' })]);

    await store.removeBefore(at + 2 * DAY, at + 2 * DAY);
    expect((await store.list({ limit: 10 })).items).toEqual([]);
    expect(await store.watched([DESK])).toEqual([]);
    await knex.destroy();
  });
});

/** What is told of an agent that has so many runs a day, until something is. */
function firstAlarm(
  kind: AlarmKind,
  days: number,
  perDay: number,
  runAt: (at: number, index: number) => RunSummary & EndedRun,
) {
  let series: Series | undefined;
  for (let i = 0; i < days * perDay; i += 1) {
    const at = NOON + (i * DAY) / perDay;
    const observed = observe(series, kind, runAt(at, i), TERMS);
    if (observed.rise) {
      return { day: i / perDay, rise: observed.rise };
    }
    series = observed.series;
  }
  return undefined;
}

it('has false alarms as seldom as its budget says, and sees slow runs and those with many tokens soon', () => {
  const live = (seed: number, days: number, worse: number) => {
    const random = seeded(seed * 7_919);
    return firstAlarm('latency', days, 50, (at, i) => {
      // Durations have a long tail, as those of models have.
      const ms = 1_000 * Math.exp(random() + random() + random());
      return ended(`run-${i}`, at, { ms: i > 150 ? ms * worse : ms });
    });
  };
  let false_ = 0;
  for (let seed = 1; seed <= 40; seed++) {
    false_ += live(seed, 30, 1) ? 1 : 0;
  }
  // Of forty agents in thirty days, its part of the budget of one each.
  expect(false_).toBeLessThanOrEqual(40 / kindsOf(TERMS).length);
  for (let seed = 1; seed <= 10; seed++) {
    const seen = live(seed, 30, 2);
    expect(seen!.day).toBeGreaterThan(3);
    expect(seen!.day).toBeLessThan(5);
  }
  const random = seeded(5);
  const tokens = firstAlarm('tokens', 10, 100, (at, i) =>
    ended(`run-${i}`, at, {
      tokens: 1_000 * (1 + random()) * (i > 500 ? 2 : 1),
    }),
  );
  expect(tokens!.day).toBeGreaterThan(5);
  expect(tokens!.rise.evidence).toEqual([]);
});

it('names the steps between tools that hardly any run had', () => {
  const random = seeded(11);
  const usual = () =>
    random() < 0.3
      ? ['tool:default/orders.find', 'tool:default/orders.get']
      : ['tool:default/orders.get'];
  const runAt = (from: number) => (at: number, i: number) =>
    ended(`run-${i}`, at, {
      toolsCalled:
        i > from && random() < 0.4
          ? ['tool:default/orders.get', 'tool:default/__proto__']
          : usual(),
    });
  expect(firstAlarm('paths', 20, 100, runAt(Infinity))).toBeUndefined();
  const seen = firstAlarm('paths', 20, 100, runAt(1_000));
  expect(seen!.day).toBeLessThan(11);
  expect(seen!.rise.evidence).toEqual([
    'orders.get → __proto__ (in none of 100 runs)',
    '__proto__ → end (in none of 100 runs)',
  ]);
});

it('hears when answers are about something else, and keeps no word of them', () => {
  const random = seeded(3);
  const say = (words: string) =>
    Array.from({ length: 12 }, () => words.split(' '))
      .map(list => list[Math.floor(random() * list.length)])
      .join(' ');
  const runAt = (from: number) => (at: number, i: number) =>
    ended(`run-${i}`, at, {
      says:
        i > from
          ? say('bitcoin wallet token winner lottery transfer 密码 中奖')
          : `${i} ${say('the order parcel was sent to you by carrier today')}`,
    });
  expect(firstAlarm('topics', 20, 100, runAt(Infinity))).toBeUndefined();
  const seen = firstAlarm('topics', 20, 100, runAt(1_000));
  expect(seen!.day).toBeLessThan(10.2);
  let series: Series | undefined;
  for (let i = 0; i < 99; i += 1) {
    series = observe(series, 'topics', runAt(0)(NOON, i), TERMS).series;
  }
  expect(JSON.stringify(series)).not.toMatch(/order|bitcoin|中奖/);
  expect(kindsOf({ hasContent: false })).not.toContain('topics');
});

it('holds an hour against the same hour of other weeks', () => {
  const random = seeded(23);
  const isNight = (at: number) => new Date(at).getUTCHours() < 5;
  const runAt = (surgeFrom: number, calls: number) => (at: number, i: number) =>
    ended(`run-${i}`, at, {
      // Every day a job cancels much at noon, and nobody does at night.
      toolsCalled: Array<string>(
        new Date(at).getUTCHours() === 12
          ? 20 + Math.floor(random() * 10)
          : Number(isNight(at) && at > surgeFrom) * calls,
      ).fill('tool:default/orders.cancel'),
    });
  expect(firstAlarm('calls', 60, 24, runAt(Infinity, 0))).toBeUndefined();
  const monthOn = NOON + 30 * DAY;
  const seen = firstAlarm('calls', 60, 24, runAt(monthOn, 15));
  expect(seen!.day).toBeLessThan(31);
  expect(seen!.rise.evidence).toEqual(['orders.cancel: 15 calls']);
  expect(seen!.rise.usual).toBeLessThan(15);
  // And slow runs each night are no news, once they have been so for weeks.
  const slow = (weeksOn: number) =>
    firstAlarm('latency', 70, 96, (at, i) =>
      ended(`run-${i}`, at, {
        ms:
          isNight(at) && at > NOON && random() < (i < weeksOn ? 0.08 : 0.5)
            ? 9_000
            : 1_000 + random() * 1_000,
      }),
    );
  expect(slow(Infinity)).toBeUndefined();
  expect(slow(50 * 96)!.day).toBeGreaterThan(49);
});

it('sees ten times as many calls of few within hours, also among many of harmless tools', () => {
  const random = seeded(29);
  const monthOn = NOON + 30 * DAY;
  const runAt = (surgeFrom: number) => (at: number, i: number) => {
    const isSurge = at > surgeFrom && new Date(at).getUTCHours() < 5;
    return ended(`run-${i}`, at, {
      toolsCalled: [
        ...(random() < 0.5 ? ['tool:default/orders.note'] : []),
        // Three in ten hours, and three in one.
        ...(random() < (isSurge ? 0.3 : 0.03)
          ? ['tool:default/orders.cancel']
          : []),
      ],
    });
  };
  expect(firstAlarm('calls', 90, 240, runAt(Infinity))).toBeUndefined();
  const { day, rise } = firstAlarm('calls', 40, 240, runAt(monthOn))!;
  // The first night begins twelve hours later.
  expect(day).toBeGreaterThan(30.5);
  expect(day).toBeLessThan(30.5 + 5 / 24);
  expect(rise.happened).toBeGreaterThan(3 * rise.usual);
  expect(describeRise('calls', rise)).toMatch(
    /^Tools that reach outside or are critical are called more often: \d+ times in the (\d hours|hour) from 2026-12-2\d 0\d:00 UTC, where [\d.]+ (are usual|were usual at most)\.$/,
  );
});

it('takes hours in which nobody said what tools do for no quiet ones', () => {
  let series: Series | undefined;
  for (const [at, terms] of [
    [NOON, TERMS],
    [NOON + DAY, { ...TERMS, tools: undefined }],
    [NOON + 5 * DAY, TERMS],
  ] as const) {
    const run = ended('run', at, { toolsCalled: ['tool:default/a.cancel'] });
    ({ series } = observe(series, 'calls', run, terms));
  }
  expect(series).toMatchObject({ all: { hours: 0 } });
});

it('are muted by people who may, with a reason that holds no secret', async () => {
  const knex = await databases.init('SQLITE_3');
  await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
  const store = new AlarmStore(knex);
  const mutes = new MuteStore(knex);
  const of = { agentRef: DESK, kind: 'failures' as const };
  const before = await store.position(NOON);
  await store.take(
    [{ ...of, series: newSeries('failures', NOON), version: 0 }],
    [
      {
        ...{ ...of, since: NOON, usual: 0.1, happened: 9, runs: 9 },
        ...{ runIds: [], evidence: [], sentence: 'More runs fail.' },
      },
    ],
    { before, after: before + 1 },
    NOON,
  );
  const [{ id }] = (await store.list({ limit: 1 })).items;
  const written: unknown[] = [];
  const alarmsOf = (result: AuthorizeResult.ALLOW | AuthorizeResult.DENY) =>
    new Alarms({
      access: new EvalsAccess({
        permissions: mockServices.permissions({ result }),
      }),
      auditor: mockServices.auditor.mock({
        createEvent: async event => {
          written.push(event.meta);
          return { success: async () => {}, fail: async () => {} };
        },
      }),
      ...{ mutes, store },
    });
  const olga = mockCredentials.user('user:default/olga');
  const key = `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`;
  const reason = `Seen with ${key}.`;
  const alarms = alarmsOf(AuthorizeResult.ALLOW);
  for (const [refused, name] of [
    [alarmsOf(AuthorizeResult.DENY).mute(olga, id, { reason }), 'NotFound'],
    [alarms.mute(olga, id, { reason: ' ' }), 'Input'],
    [
      alarms.mute(mockCredentials.service('plugin:tools'), id, { reason }),
      'NotAllowed',
    ],
  ] as const) {
    await expect(refused).rejects.toMatchObject({ name: `${name}Error` });
  }
  const mute = await alarms.mute(olga, id, { reason, days: 3 });
  expect(mute).toMatchObject({ ...of, mutedBy: 'user:default/olga' });
  expect(await mutes.of([DESK])).toEqual([mute]);
  expect(JSON.stringify([mute, written])).not.toContain(key);
  expect(written.at(-1)).toMatchObject({ ...of, reason: mute.reason });
});
