import { ConfigReader } from '@backstage/config';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { NotFoundError } from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { EvalsAccess } from '../permissions/EvalsAccess';
import { FeedbackStore } from '../feedback/FeedbackStore';
import { MIGRATIONS_DIRECTORY } from '../store/database';
import { evaluationEvidence } from './evidence/evaluationEvidence';
import type { Evidence, EvidenceSource } from './evidence/Evidence';

import { pageOf } from './facts';
import { judgeChecks } from './judge';
import { Quality } from './Quality';
import { readScorecard } from './scorecardFile';
import { nextLevel, ScorecardRound } from './ScorecardRound';
import { Scorecards } from './Scorecards';
import { ScorecardStore } from './ScorecardStore';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const DESK = 'agent:default/desk';
const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 29, 9);
const OWNER = mockCredentials.user('user:default/olga');
const OTHER = mockCredentials.user('user:default/ada');

const checks = readScorecard(new ConfigReader({}));

function agent(ref = DESK, more: object = {}) {
  return {
    ref,
    title: ref.slice(14),
    description: 'Answers questions about orders of customers.',
    ownerRef: 'group:default/care',
    sponsorRef: 'user:default/dana',
    lifecycle: 'production',
    toolRefs: ['tool:default/orders.find'],
    standing: { state: 'active', allowed: true },
    ...more,
  };
}

/** Of an agent that is as good as any. */
function good(at: number): Evidence {
  const runs = {
    ended: 400,
    failed: 2,
    costNanoUsd: 4_000_000_000,
    p95Ms: 9_000,
  };
  return {
    people: { at, owner: true, sponsor: true },
    tools: { at, declared: 1, unsound: [], tier: 'read' },
    runs: {
      at,
      now: { ...runs, timed: 400 },
      before: runs,
      days: [{ day: '2026-11-28', ...runs }],
    },
    budget: { at, limitNanoUsd: 1e10, course: 0.5 },
    guard: { at, runs: 0, before: 1, days: [] },
    ratings: { at, up: 95, down: 3, before: { up: 1, down: 1 }, days: [] },
    drawn: { at, judged: 60, bad: 0, waiting: 0 },
    evaluation: {
      at,
      newest: { id: 'e', finishedAt: at - 86_400_000, passed: 98, cases: 100 },
      earlier: [],
    },
    decision: { at, decidedAt: at },
  };
}

const permissions = mockServices.permissions.mock({
  authorize: async (requests, options) =>
    requests.map(({ permission }) => {
      const by = (options as { credentials: BackstageCredentials }).credentials
        .principal as { userEntityRef?: string };
      const allowed =
        permission.name === 'evals.scorecard.read' ||
        by.userEntityRef === 'user:default/olga';
      return { result: allowed ? AuthorizeResult.ALLOW : AuthorizeResult.DENY };
    }) as never,
});

async function open(databaseId: 'SQLITE_3' | 'POSTGRES_18') {
  const knex = await databases.init(databaseId);
  await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
  const store = new ScorecardStore(knex);
  const world = {
    agents: [agent()] as object[],
    read: async (_: unknown, now: number) => new Map([[DESK, good(now)]]),
    changes: [] as object[],
  };
  const source: EvidenceSource = {
    name: 'neighbour',
    read: async (agents, now) => world.read(agents, now),
  };
  const round = new ScorecardRound({
    agents: {
      getAgent: async (namespace: string, name: string) => {
        const found = (world.agents as Array<{ ref: string }>).find(
          each => each.ref === `agent:${namespace}/${name}`,
        );
        if (!found) throw new NotFoundError('There is no such agent.');
        return found as never;
      },
      listAgents: async ({ limit = 0, cursor = '0' } = {}) =>
        ({
          items: world.agents.slice(Number(cursor), Number(cursor) + limit),
          totalItems: world.agents.length,
          ...(Number(cursor) + limit < world.agents.length && {
            nextCursor: String(Number(cursor) + limit),
          }),
        } as never),
    },
    askAgents: ask => ask({ token: '', signal: new AbortController().signal }),
    ...{ checks, store, sources: [source] },
    logger: mockServices.logger.mock(),
    onComputed: async (_, changes) => {
      world.changes.push(...changes);
    },
  });
  const scorecards = new Scorecards({
    access: new EvalsAccess({ permissions }),
    auditor: mockServices.auditor.mock({
      createEvent: async () => ({
        success: async () => {},
        fail: async () => {},
      }),
    }),
    ...{ round, store },
    visible: async () => undefined,
  });
  return { knex, store, world, round, scorecards };
}

function evaluation(name: string, at: number, more: object = {}) {
  return {
    ...{ id: name, agent_ref: DESK, data_set_id: 'd', data_set_title: 'D' },
    ...{ data_set_version: 1, label: '', subject_digest: 's', trials: 1 },
    ...{ status: 'completed', cases: 2, incomplete: 0, waiting: 0 },
    ...{ without_judge: 0, evaluators: '[]', created_at: at, passed: 2 },
    ...{ created_by: 'x', completed_at: at, failed: 0 },
    ...more,
  };
}

describe('the checks', () => {
  it('hold a bound to the target, and tell luck from failure', () => {
    const of = (id: string, passed: number, cases: number) =>
      judgeChecks(
        checks,
        { ...agent(), state: 'active' },
        {
          evaluation: {
            at: NOW,
            newest: { id: 'e', finishedAt: NOW, passed, cases },
            earlier: [],
          },
        },
        NOW,
      ).find(each => each.id === id)!;
    expect(of('answers-right-surely', 39, 40).status).toBe('passed');
    expect(of('answers-right-surely', 37, 40)).toMatchObject({
      status: 'not-enough-evidence',
      low: expect.closeTo(0.817, 2),
    });
    expect(of('answers-right-surely', 30, 40).status).toBe('failed');
    expect(of('answers-right', 12, 12)).toMatchObject({
      status: 'not-enough-evidence',
      sentence: '12 of 12 answers were right; it takes 20 to tell.',
    });
    // What to mend is said of what fails, and not where nothing is known.
    expect(of('answers-right', 12, 12)).not.toHaveProperty('fix');
    expect(of('answers-right', 2, 40).fix).toMatch(/cases that failed/);
    expect(of('runs-reliable', 1, 1)).toMatchObject({
      status: 'not-enough-evidence',
    });
  });

  it('lead to the reviews of the agent, as their page has it in its address', () => {
    expect(pageOf(DESK, 'reviews')).toBe(
      '/quality/reviews?agent=agent%3Adefault%2Fdesk',
    );
  });

  it('are those of the operator where there are some, and a wrong one is told', () => {
    const check = {
      ...{ id: 'mine', title: 'T', why: 'W', fix: 'F', level: 'gold' },
      fact: 'p95',
    };
    const read = (each: object) =>
      readScorecard(
        new ConfigReader({ evals: { scorecard: { checks: [each] } } } as never),
      );
    expect(read({ ...check, atMost: 5 })).toMatchObject([{ id: 'mine' }]);
    expect(() => read({ ...check, fact: 'beauty' })).toThrow(/fact/);
    expect(() => read({ ...check, atMost: 5, atLeast: 1 })).toThrow('not both');
  });

  it('lower a level after two failures, or one that is severe, and never for want of evidence', () => {
    const silver = { level: 'silver' as const };
    const judged = (status: string, id = 'a') =>
      [
        { id, title: id, why: '', level: 'bronze', status, sentence: '' },
      ] as never;
    const severe = new Set(['hot']);
    const once = nextLevel(judged('failed'), silver, severe);
    expect(once).toEqual({ level: 'silver', lowerLevel: 'none' });
    expect(nextLevel(judged('failed'), once, severe)).toEqual({
      level: 'none',
    });
    // Looks that evaluations bring count neither as the first nor as the second.
    expect(nextLevel(judged('failed'), silver, severe, true)).toEqual(silver);
    expect(nextLevel(judged('failed'), once, severe, true)).toEqual(once);
    expect(nextLevel(judged('failed', 'hot'), silver, severe)).toEqual({
      level: 'none',
    });
    expect(nextLevel(judged('not-enough-evidence'), once, severe)).toEqual(
      silver,
    );
    expect(nextLevel(judged('passed'), once, severe)).toEqual({
      level: 'gold',
    });
  });
});

describe.each(databases.eachSupportedId())('scorecards on %s', databaseId => {
  const id = databaseId as 'SQLITE_3' | 'POSTGRES_18';

  it('are there for a new agent as soon as somebody looks, and for none that there is not', async () => {
    const { scorecards, store } = await open(id);
    const [first, again] = await Promise.all([
      scorecards.get(OTHER, DESK),
      scorecards.get(OTHER, DESK),
    ]);
    expect(first).toMatchObject({ agentRef: DESK, level: 'gold' });
    expect(again).toEqual(first);
    await expect(
      scorecards.get(OTHER, 'agent:default/none'),
    ).rejects.toMatchObject({ name: 'NotFoundError' });
    expect(await store.agents()).toEqual([DESK]);
  });

  it('follow what is known, and keep it while a neighbour is away', async () => {
    const { world, round, scorecards } = await open(id);
    await round.compute(NOW);
    const first = await scorecards.get(OTHER, DESK);
    expect(first).toMatchObject({
      level: 'gold',
      sentence: expect.any(String),
    });
    expect(first.checks.every(each => each.status === 'passed')).toBe(true);
    expect(
      first.kpis!.map(({ id: kpi, value, before }) => [kpi, value, before]),
    ).toEqual([
      ['quality', 0.98, undefined],
      ['satisfaction', 95 / 98, 0.5],
      ['speed', 9_000, 9_000],
      ['cost', 10_000_000, 10_000_000],
      ['safety', 0, 1 / 400],
    ]);

    world.read = async () => {
      throw new Error('away');
    };
    await round.compute(NOW + HOUR);
    const later = await scorecards.get(OTHER, DESK);
    expect([later.level, later.since]).toEqual(['gold', first.since]);
    expect(
      later.checks.find(each => each.id === 'runs-reliable'),
    ).toMatchObject({
      status: 'passed',
      evidenceAt: new Date(NOW).toISOString(),
    });

    // People do not like it any more: the second time it is so, it counts.
    world.read = async (_, now) =>
      new Map([
        [
          DESK,
          {
            ...good(now),
            ratings: { ...good(now).ratings!, up: 10, down: 90 },
          },
        ],
      ]);
    await round.compute(NOW + 2 * HOUR);
    expect((await scorecards.get(OTHER, DESK)).level).toBe('gold');
    await round.compute(NOW + 3 * HOUR);
    const fallen = await scorecards.get(OTHER, DESK);
    expect(fallen).toMatchObject({
      level: 'bronze',
      nextLevel: 'silver',
      sentence: expect.stringContaining('Silver needs “People are satisfied”'),
    });
    expect(world.changes.at(-1)).toMatchObject({ isWorse: true });

    // Whoever stops it does so at once.
    world.agents = [
      agent(DESK, {
        standing: {
          ...{ state: 'suspended', allowed: false },
          suspended: { at: '', by: '', reason: 'It leaked.' },
        },
      }),
    ];
    await round.compute(NOW + 4 * HOUR);
    const { items } = await scorecards.history(OTHER, { agentRef: DESK });
    expect(items.map(({ level, before }) => [before, level])).toEqual([
      ['bronze', 'none'],
      ['gold', 'bronze'],
      [undefined, 'gold'],
    ]);
    expect(items[0].reasons[0]).toContain('It leaked.');
    expect(items[1].reasons[0]).toContain('People are satisfied: 10 of 100');

    await expect(
      scorecards.decide(OTHER, DESK, { decision: 'retire', nextInDays: 30 }),
    ).rejects.toThrow('may not manage');
    expect(
      (
        await scorecards.decide(OWNER, DESK, {
          ...{ decision: 'improve', note: 'Better tools.', nextInDays: 30 },
        })
      ).decision,
    ).toMatchObject({ decision: 'improve', by: 'user:default/olga' });
  });

  it('rest on the newest evaluation of what is in force, and say what broke since', async () => {
    const { knex } = await open(id);
    const result = (of: string, caseId: string, outcome: string) => ({
      ...{ evaluation_id: of, case_id: caseId, trial: 1, position: 0 },
      ...{ case_digest: caseId, ask: '', state: 'done', until: 0 },
      ...{ attempts: 1, turn: 0, outcome, call_count: 0 },
      ...{ latency_ms: 1, cost_nano_usd: 1 },
    });
    await knex('evals_evaluations').insert([
      evaluation('old', NOW - 2 * HOUR),
      evaluation('new', NOW - HOUR, { passed: 1, failed: 1 }),
      evaluation('tried', NOW, { candidate: '{}' }),
      evaluation('stopped', NOW, { status: 'cancelled' }),
      evaluation('elsewhere', NOW - 3 * HOUR, { data_set_id: 'e' }),
    ]);
    await knex('evals_results').insert([
      result('old', 'a', 'passed'),
      result('old', 'b', 'passed'),
      result('new', 'a', 'failed'),
      result('new', 'b', 'passed'),
      // Was not right the time before, because it was not in all trials.
      result('old', 'c', 'passed'),
      { ...result('old', 'c', 'failed'), trial: 2 },
      result('new', 'c', 'failed'),
    ]);
    const read = async () =>
      (
        await evaluationEvidence({ knex }).read(
          [{ ...agent(), state: 'active' }],
          NOW,
        )
      ).get(DESK)!.evaluation!;
    expect(await read()).toEqual({
      at: NOW,
      newest: { id: 'new', finishedAt: NOW - HOUR, passed: 1, cases: 2 },
      earlier: [{ finishedAt: NOW - 2 * HOUR, passed: 2, cases: 2 }],
      regressions: 1,
    });
  });

  it('have the quality of each day, of the agents that somebody sees', async () => {
    const { knex, store, world, round } = await open(id);
    const other = 'agent:default/other';
    world.agents.push(agent(other, { ownerRef: 'group:default/sales' }));
    await round.compute(NOW);
    const feedback = new FeedbackStore(knex);
    for (const [runId, agentRef, rating, at] of [
      ['a', DESK, 'up', NOW],
      ['b', DESK, 'down', NOW],
      ['c', other, 'up', NOW - 24 * HOUR],
      ['d', DESK, 'up', NOW - 40 * 24 * HOUR],
    ] as const) {
      await feedback.put({ runId, agentRef, rating, by: 'user:default/a' }, at);
    }
    await knex('evals_evaluations').insert([
      // The first and the last moment of a day are of that day.
      evaluation('first', Date.UTC(2026, 10, 29), { passed: 3, failed: 1 }),
      evaluation('last', Date.UTC(2026, 10, 29) - 1),
      evaluation('of-other', NOW, { agent_ref: other, failed: 5 }),
      evaluation('tried', NOW, { candidate: '{}' }),
      evaluation('goes-on', NOW, { status: 'running' }),
    ]);
    const sees: { agents?: string[] } = {};
    const quality = new Quality({
      access: new EvalsAccess({ permissions }),
      ...{ knex, store },
      visible: async (_, known) => {
        const refs = await known();
        return sees.agents && refs.filter(ref => sees.agents!.includes(ref));
      },
      within: {
        of: async ref =>
          ref === 'domain:default/shop'
            ? { agents: [DESK, 'agent:default/gone'] }
            : { owners: ['group:default/sales'] },
      },
    });
    const read = async (query = {}) =>
      (await quality.read(OTHER, query, NOW)).items;
    const [today, yesterday] = ['2026-11-29', '2026-11-28'];
    const ofDesk = [
      { day: yesterday, right: 2, wrong: 0, up: 0, down: 0 },
      { day: today, right: 3, wrong: 1, up: 1, down: 1 },
    ];
    expect(await read()).toEqual([
      { ...ofDesk[0], up: 1 },
      { ...ofDesk[1], right: 5, wrong: 6 },
    ]);
    expect(await read({ withinRef: 'Domain:default/shop' })).toEqual(ofDesk);
    expect(await read({ withinRef: 'group:default/company' })).toEqual([
      { day: yesterday, right: 0, wrong: 0, up: 1, down: 0 },
      { day: today, right: 2, wrong: 5, up: 0, down: 0 },
    ]);
    expect(
      await read({ agentRef: DESK, ownerRef: 'group:default/sales' }),
    ).toEqual([]);
    expect(await read({ from: '2026-10-01T00:00:00Z' })).toHaveLength(3);
    sees.agents = [DESK];
    expect(await read()).toEqual(ofDesk);
    expect(await read({ agentRef: other })).toEqual([]);
    await expect(read({ from: '2025-01-01T00:00:00Z' })).rejects.toThrow(
      'Ask for a time of 400 days at most',
    );
  });

  it('of 500 agents are computed in seconds, and listed the weakest first', async () => {
    const { knex, store, world, round, scorecards } = await open(id);
    const refs = Array.from({ length: 500 }, (_, i) => `agent:default/a${i}`);
    world.agents = refs.map((ref, i) =>
      agent(ref, { ownerRef: `group:default/g${i % 5}` }),
    );
    world.read = async (_, now) =>
      new Map(
        refs.map((ref, i) => [
          ref,
          i % 10 ? good(now) : { ...good(now), ratings: undefined },
        ]),
      ) as never;
    await round.compute(NOW);
    const started = performance.now();
    await round.compute(NOW + HOUR);
    expect(performance.now() - started).toBeLessThan(20_000);

    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await scorecards.list(OTHER, { limit: 100, cursor });
      expect(page.levels).toEqual({ bronze: 50, gold: 450 });
      seen.push(...page.items.map(({ agentRef }) => agentRef));
      cursor = page.nextCursor;
    } while (cursor);
    expect(new Set(seen).size).toBe(500);
    expect(seen.slice(0, 50).every(ref => ref.endsWith('0'))).toBe(true);
    const owned = await scorecards.list(OTHER, {
      ...{ ownerRef: 'group:default/g0', level: 'bronze' },
    } as never);
    expect(owned.levels).toEqual({ bronze: 50, gold: 50 });
    expect(owned.items).toHaveLength(25);
    expect(await store.tiersOf(refs.slice(0, 2))).toEqual(
      new Map(refs.slice(0, 2).map(ref => [ref, 'read'])),
    );
    // A catalog that is empty for an hour costs nobody anything.
    world.agents = [];
    await round.compute(NOW + 2 * HOUR);
    expect(await store.agents()).toHaveLength(500);
    await round.compute(NOW + 30 * HOUR);
    expect(await store.agents()).toEqual([]);
    await knex.migrate.rollback({ directory: MIGRATIONS_DIRECTORY }, true);
  });
});
