import {
  mockCredentials,
  mockServices,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  evaluationReadPermission,
  type StartExperimentRequest,
} from '@agentportal/plugin-evals-common';
import type {
  ListRunsQuery,
  RunList,
  RunSummary,
} from '@agentportal/plugin-orchestration-common';
import type { Knex } from 'knex';
import { EvalsAccess } from '../permissions/EvalsAccess';
import { MIGRATIONS_DIRECTORY } from '../store/database';
import { Admission } from './Admission';
import { type Decision, decide } from './decide';
import { ExperimentKeeper } from './ExperimentKeeper';
import { Experiments } from './Experiments';
import { ExperimentStore } from './ExperimentStore';
import { OutcomeReader } from './OutcomeReader';
import { readArms } from './readArms';
import type { NewExperiment } from './rows';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOON = Date.UTC(2026, 10, 20, 12);
const SETTINGS = { stepHours: 24, peoplePerArm: 30, maxDays: 60 };
const logger = { warn: jest.fn() } as never;

const NEW: NewExperiment = {
  agentRef: 'agent:default/desk',
  title: 'Shorter answers',
  candidate: { instructions: 'Be short.' },
  metric: 'failures',
  guards: ['feedback', 'latency', 'cost'],
  smallestDifference: 0.05,
  ramp: false,
  share: 0.5,
  startedBy: 'user:default/ada',
};

/** Runs that have ended, given out in pages as orchestration gives them out. */
function endedRuns(runs: RunSummary[], page = 100) {
  let asked = 0;
  return {
    asked: () => asked,
    listRuns: async ({
      cursor,
      finishedSince,
    }: ListRunsQuery = {}): Promise<RunList> => {
      asked += 1;
      const from = Number(cursor ?? 0);
      const since = runs.filter(run => run.finishedAt! >= finishedSince!);
      const items = since.slice(from, from + page);
      return {
        items,
        ...(since.length > from + page && { nextCursor: String(from + page) }),
      };
    },
  };
}

function ended(
  id: string,
  unit: string,
  candidate: boolean,
  more: Partial<RunSummary> & { step?: number; experimentId?: string } = {},
): RunSummary {
  const { step = 0, experimentId = 'x', ...run } = more;
  return {
    id,
    status: 'succeeded',
    experiment: {
      id: experimentId,
      arm: candidate ? 'candidate' : 'in-force',
      step,
      unit,
    },
    usage: { costNanoUsd: 1_000_000 },
    durationMs: 2_000,
    finishedAt: new Date(NOON).toISOString(),
    ...run,
  } as RunSummary;
}

function keeperOf(
  knex: Knex,
  listRuns: (query?: ListRunsQuery) => Promise<RunList>,
) {
  const store = new ExperimentStore(knex);
  const told: Decision[] = [];
  const noted: string[] = [];
  const keeper = new ExperimentKeeper({
    auditLog: {
      record: async () => {},
      note: async ({ action }) => void noted.push(action),
    },
    knex,
    logger,
    outcomes: new OutcomeReader({
      store,
      runs: { listRuns },
      askOrchestration: ask =>
        ask({ token: '', signal: new AbortController().signal }),
    }),
    settings: SETTINGS,
    store,
    tellOwner: async (_, decision) => void told.push(decision),
  });
  return { keeper, noted, store, told };
}

/** Numbers from 0 to below 1, the same in each run of the tests. */
function seeded(seed: number) {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describe.each(databases.eachSupportedId())('experiments on %s', databaseId => {
  let knex: Knex;

  beforeAll(async () => {
    knex = await databases.init(databaseId);
    await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
  });

  afterEach(async () => {
    await knex('evals_experiments').delete();
    await knex('evals_feedback').delete();
  });

  it('has one at a time of an agent, also of two that are started at once', async () => {
    const store = new ExperimentStore(knex);
    const both = await Promise.allSettled([
      store.create(NEW, 'Started.'),
      store.create(NEW, 'Started.'),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([
      'fulfilled',
      'rejected',
    ]);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { name: 'ConflictError' },
    });
    const [first] = await store.running();
    expect(
      await store.stop(first.id, { by: 'user:default/ada', what: 'So.' }),
    ).toBe(true);
    expect(
      await store.stop(first.id, { by: 'user:default/ada', what: 'So.' }),
    ).toBe(false);
    await store.create(NEW, 'Started.');
    const { items } = await store.list({ limit: 10 }, [NEW.agentRef]);
    expect(items.map(({ status }) => status).sort()).toEqual([
      'running',
      'stopped',
    ]);
    expect((await store.list({ limit: 10 }, [])).items).toEqual([]);
  });

  it('are started, seen and stopped by whom their agent lets', async () => {
    const [olga, rita, eve] = ['olga', 'rita', 'eve'].map(name =>
      mockCredentials.user(`user:default/${name}`),
    );
    const access = new EvalsAccess({
      permissions: {
        authorize: async (
          requests: Array<{ permission: { name: string } }>,
          { credentials }: { credentials: unknown },
        ) =>
          requests.map(({ permission }) => {
            const may =
              credentials === olga ||
              (credentials === rita &&
                permission.name === evaluationReadPermission.name);
            return { result: AuthorizeResult[may ? 'ALLOW' : 'DENY'] };
          }),
        authorizeConditional: async () => [
          { result: AuthorizeResult.CONDITIONAL },
        ],
      } as never,
    });
    const audited: unknown[] = [];
    const experiments = new Experiments({
      access,
      admission: {
        admit: async (_, __, { candidate }) => candidate,
        whetherAny: async () => ({
          ...{ allowed: true, needsEvaluation: false, sentence: 'It may.' },
        }),
      } as Pick<Admission, 'admit' | 'whetherAny'> as never,
      auditor: mockServices.auditor.mock({
        createEvent: async ({ eventId }) => ({
          success: async () => void audited.push(eventId),
          fail: async () => void audited.push(`no ${eventId}`),
        }),
      }),
      store: new ExperimentStore(knex),
    });
    const { agentRef, candidate, metric, smallestDifference, title } = NEW;
    const request: StartExperimentRequest = {
      ...{ agentRef, candidate, metric, smallestDifference, title },
      ramp: false,
    };
    await expect(experiments.start(rita, request)).rejects.toThrow(
      'may not manage',
    );
    await expect(
      experiments.start(mockCredentials.service('plugin:x'), request),
    ).rejects.toThrow('started by people');
    await expect(
      experiments.start(olga, { ...request, share: 1 }),
    ).rejects.toThrow('nobody to compare with');
    expect(await experiments.mayStart(rita, agentRef)).toMatchObject({
      ...{ allowed: false, why: 'permission' },
    });
    expect(await experiments.mayStart(olga, agentRef)).toMatchObject({
      allowed: true,
    });

    const made = await experiments.start(olga, {
      ...request,
      ...{ ramp: true, guards: ['cost', 'failures', 'cost'] },
    });
    // What decides guards nothing, and is no guard twice.
    expect(made).toMatchObject({
      ...{ status: 'running', share: 0.1, guards: ['cost'] },
      ...{ metric: 'failures', startedBy: 'user:default/olga' },
      verdict: { sentence: 'No run has been counted yet.' },
    });
    expect(await experiments.mayStart(olga, agentRef)).toMatchObject({
      ...{ allowed: false, why: 'running', experimentId: made.id },
    });
    // Who may not see it is told the same as of one that there is not.
    const unseen = (id: string) => `There is no experiment ${id}, or you may`;
    await expect(experiments.get(eve, made.id)).rejects.toThrow(
      unseen(made.id),
    );
    await expect(experiments.get(olga, 'gone')).rejects.toThrow(unseen('gone'));
    expect((await experiments.list(eve)).items).toEqual([]);
    expect((await experiments.list(rita)).items).toMatchObject([
      { id: made.id },
    ]);
    // What runs are to try is told to what starts them, and to nobody else.
    await expect(experiments.running(olga)).rejects.toThrow('among themselves');
    expect(
      await experiments.running(
        mockCredentials.service('plugin:orchestration'),
      ),
    ).toEqual({
      items: [{ id: made.id, agentRef, share: 0.1, step: 0, candidate }],
    });

    await expect(experiments.stop(rita, made.id, 'So.')).rejects.toThrow(
      'may not manage',
    );
    expect(await experiments.stop(olga, made.id, 'It is slow.')).toMatchObject({
      status: 'stopped',
    });
    await expect(experiments.stop(olga, made.id, 'Again.')).rejects.toThrow(
      'ended already',
    );
    expect(audited).toEqual([
      ...Array<string>(3).fill('no experiment-start'),
      'experiment-start',
      'no experiment-stop',
      'experiment-stop',
      'no experiment-stop',
    ]);
  });

  it('sums runs up by person, with what people said of them', async () => {
    const store = new ExperimentStore(knex);
    const { id } = await store.create(NEW, 'Started.');
    const outcome = (runId: string, unit: string, candidate: boolean) => ({
      ...{ runId, unit, candidate, step: 0, failed: runId.startsWith('bad') },
      durationMs: 2_000_000,
      costNanoUsd: 3_000_000_000,
    });
    await store.addOutcomes(
      id,
      [
        outcome('bad-1', 'ada', true),
        outcome('bad-2', 'ada', true),
        outcome('good-1', 'bob', true),
        outcome('good-2', 'eve', false),
        { ...outcome('bad-3', 'eve', false), step: 1 },
      ],
      NOON,
    );
    await knex('evals_feedback').insert(
      ['good-1', 'bad-1'].map((runId, index) => ({
        id: runId,
        run_id: runId,
        agent_ref: NEW.agentRef,
        rating: index === 0 ? 'up' : 'down',
        given_by: 'user:default/ada',
        at: NOON,
      })),
    );
    const arms = await readArms(knex, { id, step: 0 });
    expect(arms.candidate).toMatchObject({
      units: 2,
      runs: 3,
      hurt: { failures: 1, feedback: 1 },
      metrics: {
        failures: { units: 2, x: 2, n: 3, xx: 4, xn: 4, nn: 5 },
        feedback: { units: 2, x: 1, n: 2 },
        cost: { x: 9e9, xx: 4.5e19 },
      },
    });
    expect(arms.baseline).toMatchObject({ units: 1, runs: 1 });
    // Those of another step are of another time, and of other people.
    expect(await readArms(knex, { id, step: 1 })).toMatchObject({
      baseline: { units: 1, runs: 1, hurt: { failures: 1 } },
      candidate: { units: 0, runs: 0 },
    });
  });

  it('counts each run once and decides once, whatever two replicas do and wherever one stops', async () => {
    const runs: RunSummary[] = [];
    const { keeper, noted, store, told } = keeperOf(knex, query =>
      endedRuns(runs, 20).listRuns(query),
    );
    const { id } = await store.create(NEW, 'Started.', NOON - DAY);
    for (let i = 0; i < 90; i++) {
      runs.push(
        ended(`run-${i}`, `person-${i % 45}`, i % 2 === 0, {
          experimentId: id,
          status: i % 2 === 0 && i % 45 < 20 ? 'failed' : 'succeeded',
        }),
      );
    }
    // It stops after two pages, as if the process had died there.
    let pages = 0;
    const dying = keeperOf(knex, async query => {
      pages += 1;
      if (pages > 2) {
        throw new Error('killed');
      }
      return endedRuns(runs, 20).listRuns(query);
    });
    await dying.keeper.look(undefined, () => NOON);
    expect(dying.told).toEqual([]);
    expect(
      await knex('evals_experiment_runs').count({ count: '*' }).first(),
    ).toEqual({ count: expect.anything() });

    const other = keeperOf(knex, query => endedRuns(runs, 20).listRuns(query));
    await Promise.all([
      keeper.look(undefined, () => NOON),
      other.keeper.look(undefined, () => NOON),
    ]);
    expect((await knex('evals_experiment_runs').pluck('run_id')).length).toBe(
      90,
    );
    expect([...told, ...other.told]).toHaveLength(1);
    expect([...noted, ...other.noted]).toEqual([
      'evals.experiment-rolled-back',
    ]);
    const { log, days } = (await store.historyOf([id]))(id);
    expect(log.map(({ what }) => what)).toEqual([
      'Started.',
      expect.stringMatching(
        /^Rolled back: of \d+ people with the candidate \d+ had a failed run, of \d+ with the version in force 0\.$/,
      ),
    ]);
    expect(days).toEqual([
      { day: '2026-11-20', difference: expect.anything(), runs: 90 },
    ]);
    expect(await store.running()).toEqual([]);
  });

  it('deletes what is old with its runs', async () => {
    const store = new ExperimentStore(knex);
    const { id } = await store.create(NEW, 'Started.', NOON - 9 * DAY);
    await store.addOutcomes(
      id,
      Array.from({ length: 1_100 }, (_, i) => ({
        ...{ runId: `old-${i}`, unit: 'ada', candidate: true, step: 0 },
        ...{ failed: false, durationMs: 1, costNanoUsd: 1 },
      })),
      NOON,
    );
    await store.removeBefore(NOON);
    expect(await store.get(id)).toBeDefined();
    await store.stop(id, { by: 'user:default/ada', what: 'So.' }, NOON - 1);
    await store.removeBefore(NOON);
    expect(await store.get(id)).toBeUndefined();
    expect(await knex('evals_experiment_runs').pluck('run_id')).toEqual([]);
    expect(await knex('evals_experiment_log').pluck('id')).toEqual([]);
  });

  it('goes up and down with its migration', async () => {
    const before = await knex.migrate.currentVersion();
    await knex.migrate.down({ directory: MIGRATIONS_DIRECTORY });
    await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
    expect(await knex.migrate.currentVersion()).toBe(before);
  });
});

describe('decisions on real rows', () => {
  let knex: Knex;

  beforeAll(async () => {
    knex = await databases.init('SQLITE_3');
    await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
  });

  /** Lives through an experiment with 160 people, looked at each day. */
  async function live(
    seed: number,
    options: {
      design?: Partial<NewExperiment>;
      days?: number;
      fails?: (candidate: boolean) => number;
      costs?: (candidate: boolean) => number;
    } = {},
  ) {
    const {
      days = 20,
      design,
      fails = () => 0.1,
      costs = () => 1_000_000,
    } = options;
    const random = seeded(seed);
    const store = new ExperimentStore(knex);
    const created = await store.create(
      { ...NEW, agentRef: `agent:default/a${seed}`, ...design },
      'Started.',
      NOON,
    );
    const people = Array.from({ length: 160 }, () => ({
      place: random(),
      clumsy: random() < 0.2 ? 2.5 : 0.6,
    }));
    for (let day = 1; day <= days; day++) {
      const now = NOON + day * DAY;
      const experiment = (await store.get(created.id))!;
      const outcomes = people.flatMap(({ place, clumsy }, index) => {
        const candidate = place < experiment.share;
        return random() < 0.4
          ? [
              {
                runId: `${created.id}-${day}-${index}`,
                step: experiment.step,
                unit: `person-${index}`,
                candidate,
                failed: random() < fails(candidate) * clumsy,
                durationMs: 1_000 + Math.round(random() * 3_000),
                costNanoUsd: Math.round(costs(candidate) * (0.5 + random())),
              },
            ]
          : [];
      });
      await store.addOutcomes(created.id, outcomes, now);
      const arms = await readArms(knex, experiment);
      const judged = decide(experiment, arms, SETTINGS, now);
      await store.keep(experiment, judged, now);
      if (judged.decision && judged.decision.status !== 'running') {
        break;
      }
    }
    const kept = (await store.get(created.id))!;
    const { log } = (await store.historyOf([created.id]))(created.id);
    return { ...kept, log };
  }

  it('hardly ever stops or prefers a candidate that is the same', async () => {
    let wrong = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const { status, figures } = await live(seed, { days: 15 });
      const isWrong =
        status === 'rolled-back' ||
        ['better', 'worse'].includes(figures!.verdict.decision);
      wrong += isWrong ? 1 : 0;
      await knex('evals_experiments').delete();
    }
    // Both kinds of error may be 5 % each.
    expect(wrong).toBeLessThanOrEqual(4);
  });

  it('rolls a candidate back within days that fails, or costs more than it may', async () => {
    const failing = await live(101, {
      fails: candidate => (candidate ? 0.4 : 0.1),
      design: { share: 0.25, metric: 'feedback', guards: ['failures'] },
    });
    expect(failing).toMatchObject({ status: 'rolled-back' });
    expect(failing.endedAt! - failing.startedAt).toBeLessThanOrEqual(6 * DAY);
    const costly = await live(102, {
      costs: candidate => (candidate ? 1_500_000 : 1_000_000),
    });
    expect(costly.log.at(-1)!.what).toMatch(
      /^Rolled back: the candidate costs 0\.\d+ USD more a run, at least 0\.\d+\.$/,
    );
    const unguarded = await live(103, {
      days: 5,
      costs: candidate => (candidate ? 1_500_000 : 1_000_000),
      design: { guards: [] },
    });
    expect(unguarded).toMatchObject({ status: 'running' });
  });

  it('finds a better candidate, and says how much better', async () => {
    const { figures, log, status } = await live(104, {
      days: 40,
      fails: candidate => (candidate ? 0.05 : 0.3),
    });
    expect(status).toBe('completed');
    expect(figures!.verdict).toMatchObject({
      decision: 'better',
      sentence: expect.stringMatching(
        /^The candidate fails in \d+ fewer of 100 runs \([\d.]+ to \d+\)\.$/,
      ),
    });
    expect(log.at(-1)!.what).toContain('Change the file of the agent');
  });

  it('goes up the ramp while nothing is harmed, and comes to everybody', async () => {
    const { log, share, status, step } = await live(105, {
      days: 30,
      design: { ramp: true, share: 0.25, smallestDifference: 0.2 },
    });
    expect({ share, status, step }).toEqual({
      share: 1,
      status: 'running',
      step: 2,
    });
    expect(log.map(({ what }) => what.split('.')[0])).toEqual([
      'Started',
      'Nothing was harmed at 25 %, so the candidate gets 50 %',
      'Nothing was harmed at 50 %, so the candidate gets 100 %',
    ]);
  });

  it('concludes nothing from people who were not shared out as they should be', async () => {
    const store = new ExperimentStore(knex);
    const { id } = await store.create(NEW, 'Started.', NOON);
    await store.addOutcomes(
      id,
      Array.from({ length: 400 }, (_, i) => ({
        ...{ runId: `odd-${i}`, unit: `person-${i}`, candidate: i % 4 === 0 },
        ...{ step: 0, failed: i % 4 !== 0, durationMs: 1, costNanoUsd: 1 },
      })),
      NOON,
    );
    const experiment = (await store.get(id))!;
    const { decision, figures } = decide(
      experiment,
      await readArms(knex, experiment),
      SETTINGS,
      NOON + DAY,
    );
    expect(decision).toBeUndefined();
    expect(figures.sampleRatio).toMatchObject({ ok: false });
    expect(figures.verdict.sentence).toBe(
      'Nothing can be concluded: 50 % of people should have the candidate, but 100 of 400 do.',
    );
  });
});

describe('admission', () => {
  const CANDIDATE = { instructions: 'Be short.' };
  interface Situation {
    lifecycle?: string;
    type?: string;
    publication?: object;
    gate?: object;
    mayChange?: boolean;
  }
  const admissionTo = (options: Situation) => {
    const { gate, lifecycle = 'production', mayChange = true } = options;
    const { type = 'assistant' } = options;
    return new Admission({
      agents: {
        getAgent: async () => ({ type, lifecycle } as never),
        getPublication: async () =>
          ({
            holds: 'all',
            asksPeople: false,
            ...options.publication,
          } as never),
      },
      auth: mockServices.auth(),
      catalog: catalogServiceMock.mock(),
      gates: { get: async () => ({ required: false, ...gate } as never) },
      permissions: mockServices.permissions.mock({
        authorize: async () => [
          { result: AuthorizeResult[mayChange ? 'ALLOW' : 'DENY'] },
        ],
      }),
    });
  };
  const admit = async (
    options: Situation & {
      evaluationId?: string;
      candidate?: { instructions: string };
    },
  ) => {
    const { candidate = CANDIDATE, evaluationId } = options;
    return admissionTo(options).admit(mockCredentials.user(), NEW.agentRef, {
      candidate,
      ...(evaluationId && { evaluationId }),
    });
  };

  it('lets no experiment go round those who approve what an agent in production is', async () => {
    const asked = { asksPeople: true };
    await expect(admit({ publication: asked })).rejects.toThrow(
      'People are asked before agent:default/desk',
    );
    expect(await admit({})).toEqual(CANDIDATE);
    expect(
      await admit({ lifecycle: 'experimental', publication: asked }),
    ).toEqual(CANDIDATE);
  });

  it('says beforehand whether one may be started, why not and what to do instead', async () => {
    const ask = (options: Situation) =>
      admissionTo(options).whetherAny(mockCredentials.user(), NEW.agentRef);
    expect(await ask({})).toMatchObject({
      allowed: true,
      needsEvaluation: false,
    });
    expect(await ask({ gate: { required: true } })).toMatchObject({
      allowed: true,
      needsEvaluation: true,
      sentence: expect.stringContaining('evaluate the candidate first'),
    });
    for (const [situation, why, sentence] of [
      [{ mayChange: false }, 'permission', 'Ask its owner'],
      [
        { publication: { asksPeople: true } },
        'people',
        'Evaluate the candidate, or experiment with an agent that is not in production',
      ],
      [{ type: 'workflow' }, 'nothing-to-change', 'no instructions'],
    ] as const) {
      expect(await ask(situation)).toMatchObject({
        ...{ allowed: false, why },
        sentence: expect.stringContaining(sentence),
      });
    }
  });

  it('gives nobody an agent without instructions, and none that cannot be stored', async () => {
    await expect(
      admit({ candidate: { instructions: ' \u0000\n' } }),
    ).rejects.toThrow('are empty');
    expect(
      await admit({ candidate: { instructions: 'Be\u0000 kind.' } }),
    ).toEqual({ instructions: 'Be kind.' });
  });

  it('lets no experiment go round the gate of an agent', async () => {
    const gate = {
      required: true,
      passed: true,
      sentence: 'It passes.',
      evaluation: { candidate: CANDIDATE },
    };
    await expect(admit({ gate })).rejects.toThrow('has a gate');
    const evaluationId = 'e1';
    await expect(
      admit({
        evaluationId,
        gate: { ...gate, evaluation: { candidate: { instructions: 'Else.' } } },
      }),
    ).rejects.toThrow('of another candidate');
    await expect(
      admit({ evaluationId, gate: { ...gate, passed: false } }),
    ).rejects.toThrow('does not pass the gate');
    expect(await admit({ evaluationId, gate })).toEqual(CANDIDATE);
  });
});
