import type { RunSummary } from '@agentportal/plugin-orchestration-common';
import {
  mockCredentials,
  mockServices,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { NotFoundError } from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { EvalsAccess } from '../permissions/EvalsAccess';
import { MIGRATIONS_DIRECTORY } from '../store/database';
import type { Conversations } from './Conversations';
import { Feedback } from './Feedback';
import { FeedbackStore } from './FeedbackStore';
import { ReviewDraw } from './ReviewDraw';
import { Reviews } from './Reviews';
import { ReviewStore } from './ReviewStore';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const DESK = 'agent:default/desk';
const [ADA, BOB, OWNER] = ['ada', 'bob', 'olga'].map(name =>
  mockCredentials.user(`user:default/${name}`),
);
const SERVICE = mockCredentials.service('plugin:orchestration');
const DAY = 86_400_000;

function nameOf(credentials: BackstageCredentials): string {
  return (
    (credentials.principal as { userEntityRef?: string }).userEntityRef ?? ''
  );
}

/** Ada's runs, which she and the owner of the agent may read. */
const runs: Record<string, object> = {};
const conversations = {
  read: async (credentials: BackstageCredentials, id: string) => {
    const mayRead = ['user:default/ada', 'user:default/olga'];
    if (!runs[id] || !mayRead.includes(nameOf(credentials))) {
      throw new NotFoundError(`There is no run ${id} that you may read.`);
    }
    return runs[id];
  },
} as unknown as Conversations;

function addRun(id: string, more: object = {}) {
  runs[id] = {
    id,
    agentRef: DESK,
    status: 'succeeded',
    createdBy: 'user:default/ada',
    input: { message: 'Where is order 7?' },
    output: { message: 'On its way.' },
    steps: [
      { kind: 'model', name: 'm', status: 'succeeded' },
      {
        ...{ kind: 'tool', name: 'orders.find', status: 'succeeded' },
        input: { id: 7 },
      },
    ],
    ...more,
  };
}

async function open(databaseId: 'SQLITE_3' | 'POSTGRES_18') {
  const knex = await databases.init(databaseId);
  await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
  const permissions = mockServices.permissions.mock({
    authorize: async (requests, options) =>
      requests.map(() => ({
        result:
          nameOf((options as any).credentials) === 'user:default/olga'
            ? AuthorizeResult.ALLOW
            : AuthorizeResult.DENY,
      })) as never,
    authorizeConditional: async (requests, options) =>
      requests.map(() => ({
        result:
          nameOf((options as any).credentials) === 'user:default/olga'
            ? AuthorizeResult.ALLOW
            : AuthorizeResult.DENY,
      })) as never,
  });
  const store = new FeedbackStore(knex);
  const reviewStore = new ReviewStore(knex);
  const auditor = mockServices.auditor.mock({
    createEvent: async () => ({
      success: async () => {},
      fail: async () => {},
    }),
  });
  const access = new EvalsAccess({ permissions });
  const added: unknown[] = [];
  const cases = {
    agentOf: async (_: unknown, id: string) =>
      id === 'other' ? 'agent:default/clock' : DESK,
    addCase: async (_: unknown, id: string, added_: unknown) =>
      added.push([id, added_]),
  };
  const common = { access, auditor, conversations, permissions };
  return {
    ...{ knex, store, reviewStore, added },
    feedback: new Feedback({ ...common, reviews: reviewStore, store }),
    reviews: new Reviews({
      ...common,
      ...{ cases, feedback: store, store: reviewStore },
    }),
  };
}

describe.each(databases.eachSupportedId())('feedback on %s', databaseId => {
  const id = databaseId as 'SQLITE_3' | 'POSTGRES_18';

  it('is given by the person who was answered, replaced, and looked at', async () => {
    const { feedback, reviews, store, added } = await open(id);
    addRun('r1');
    addRun('rehearsed', { rehearsal: true });
    addRun('open', { status: 'running' });
    addRun('mine', { createdBy: 'plugin:x', onBehalfOf: 'user:default/bob' });
    const key = `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`;

    await feedback.give(ADA, { runId: 'r1', rating: 'up' });
    expect((await reviews.list(OWNER)).items).toEqual([]);
    const said = await feedback.give(ADA, {
      runId: 'r1',
      rating: 'down',
      comment: ` Wrong,\u0000 the key is ${key}! `,
    });
    expect(said).toMatchObject({
      rating: 'down',
      comment: 'Wrong, the key is ***!',
      reviewId: expect.any(String),
    });
    const day = Math.floor(Date.now() / DAY);
    expect(await store.days(day - 1)).toEqual([
      { agentRef: DESK, day, up: 0, down: 1 },
    ]);

    for (const [credentials, runId, words] of [
      [BOB, 'r1', 'no run'],
      [SERVICE, 'r1', 'by people'],
      [OWNER, 'r1', 'who was answered'],
      [ADA, 'mine', 'who was answered'],
      [ADA, 'rehearsed', 'rehearsal'],
      [ADA, 'open', 'not answered yet'],
    ] as const) {
      await expect(
        feedback.give(credentials, { runId, rating: 'up' }),
      ).rejects.toThrow(words);
    }
    // One's own, and those of one's agents.
    const listed = [ADA, OWNER, BOB].map(each => feedback.list(each));
    expect(
      (await Promise.all(listed)).map(({ items }) => items.length),
    ).toEqual([1, 1, 0]);

    const review = await reviews.get(OWNER, said.reviewId!);
    expect(review).toMatchObject({
      reason: 'feedback',
      ask: 'Where is order 7?',
      feedback: { rating: 'down' },
    });
    await expect(reviews.get(BOB, review.id)).rejects.toThrow('no review');
    await expect(
      reviews.judge(SERVICE, review.id, { verdict: 'good' }),
    ).rejects.toThrow('by people');
    expect(
      await reviews.judge(OWNER, review.id, {
        ...{ verdict: 'bad', failure: 'wrong-answer' },
      } as never),
    ).toMatchObject({ status: 'judged', verdicts: [{ verdict: 'bad' }] });
    await expect(
      reviews.makeCase(OWNER, review.id, { dataSetId: 'other' }),
    ).rejects.toThrow('Choose a data set of that agent');
    expect(
      await reviews.makeCase(OWNER, review.id, { dataSetId: 'd1' }),
    ).toMatchObject({ dataSetId: 'd1', caseId: 'run-r1' });
    expect(added).toEqual([
      [
        'd1',
        {
          id: 'run-r1',
          ask: 'Where is order 7?',
          origin: 'run r1',
          calls: [{ tool: 'orders.find', arguments: { id: 7 } }],
        },
      ],
    ]);
    // The run is gone, and the review says so.
    delete runs.r1;
    const hidden = await reviews.get(OWNER, review.id);
    expect([hidden.ask, hidden.hidden]).toEqual([
      undefined,
      expect.stringContaining('may not read'),
    ]);

    await expect(
      reviews.judge(OWNER, review.id, { verdict: 'good' }),
    ).rejects.toThrow('cannot judge');

    await expect(feedback.erase(BOB, 'user:default/ada')).rejects.toThrow(
      'erase yourself',
    );
    expect(await feedback.erase(OWNER, 'user:default/olga')).toEqual({
      feedback: 0,
      judgements: 1,
    });
    expect(await feedback.erase(ADA, 'user:default/ada')).toMatchObject({
      feedback: 1,
    });
    expect((await feedback.list(OWNER)).items).toEqual([]);
    // Whoever erases and rates again counts once all the same.
    addRun('again');
    for (let i = 0; i < 3; i += 1) {
      await feedback.give(ADA, { runId: 'again', rating: 'up' });
      await feedback.erase(ADA, 'user:default/ada');
    }
    await feedback.give(ADA, { runId: 'again', rating: 'up' });
    expect(await store.days(day - 1)).toEqual([
      { agentRef: DESK, day, up: 1, down: 0 },
    ]);
    await feedback.erase(ADA, 'user:default/ada');
    expect((await reviews.get(OWNER, review.id)).verdicts).toMatchObject([
      { verdict: 'bad', by: expect.stringMatching(/^erased:/) },
    ]);
  });

  it('chooses conversations as runs end, the same ones when it is done again', async () => {
    const { knex, reviewStore, reviews } = await open(id);
    const now = Date.now();
    const ended: RunSummary[] = Array.from({ length: 250 }, (_, i) => ({
      id: `run-${i}`,
      agentRef: DESK,
      status: i < 30 ? 'failed' : 'succeeded',
      finishedAt: new Date(now + i).toISOString(),
      ...(i >= 240 && { rehearsal: true }),
    })) as never;
    const asked: string[] = [];
    const look = new ReviewDraw({
      knex,
      reviews: reviewStore,
      runs: {
        listRuns: async ({ cursor = '0', finishedSince, limit = 0 } = {}) => {
          asked.push(finishedSince!);
          const start = Number(cursor);
          return {
            items: ended.slice(start, start + limit),
            ...(start + limit < ended.length && {
              nextCursor: String(start + limit),
            }),
          };
        },
      },
      askOrchestration: ask =>
        ask({ token: '', signal: new AbortController().signal }),
      tools: {
        listGuardFindings: async () => ({
          items: ['run-100', 'run-101', 'run-100'].map(runId => ({
            ...{ agentRef: DESK, runId, toolName: 'mail.read' },
            foundAt: new Date(now).toISOString(),
          })),
        }),
      },
      askTools: ask => ask({ token: '', signal: new AbortController().signal }),
      tiersOf: async () => new Map([[DESK, 'critical' as const]]),
      shares: { critical: 0.2, unknown: 1 },
      failedPerDay: 20,
    });
    await look.look(undefined, now);
    expect(asked).toEqual([]);
    await look.look(undefined, now);
    await look.look(undefined, now);
    // It goes on a minute before the last that it has seen.
    expect(Date.parse(asked.at(-1)!)).toBe(now + 249 - 60_000);

    const all = await reviewStore.list({}, { limit: 100 });
    const failed = all.items.filter(each => each.reason === 'failed');
    const drawn = all.items.filter(each => each.sampled);
    expect(all.items.map(({ runId }) => runId)).toEqual(
      expect.arrayContaining(['run-100', 'run-101']),
    );
    expect(failed).toHaveLength(20);
    expect(drawn.length).toBeGreaterThan(25);
    expect(drawn.length).toBeLessThan(75);
    expect(all.items.every(({ runId }) => Number(runId.slice(4)) < 240)).toBe(
      true,
    );

    // A guarantee is of those that were drawn at random, up to the first that waits.
    await knex('evals_reviews')
      .where({ sampled: true })
      .update({ created_at: now - 5 });
    const guarantee = async () =>
      (await reviews.list(OWNER, { agentRef: DESK })).guarantee!;
    for (const { id: drawnId } of drawn.slice(1)) {
      await reviewStore.judge(drawnId, 'user:default/olga', {
        verdict: 'good',
      });
    }
    expect(await guarantee()).toMatchObject({ judged: 0, waiting: 1 });
    await knex('evals_reviews')
      .where({ id: drawn[0].id })
      .update({ created_at: now });
    expect(await guarantee()).toMatchObject({
      judged: drawn.length - 1,
      bad: 0,
      atMost: expect.closeTo(1 - 0.05 ** (1 / (drawn.length - 1)), 6),
    });

    // Two who judge the same.
    for (const [i, { id: twice }] of drawn.slice(1, 11).entries()) {
      await reviewStore.judge(twice, 'user:default/zoe', {
        verdict: i < 2 ? 'bad' : 'good',
      });
    }
    const { agreement } = await reviews.list(OWNER);
    expect(agreement).toMatchObject({ conversations: 10, same: 0.8 });
    expect((await guarantee()).bad).toBe(2);

    await reviewStore.removeBefore(now + 1);
    expect((await reviewStore.list({}, { limit: 1 })).items).toEqual([]);
    expect(await knex('evals_verdicts')).toEqual([]);
    await knex.migrate.rollback({ directory: MIGRATIONS_DIRECTORY }, true);
    expect(await knex.schema.hasTable('evals_feedback')).toBe(false);
  });
});
