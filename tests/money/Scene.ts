import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import { BudgetStore } from '../../plugins/models-backend/src/budgets/BudgetStore';
import { usageOf } from '../../plugins/models-backend/src/budgets/usage';
import { verifyBudgets } from '../../plugins/models-backend/src/budgets/verifyBudgets';
import { LedgerNames } from '../../plugins/models-backend/src/ledger/LedgerNames';
import {
  RateLimitStore,
  type RateTerms,
} from '../../plugins/models-backend/src/rateLimits/RateLimitStore';
import { connect } from './connect';
import { startFakeProvider } from './fakeProvider';
import { type GatewayProcess, startGateway } from './processes';

const PROCESSES = 4;
/** Longer than a process may not know of a new budget. */
const KNOWN_AFTER_MS = 3_500;

export type Scene = Awaited<ReturnType<typeof openScene>>;

/** Four gateways on one database, and one provider. */
export async function openScene(address: string) {
  const provider = await startFakeProvider();
  const start = () =>
    startGateway({ database: address, provider: provider.url });
  // The first one makes the tables.
  const gateways: GatewayProcess[] = [await start()];
  gateways.push(
    ...(await Promise.all(Array.from({ length: PROCESSES - 1 }, start))),
  );
  const db: Knex = connect(address);
  const store = new BudgetStore({ db, names: new LedgerNames(db) });
  const rateLimits = new RateLimitStore(db);
  let agents = 0;
  const ask = (
    gateway: GatewayProcess,
    agentRef: string,
    body: object,
    signal?: AbortSignal,
  ) =>
    fetch(`${gateway.url}/chat/completions`, {
      method: 'POST',
      headers: { 'x-agent': agentRef },
      body: JSON.stringify({
        messages: [{ role: 'user', content: 'Hello' }],
        max_tokens: 100,
        ...body,
      }),
      signal,
    });

  return {
    address,
    provider,
    gateways,
    start,
    db,
    /** A budget for an agent that is used nowhere else. */
    async budget(limitNanoUsd: number) {
      agents += 1;
      const agentRef = `agent:default/a${agents}`;
      const budget = await store.create(
        {
          scope: { type: 'agent', ref: agentRef },
          window: 'total',
          limitNanoUsd,
          softThresholds: [],
        },
        'api',
        'test',
      );
      await sleep(KNOWN_AFTER_MS);
      return { agentRef, id: budget.id };
    },
    /** A rate limit for an agent that is used nowhere else. */
    async limit(terms: Omit<RateTerms, 'scope'>) {
      agents += 1;
      const agentRef = `agent:default/a${agents}`;
      const limit = await rateLimits.create(
        { scope: { type: 'agent', ref: agentRef }, ...terms },
        'api',
        'test',
      );
      await sleep(KNOWN_AFTER_MS);
      return { agentRef, id: limit.id };
    },
    /** How much of a rate limit of one a minute is taken, and how many run. */
    async rateCounter(id: string) {
      const row = await db('model_rate_counters')
        .where({ limit_id: id })
        .first();
      const aheadMs = Number(row.arrival_us) / 1000 - Date.now();
      return { ahead: Math.round(aheadMs / 60_000), inUse: Number(row.in_use) };
    },
    async usage(id: string) {
      return (await usageOf(db, [await store.get(id)], Date.now())).get(id)!;
    },
    /** Calls a model; 0 as status when the connection broke. */
    async call(
      gateway: GatewayProcess,
      agentRef: string,
      body: object,
      signal?: AbortSignal,
    ): Promise<{ status: number; text: string; callId: string | null }> {
      try {
        const response = await ask(gateway, agentRef, body, signal);
        const callId = response.headers.get('x-agent-portal-call-id');
        return { status: response.status, callId, text: await response.text() };
      } catch (error) {
        return { status: 0, callId: null, text: String(error) };
      }
    },
    /** Calls a model and goes away with the end of the words, before the usage. */
    async leave(gateway: GatewayProcess, agentRef: string, body: object) {
      const gone = new AbortController();
      const response = await ask(
        gateway,
        agentRef,
        { stream: true, ...body },
        gone.signal,
      );
      let text = '';
      const words = new TextDecoder();
      for await (const piece of response.body!) {
        text += words.decode(piece);
        if (!response.ok || text.includes('"finish_reason":"stop"')) {
          break;
        }
      }
      gone.abort();
    },
    /** The rows of an agent, once none is under way. */
    async rows(agentRef: string, settledWithinMs = 20_000) {
      const deadline = Date.now() + settledWithinMs;
      for (;;) {
        const rows = await db({ c: 'model_calls' })
          .join({ n: 'model_call_names' }, 'n.id', 'c.agent_id')
          .where('n.name', agentRef)
          .select('c.*');
        if (
          rows.every(row => row.status !== 'started') ||
          Date.now() > deadline
        ) {
          return rows;
        }
        await sleep(50);
      }
    },
    /** Counters, holds and ledger agree, and nothing is above its limit. */
    async assertSound() {
      const check = await verifyBudgets(db);
      assert.deepEqual(check.drift, []);
      assert.deepEqual(check.rateDrift, []);
      assert.deepEqual(check.overLimit, []);
      assert.equal(check.holds.held, 0, 'something is still held');
    },
    async close() {
      await Promise.all(gateways.map(gateway => gateway.kill()));
      await db.destroy();
      provider.close();
    },
  };
}
