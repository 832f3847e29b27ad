import type { AttemptStart } from '@agentportal/model-gateway';
import {
  mockServices,
  type TestDatabaseId,
} from '@backstage/backend-test-utils';
import { databases } from '../__testUtils__/startModels';
import { createBudgets } from '../budgets/createBudgets';
import { INSTANCES, RATE_COUNTERS } from '../budgets/tables';
import { verifyBudgets } from '../budgets/verifyBudgets';
import { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import { FairShares } from './FairShares';
import type { RateLimit } from './rateLimit';
import { ScopeDirectory } from '../budgets/ScopeDirectory';

jest.setTimeout(60_000);

const AGENT = 'agent:default/orders';

async function setUp(
  databaseId: TestDatabaseId,
  limits: Array<Partial<RateLimit> & Pick<RateLimit, 'measure'>>,
) {
  const knex = await databases.init(databaseId);
  const all = limits.map(
    (limit, i): RateLimit => ({
      id: `limit${i}`,
      scope: { type: 'agent', ref: AGENT },
      source: 'api',
      createdAt: 0,
      createdBy: 'user:default/dana',
      updatedAt: 0,
      updatedBy: 'user:default/dana',
      ...limit,
    }),
  );
  const process = async () => {
    const rateLimits = new ScopeDirectory(
      async () => all,
      async () => '',
    );
    await rateLimits.refresh();
    return createBudgets({
      ledger: await DatabaseCallLedger.create(
        mockServices.database.mock({
          getClient: async () => knex,
          migrations: {},
        }),
      ),
      owners: { ownersOf: async () => [] } as any,
      rateLimits,
      events: mockServices.events.mock(),
      auditor: mockServices.auditor.mock(),
      logger: mockServices.logger.mock(),
      longestCallMs: 60_000,
      waitMs: 0,
    });
  };
  let count = 0;
  const attempt = (more: Partial<AttemptStart> = {}): AttemptStart => {
    count += 1;
    return {
      id: `c${count}-1`,
      callId: `c${count}`,
      attempt: 1,
      createdAt: Date.now(),
      provider: 'p',
      model: 'p/m',
      account: { agentRef: AGENT },
      ...more,
    };
  };
  return { knex, process, attempt, first: await process() };
}

const outcome = (tokens: number) => ({
  status: 'succeeded' as const,
  durationMs: 1,
  usage: {
    inputUncached: tokens,
    cacheRead: 0,
    cacheWrite: 0,
    outputText: 0,
    reasoning: 0,
  },
  costNanoUsd: 0,
  priceVersion: 'test',
  estimated: false,
});

const limited = { code: 'rate_limited', status: 429 };

describe('the shares of a limit of tokens', () => {
  const limit = { id: 'limit', measure: 'tokens' } as RateLimit;
  const small = { keyId: 'small' };
  const large = { keyId: 'large' };

  /** Two small calls that had to wait a moment, so that the limit is watched. */
  function watched(): FairShares {
    const shares = new FairShares();
    shares.refused({ limit, retryAfterMs: 100 }, small);
    shares.began([limit], small, 10);
    shares.began([limit], small, 10);
    return shares;
  }

  afterEach(() => jest.restoreAllMocks());

  it('are those of who can begin soon, and not of who needs nearly all of it', () => {
    const shares = watched();
    shares.refused({ limit, retryAfterMs: 40_000 }, large);
    expect(shares.yields([limit], small)).toBeUndefined();
    shares.refused({ limit, retryAfterMs: 2_000 }, large);
    expect(shares.yields([limit], small)).toMatchObject({ limit });
    expect(shares.yields([limit], large)).toBeUndefined();
  });

  it('are counted in tokens, and not in calls', () => {
    const shares = watched();
    shares.began([limit], large, 5_000);
    shares.refused({ limit, retryAfterMs: 2_000 }, large);
    expect(shares.yields([limit], small)).toBeUndefined();
    shares.refused({ limit, retryAfterMs: 2_000 }, small);
    expect(shares.yields([limit], large)).toMatchObject({ limit });
  });

  it('are not kept on and on for who comes back and does not begin', () => {
    const shares = watched();
    let now = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => now);
    const yielded = Array.from({ length: 8 }, () => {
      shares.refused({ limit, retryAfterMs: 3_000 }, large);
      now += 3_000;
      return shares.yields([limit], small) !== undefined;
    });
    expect(yielded.filter(Boolean)).toHaveLength(4);
  });
});

describe.each(databases.eachSupportedId())('rate limits on %s', databaseId => {
  it('lets as many requests through as there are, over several processes', async () => {
    const { attempt, first, process } = await setUp(databaseId, [
      { measure: 'requests', perMinute: 1, burst: 7 },
    ]);
    const processes = [first, await process(), await process()];
    const results = await Promise.allSettled(
      Array.from({ length: 60 }, (_, i) =>
        processes[i % 3].ledger.open(attempt()),
      ),
    );
    const refused = results.filter(r => r.status === 'rejected');
    expect(refused).toHaveLength(53);
    expect(refused[0].reason).toMatchObject({
      ...limited,
      message: expect.stringMatching(
        /^The rate limit of agent agent:default\/orders is reached: 1 requests per minute. Try again in \d+ seconds.$/,
      ),
      retryAfter: expect.stringMatching(/^(5\d|60)$/),
      headers: { 'x-ratelimit-remaining-requests': '0' },
    });
  });

  it('lets requests flow in again without an edge', async () => {
    const { attempt, first } = await setUp(databaseId, [
      { measure: 'requests', perMinute: 600, burst: 2 },
    ]);
    await first.ledger.open(attempt());
    expect(await first.ledger.open(attempt())).toMatchObject({
      headers: {
        'x-ratelimit-limit-requests': '600',
        'x-ratelimit-remaining-requests': '0',
      },
    });
    await expect(first.ledger.open(attempt())).rejects.toMatchObject(limited);
    await new Promise(resolve => {
      setTimeout(resolve, 110);
    });
    await first.ledger.open(attempt());
    await expect(first.ledger.open(attempt())).rejects.toMatchObject(limited);
  });

  it('holds the tokens that a call may need and gives back the rest', async () => {
    const { attempt, first } = await setUp(databaseId, [
      { measure: 'tokens', perMinute: 60, burst: 1000 },
    ]);
    const start = attempt({ boundTokens: 900 });
    await first.ledger.open(start);
    const next = () => first.ledger.open(attempt({ boundTokens: 900 }));
    await expect(next()).rejects.toMatchObject(limited);
    await first.ledger.settle(start.id, outcome(50));
    await next();
    await expect(next()).rejects.toMatchObject(limited);
  });

  it('lets a call through that may need more than there can be, and lets it pay afterwards', async () => {
    const { attempt, first } = await setUp(databaseId, [
      { measure: 'tokens', perMinute: 60, burst: 100 },
    ]);
    const start = attempt({ boundTokens: 5_000 });
    await first.ledger.open(start);
    await first.ledger.settle(start.id, outcome(300));
    await expect(
      first.ledger.open(attempt({ boundTokens: 1 })),
    ).rejects.toMatchObject({
      ...limited,
      // 200 tokens of debt flow in at one a second.
      retryAfter: expect.stringMatching(/^(19\d|20\d)$/),
    });
  });

  it('lets no more calls run at once, over several processes', async () => {
    const { attempt, first, process } = await setUp(databaseId, [
      { measure: 'parallel', limit: 3 },
    ]);
    const other = await process();
    const starts = Array.from({ length: 20 }, () => attempt());
    const results = await Promise.allSettled(
      starts.map((start, i) => (i % 2 ? first : other).ledger.open(start)),
    );
    const begun = starts.filter((_, i) => results[i].status === 'fulfilled');
    expect(begun).toHaveLength(3);
    await expect(first.ledger.open(attempt())).rejects.toMatchObject(limited);
    // Whoever settles it, and once.
    await first.ledger.settle(begun[0].id, outcome(1));
    await other.ledger.settle(begun[0].id, outcome(1));
    await first.ledger.open(attempt());
    await expect(first.ledger.open(attempt())).rejects.toMatchObject(limited);
  });

  it('lets go of the calls of a dead process', async () => {
    const { attempt, first, knex, process } = await setUp(databaseId, [
      { measure: 'parallel', limit: 1 },
    ]);
    const dead = await process();
    const start = attempt();
    await dead.ledger.open(start);
    await expect(first.ledger.open(attempt())).rejects.toMatchObject(limited);
    await knex(INSTANCES)
      .whereIn('id', knex('model_calls').select('instance_id'))
      .delete();
    expect(await first.reconcile()).toBe(1);
    await first.ledger.open(attempt());
    // It was not dead after all, and has nothing to let go of any more.
    await dead.ledger.settle(start.id, outcome(1));
    expect(await verifyBudgets(knex)).toMatchObject({ ok: true });
    expect(await knex(RATE_COUNTERS).select('in_use')).toEqual([{ in_use: 1 }]);
    await knex(RATE_COUNTERS).update({ in_use: 2 });
    expect(await verifyBudgets(knex)).toMatchObject({
      ok: false,
      rateDrift: [{ inUse: 2, expectedInUse: 1 }],
    });
  });

  it.each([
    { measure: 'requests' as const, perMinute: 0 },
    { measure: 'tokens' as const, perMinute: 0 },
    { measure: 'parallel' as const, limit: 0 },
  ])('lets nobody through a limit of zero: %j', async limit => {
    const { attempt, first } = await setUp(databaseId, [limit]);
    await expect(first.ledger.open(attempt())).rejects.toMatchObject({
      ...limited,
      message: expect.stringContaining('lets no call through'),
      retryAfter: undefined,
    });
  });

  it('gives those who come back when they were told to as much as those who try all the time', async () => {
    const { attempt, first } = await setUp(databaseId, [
      {
        measure: 'requests',
        perMinute: 1_200,
        burst: 1,
        scope: { type: 'organisation', ref: 'default' },
      },
    ]);
    const begun = new Map<string, number>();
    const pause = (ms: number) =>
      new Promise(resolve => {
        setTimeout(resolve, ms);
      });
    const call = async (keyId: string, wait: (told: number) => number) => {
      for (
        let all = 0;
        all < 40;
        all = [...begun.values()].reduce((sum, each) => sum + each, 0)
      ) {
        const [opened] = await Promise.allSettled([
          first.ledger.open(attempt({ account: { keyId } })),
        ]);
        if (opened.status === 'fulfilled') {
          begun.set(keyId, (begun.get(keyId) ?? 0) + 1);
        } else {
          // Whatever it is but a limit has none, and fails here.
          await pause(wait(opened.reason.details.rateLimit.retryAfterMs));
        }
      }
    };
    await Promise.all([
      call('hasty', () => 1),
      call('hasty', () => 1),
      call('patient', told => told),
    ]);
    expect(begun.get('patient')).toBeGreaterThan(12);
  });

  it('takes nothing of a rate limit for a call that a budget refuses', async () => {
    const { attempt, first, knex } = await setUp(databaseId, [
      { measure: 'requests', perMinute: 1, burst: 2 },
    ]);
    await first.store.create(
      {
        scope: { type: 'agent', ref: AGENT },
        window: 'total',
        limitNanoUsd: 10,
        softThresholds: [],
      },
      'api',
      'user:default/dana',
    );
    await first.directory.afterChange();
    for (let i = 0; i < 5; i += 1) {
      await expect(
        first.ledger.open(attempt({ boundNanoUsd: 11 })),
      ).rejects.toMatchObject({ code: 'budget_exceeded' });
    }
    await first.ledger.open(attempt({ boundNanoUsd: 5 }));
    await first.ledger.open(attempt());
    await expect(
      first.ledger.open(attempt({ boundNanoUsd: 5 })),
    ).rejects.toMatchObject(limited);
    expect(await verifyBudgets(knex)).toMatchObject({ ok: true, drift: [] });
  });
});
