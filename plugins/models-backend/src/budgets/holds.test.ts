import type { AttemptStart, GatewayError } from '@agentportal/model-gateway';
import {
  mockServices,
  type TestDatabaseId,
} from '@backstage/backend-test-utils';
import { queryCalls } from '../ledger/calls';
import { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import { databases } from '../__testUtils__/startModels';
import type { BudgetScope, BudgetWindow } from './budget';
import { CallRetention } from './CallRetention';
import { createBudgets } from './createBudgets';
import { Instance } from './Instance';
import { BUDGETS, BUDGET_WINDOWS, HOLD_SETS, INSTANCES } from './tables';
import { usageOf } from './usage';
import { verifyBudgets } from './verifyBudgets';
import { windowStart } from './windows';

jest.setTimeout(120_000);

const ACCOUNT = {
  userRef: 'user:default/dana',
  agentRef: 'agent:default/orders',
  ownerRef: 'group:default/care',
};

async function setUp(databaseId: TestDatabaseId) {
  const knex = await databases.init(databaseId);
  const events = mockServices.events.mock();
  const logger = mockServices.logger.mock();
  const openLedger = () =>
    DatabaseCallLedger.create(
      mockServices.database.mock({
        getClient: async () => knex,
        migrations: {},
      }),
    );
  const process = async (
    waitMs = 0,
    ledger?: Awaited<ReturnType<typeof openLedger>>,
  ) =>
    createBudgets({
      ledger: ledger ?? (await openLedger()),
      owners: { ownersOf: async () => ['group:default/care'] } as any,
      events,
      auditor: mockServices.auditor.mock({
        createEvent: async () => ({
          success: async () => {},
          fail: async () => {},
        }),
      }),
      logger,
      longestCallMs: 60_000,
      waitMs,
    });
  const budgets = await process();
  let count = 0;
  const attempt = (bound: number, more: Partial<AttemptStart> = {}) => {
    count += 1;
    const id = `c${count}-1`;
    return {
      id,
      callId: id.slice(0, -2),
      attempt: 1,
      createdAt: Date.now(),
      provider: 'p',
      model: 'p/m',
      account: ACCOUNT,
      boundNanoUsd: bound,
      ...more,
    };
  };
  const limit = async (
    limitNanoUsd: number,
    scope: BudgetScope = { type: 'agent', ref: ACCOUNT.agentRef },
    window: BudgetWindow = 'month',
    from = budgets,
  ) => {
    const budget = await from.store.create(
      { scope, window, limitNanoUsd, softThresholds: [0.5, 0.8, 1] },
      'api',
      'user:default/dana',
    );
    await from.directory.afterChange();
    return budget;
  };
  const usage = async (id: string) =>
    (await usageOf(knex, [await budgets.store.get(id)], Date.now())).get(id)!;
  return {
    knex,
    budgets,
    openLedger,
    process,
    attempt,
    limit,
    usage,
    events,
    logger,
  };
}

const outcome = (costNanoUsd: number) => ({
  status: 'succeeded' as const,
  durationMs: 1,
  usage: {
    inputUncached: 1,
    cacheRead: 0,
    cacheWrite: 0,
    outputText: 1,
    reasoning: 0,
  },
  costNanoUsd,
  priceVersion: 'test',
  estimated: false,
});

/** Numbers that look random and are the same in every run. */
function seeded(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

describe.each(databases.eachSupportedId())('budgets on %s', databaseId => {
  it('lets exactly as many calls begin as there is room for', async () => {
    const { budgets, attempt, limit, usage, knex } = await setUp(databaseId);
    const { id } = await limit(100);
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, () => budgets.ledger.open(attempt(10))),
    );
    const refused = results.filter(r => r.status === 'rejected');
    expect(refused).toHaveLength(40);
    expect(refused[0]).toMatchObject({
      reason: {
        status: 402,
        code: 'budget_exceeded',
        message: expect.stringContaining('Ask group:default/care'),
        details: {
          budget: { id, leftNanoUsd: 0, contactRef: 'group:default/care' },
        },
      },
    });
    expect(await usage(id)).toMatchObject({
      spentNanoUsd: 0,
      heldNanoUsd: 100,
      leftNanoUsd: 0,
    });
    expect(await verifyBudgets(knex)).toMatchObject({ ok: true });
  });

  it('holds on all budgets of a call or on none', async () => {
    const { budgets, attempt, limit, usage } = await setUp(databaseId);
    const agent = await limit(1000);
    const owner = await limit(15, { type: 'owner', ref: ACCOUNT.ownerRef });
    await budgets.ledger.open(attempt(10));
    await expect(budgets.ledger.open(attempt(10))).rejects.toMatchObject({
      details: { budget: { id: owner.id, leftNanoUsd: 5 } },
    });
    expect((await usage(agent.id)).heldNanoUsd).toBe(10);
    await budgets.ledger.open(
      attempt(10, { account: { agentRef: ACCOUNT.agentRef } }),
    );
    expect((await usage(agent.id)).heldNanoUsd).toBe(20);
  });

  it('turns a hold into what the call cost, once', async () => {
    const { budgets, attempt, limit, usage, knex } = await setUp(databaseId);
    const { id } = await limit(100);
    const start = attempt(60);
    await budgets.ledger.open(start);
    await Promise.all([
      budgets.ledger.settle(start.id, outcome(7)),
      budgets.ledger.settle(start.id, outcome(9)),
    ]);
    await budgets.ledger.settle(start.id, outcome(11));
    const { spentNanoUsd, heldNanoUsd } = await usage(id);
    expect(heldNanoUsd).toBe(0);
    expect([7, 9]).toContain(spentNanoUsd);
    expect(await verifyBudgets(knex)).toMatchObject({ ok: true, drift: [] });
  });

  it('shows what a provider charged beyond the bound', async () => {
    const { budgets, attempt, limit, usage, knex, logger } = await setUp(
      databaseId,
    );
    const { id } = await limit(100);
    const start = attempt(60);
    await budgets.ledger.open(start);
    await budgets.ledger.settle(start.id, outcome(130));
    expect((await usage(id)).spentNanoUsd).toBe(130);
    const ledger = await DatabaseCallLedger.create(
      mockServices.database.mock({ getClient: async () => knex }),
    );
    const { items } = await queryCalls(ledger, { limit: 1 });
    expect(items[0]).toMatchObject({ heldNanoUsd: 60, overrunNanoUsd: 70 });
    expect(logger.warn).toHaveBeenCalledWith(
      expect.stringContaining('charged more'),
      expect.objectContaining({ overrunNanoUsd: 70 }),
    );
    expect(await verifyBudgets(knex)).toMatchObject({
      ok: true,
      overLimit: [{ budgetId: id }],
    });
  });

  it('knows what was spent after the calls themselves were deleted', async () => {
    const { budgets, attempt, limit, usage, knex } = await setUp(databaseId);
    const day = 86_400_000;
    const { id } = await limit(1_000, undefined, 'total');
    await limit(1_000, undefined, 'day');
    const made = await Promise.all(
      [600, 600, 500, 20, 0].map(async (days, i) => {
        const start = attempt(10, { createdAt: Date.now() - days * day });
        await budgets.ledger.open(start);
        // The last one is under way.
        if (days > 0) {
          await budgets.ledger.settle(start.id, outcome(1 + i));
        }
        return start.id;
      }),
    );
    await knex('model_hold_sets').update({ created_at: 1 });
    const before = await usage(id);
    const clean = (calls: number, costs = 1_000) =>
      new CallRetention(knex).clean(
        { calls: calls * day, costs: costs * day },
        new AbortController().signal,
      );
    const left = async () => {
      const ids: string[] = await knex('model_calls').pluck('id');
      return made.filter(call => ids.includes(call));
    };
    await clean(550);
    expect(await left()).toEqual(made.slice(2));
    await clean(400);
    expect(await left()).toEqual(made.slice(3));
    expect(await usage(id)).toEqual(before);
    expect(await verifyBudgets(knex)).toMatchObject({ ok: true, drift: [] });
    // Sets of days that are over are gone, and what is under way holds on.
    expect(await knex('model_hold_sets')).toHaveLength(1);
    const spent = async () =>
      Number(
        (await knex('model_daily_costs').sum({ x: 'cost_nano_usd' }))[0].x,
      );
    expect(await spent()).toBe(1 + 2 + 3 + 4);
    await clean(10, 400);
    expect(await left()).toEqual(made.slice(4));
    expect(await spent()).toBe(4);
    expect(await verifyBudgets(knex)).toMatchObject({ ok: true, drift: [] });
    expect(await usage(id)).toEqual(before);
  });

  it('counts every window by itself', async () => {
    const { budgets, attempt, limit, usage } = await setUp(databaseId);
    const { id } = await limit(10, undefined, 'hour');
    const before = attempt(10, { createdAt: Date.now() - 3_600_000 });
    await budgets.ledger.open(before);
    await budgets.ledger.open(attempt(10));
    await budgets.ledger.settle(before.id, outcome(10));
    expect(await usage(id)).toMatchObject({ spentNanoUsd: 0, heldNanoUsd: 10 });
  });

  it('counts what was spent in the window before the budget was made', async () => {
    const { budgets, attempt, limit, usage, knex } = await setUp(databaseId);
    const early = attempt(0);
    await budgets.ledger.open(early);
    await budgets.ledger.settle(early.id, outcome(70));
    const { id } = await limit(100);
    expect((await usage(id)).spentNanoUsd).toBe(70);
    await expect(budgets.ledger.open(attempt(31))).rejects.toMatchObject({
      code: 'budget_exceeded',
    });
    await budgets.ledger.open(attempt(30));
    expect(await verifyBudgets(knex)).toMatchObject({ ok: true });
  });

  it('counts calls that were under way when the budget was made, once they have ended', async () => {
    const { budgets, attempt, limit, usage, knex } = await setUp(databaseId);
    const early = [attempt(30), attempt(30)];
    for (const one of early) {
      await budgets.ledger.open(one);
    }
    const { id } = await limit(100);
    const held = attempt(20);
    await budgets.ledger.open(held);
    await budgets.ledger.settle(early[0].id, outcome(25));
    await budgets.ledger.settle(held.id, outcome(5));
    await budgets.countEarlierCalls();
    expect((await usage(id)).spentNanoUsd).toBe(30);
    await budgets.ledger.settle(early[1].id, outcome(7));
    await budgets.countEarlierCalls();
    await budgets.countEarlierCalls();
    expect((await usage(id)).spentNanoUsd).toBe(37);
    expect((await verifyBudgets(knex)).ok).toBe(true);
  });

  it('goes on writing when whoever is told of a threshold fails', async () => {
    const { openLedger, process, attempt, limit, usage } = await setUp(
      databaseId,
    );
    const ledger = await openLedger();
    const budgets = await process(0, ledger);
    const { id } = await limit(100, undefined, undefined, budgets);
    ledger.journal.onCrossings(() => {
      throw new Error('Nobody listens');
    });
    for (const cost of [60, 30]) {
      const one = attempt(cost);
      await budgets.ledger.open(one);
      await budgets.ledger.settle(one.id, outcome(cost));
    }
    expect((await usage(id)).spentNanoUsd).toBe(90);
  });

  it('lets those try again for whom there is room now, and no others', async () => {
    const { openLedger, process, attempt, limit } = await setUp(databaseId);
    const ledger = await openLedger();
    const budgets = await process(3_000, ledger);
    await limit(100, undefined, undefined, budgets);
    const large = attempt(100);
    await budgets.ledger.open(large);
    const write = jest.spyOn(ledger.journal, 'write');
    const begun: string[] = [];
    const waiting = Array.from({ length: 40 }, async () => {
      const one = attempt(10);
      await budgets.ledger.open(one);
      begun.push(one.id);
    });
    const answers = Promise.allSettled(waiting);
    while (write.mock.calls.length < 40) {
      await new Promise(setImmediate);
    }
    await Promise.all(write.mock.results.map(({ value }) => value));
    await budgets.ledger.settle(large.id, outcome(50));
    while (begun.length < 5) {
      await new Promise(setImmediate);
    }
    // Each once, the settlement, and those for whom there was room then.
    expect(write.mock.calls.length).toBeLessThanOrEqual(40 + 1 + 5);
    const results = await answers;
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(
      5,
    );
  });

  it('takes nobody for dead by its own clock, nor by numbers of processes that it cannot see', async () => {
    const { knex } = await setUp(databaseId);
    const here = await Instance.create(knex, 'here');
    const [other] = await Promise.all([
      Instance.create(knex, 'elsewhere'),
      Instance.create(knex, 'here'),
    ]);
    // A process that is not there has it, on this host and on another.
    const gone = 2 ** 22 + 1;
    await knex(INSTANCES).where({ id: other.id }).update({ pid: gone });
    await knex(INSTANCES).insert({
      id: 'dead',
      host: 'here',
      pid: gone,
      seen_at: Date.now(),
    });
    const ids = async () =>
      (await knex(INSTANCES).whereIn('host', ['here', 'elsewhere'])).map(
        ({ id }) => id,
      );
    const clock = jest
      .spyOn(Date, 'now')
      .mockReturnValue(Date.now() + 3_600_000);
    await here.buryDead();
    clock.mockRestore();
    const left = await ids();
    expect(left).toHaveLength(3);
    expect(left).not.toContain('dead');
    await knex(INSTANCES)
      .where({ id: other.id })
      .update({ seen_at: Date.now() - 120_000 });
    await here.buryDead();
    expect(await ids()).toHaveLength(2);
  });

  it('waits for room that calls under way give back', async () => {
    const { process, attempt, limit } = await setUp(databaseId);
    const patient = await process(5_000);
    await limit(100, undefined, 'month', patient);
    const first = attempt(90);
    await patient.ledger.open(first);
    const second = patient.ledger.open(attempt(90));
    await patient.ledger.settle(first.id, outcome(10));
    await expect(second).resolves.toBeUndefined();
  });

  it('settles what a dead process held at its estimate, and corrects it by late figures', async () => {
    const { budgets, process, attempt, limit, usage, knex } = await setUp(
      databaseId,
    );
    const { id } = await limit(100);
    const dead = await process();
    await dead.directory.refresh();
    const start = attempt(60);
    await dead.ledger.open(start);
    expect(await budgets.reconcile()).toBe(0);
    // Its process is not there any more, or was not seen for long.
    await knex(INSTANCES)
      .where({ pid: globalThis.process.pid })
      .update({
        seen_at: knex.raw(
          'case when id in (select instance_id from model_calls) then 0 else seen_at end',
        ),
      });
    expect(await budgets.reconcile()).toBe(1);
    expect(await usage(id)).toMatchObject({ spentNanoUsd: 60, heldNanoUsd: 0 });
    expect(await verifyBudgets(knex)).toMatchObject({
      ok: true,
      holds: { held: 0, unreconciled: 1 },
    });
    await dead.ledger.settle(start.id, outcome(7));
    expect(await usage(id)).toMatchObject({ spentNanoUsd: 7, heldNanoUsd: 0 });
    expect(await verifyBudgets(knex)).toMatchObject({
      ok: true,
      holds: { unreconciled: 0 },
    });
  });

  it('announces each threshold once per window', async () => {
    const { budgets, attempt, limit, events } = await setUp(databaseId);
    const { id } = await limit(100);
    for (let i = 0; i < 10; i += 1) {
      const start = attempt(10);
      await budgets.ledger.open(start);
      await budgets.ledger.settle(start.id, outcome(9));
    }
    await expect(budgets.ledger.open(attempt(20))).rejects.toThrow();
    const deadline = Date.now() + 10_000;
    while (events.publish.mock.calls.length < 3 && Date.now() < deadline) {
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    // Whatever were told twice would have been by then.
    await new Promise(resolve => setTimeout(resolve, 50));
    const told = events.publish.mock.calls.map(([event]) => event);
    expect(told).toMatchObject(
      [0.5, 0.8, 1].map(threshold => ({
        topic: 'models.budget.threshold',
        eventPayload: { budgetId: id, threshold, limitNanoUsd: 100 },
      })),
    );
  });

  it('obeys a lowered limit at once in every process', async () => {
    const { budgets, process, attempt, limit } = await setUp(databaseId);
    const { id } = await limit(100);
    const other = await process();
    await other.directory.refresh();
    await budgets.store.update(
      id,
      { limitNanoUsd: 5, softThresholds: [] },
      'user:default/dana',
    );
    await expect(other.ledger.open(attempt(10))).rejects.toMatchObject({
      details: { budget: { limitNanoUsd: 5 } },
    });
  });

  it('finds a counter that is not what the ledger adds up to', async () => {
    const { budgets, attempt, limit, knex, logger } = await setUp(databaseId);
    const { id } = await limit(100);
    await budgets.ledger.open(attempt(10));
    await knex(BUDGET_WINDOWS).where({ budget_id: id }).update({
      spent_nano_usd: 3,
    });
    expect(await verifyBudgets(knex)).toMatchObject({
      ok: false,
      drift: [{ budgetId: id, spentNanoUsd: 3, expectedSpentNanoUsd: 0 }],
    });
    await budgets.verify();
    expect(logger.error).toHaveBeenCalledTimes(1);
    // Also one that looks as if nothing were counted on it.
    const lost = attempt(10);
    await budgets.ledger.open(lost);
    await budgets.ledger.settle(lost.id, outcome(4));
    await knex(BUDGET_WINDOWS).where({ budget_id: id }).update({
      spent_nano_usd: 0,
      held_nano_usd: 0,
    });
    expect(await verifyBudgets(knex)).toMatchObject({
      ok: false,
      drift: [{ spentNanoUsd: 0, expectedSpentNanoUsd: 4 }],
    });
  });

  it('keeps what calls hold on for as long as its windows', async () => {
    const { budgets, attempt, limit, knex } = await setUp(databaseId);
    await limit(100, undefined, 'quarter');
    const one = attempt(10);
    await budgets.ledger.open(one);
    await budgets.ledger.settle(one.id, outcome(4));
    const [ofQuarter] = await knex(HOLD_SETS);
    const start = windowStart('quarter', Date.now());
    const user = { type: 'user' as const, ref: ACCOUNT.userRef };
    await limit(100, user, 'hour');
    const first = attempt(10, { createdAt: start });
    await budgets.ledger.open(first);
    await budgets.ledger.settle(first.id, outcome(4));
    expect(await knex(HOLD_SETS)).toHaveLength(2);
    await knex(HOLD_SETS).update({ created_at: start });
    const day = 86_400_000;
    await new CallRetention(knex).clean(
      { calls: 400 * day, costs: 1_830 * day },
      new AbortController().signal,
      start + 91 * day,
    );
    // No call begins in an hour of the past, whatever else it would hold on.
    expect(await knex(HOLD_SETS).pluck('id')).toEqual([ofQuarter.id]);
  });

  it('does not read the windows of all years for a check', async () => {
    const { budgets, attempt, limit, knex } = await setUp(databaseId);
    const { id } = await limit(100);
    await budgets.ledger.open(attempt(10));
    await knex.batchInsert(
      BUDGET_WINDOWS,
      Array.from({ length: 500 }, (_, day) => ({
        budget_id: id,
        window_start: day * 86_400_000,
        spent_nano_usd: 7,
        carried_nano_usd: 7,
      })),
      50,
    );
    let rows = 0;
    knex.on('query-response', response => {
      rows += Array.isArray(response) ? response.length : response.rows.length;
    });
    expect(await verifyBudgets(knex)).toMatchObject({ ok: true, windows: 501 });
    expect(rows).toBeLessThan(20);
  });

  it.each([1, 2, 3])(
    'keeps spent and held within every limit, whatever comes in which order (seed %d)',
    async seed => {
      const { budgets, process, attempt, limit, knex } = await setUp(
        databaseId,
      );
      const random = seeded(seed);
      const processes = [budgets, await process(), await process()];
      await limit(500);
      await limit(700, { type: 'owner', ref: ACCOUNT.ownerRef }, 'hour');
      await limit(900, { type: 'organisation', ref: 'default' }, 'total');
      await limit(400, { type: 'model', ref: 'p/m' }, 'day');
      await Promise.all(processes.map(p => p.directory.refresh()));

      const stop = { now: false };
      let looks = 0;
      const watcher = (async () => {
        while (!stop.now) {
          const over = await knex({ w: BUDGET_WINDOWS })
            .join({ b: BUDGETS }, 'b.id', 'w.budget_id')
            .whereRaw(
              'w.spent_nano_usd + w.held_nano_usd > b.limit_nano_usd or w.held_nano_usd < 0',
            );
          expect(over).toEqual([]);
          expect((await verifyBudgets(knex)).drift).toEqual([]);
          looks += 1;
          // SQLite answers without a pause, which would keep all timers waiting.
          await new Promise(resolve => {
            setTimeout(resolve, 2);
          });
        }
      })();
      let begun = 0;
      let spent = 0;
      await Promise.all(
        Array.from({ length: 150 }, async () => {
          const { ledger } = processes[random(3)];
          const bound = 1 + random(40);
          const cost = random(bound + 1);
          const account = [
            ACCOUNT,
            { agentRef: ACCOUNT.agentRef },
            { ownerRef: ACCOUNT.ownerRef },
            {},
          ][random(4)];
          const start = attempt(bound, {
            account,
            model: random(2) ? 'p/m' : 'p/other',
          });
          await new Promise(resolve => {
            setTimeout(resolve, random(60));
          });
          try {
            await ledger.open(start);
          } catch (error) {
            if ((error as GatewayError).code === 'budget_exceeded') {
              return;
            }
            throw error;
          }
          begun += 1;
          spent += cost;
          await new Promise(resolve => {
            setTimeout(resolve, random(30));
          });
          // Any process may be the one that settles.
          await processes[random(3)].ledger.settle(start.id, outcome(cost));
        }),
      );
      stop.now = true;
      await watcher;
      expect(looks).toBeGreaterThan(0);
      expect(begun).toBeGreaterThan(10);
      const check = await verifyBudgets(knex);
      expect(check).toMatchObject({
        ok: true,
        overLimit: [],
        holds: { held: 0 },
      });
      const [organisation] = await knex({ w: BUDGET_WINDOWS })
        .join({ b: BUDGETS }, 'b.id', 'w.budget_id')
        .where('b.scope_type', 'organisation')
        .select('w.spent_nano_usd');
      expect(Number(organisation.spent_nano_usd)).toBe(spent);
    },
  );
});
