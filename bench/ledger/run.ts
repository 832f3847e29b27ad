// How long pages about calls and money take with many calls in the ledger, on SQLite and on
// PostgreSQL. Start it with `npm run bench:ledger`; CALLS says how many (1,000,000 unless
// given); they are those of 60 days.
import knexFactory, { type Knex } from 'knex';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { usageOf } from '../../plugins/models-backend/src/budgets/usage';
import { verifyBudgets } from '../../plugins/models-backend/src/budgets/verifyBudgets';
import { queryCharges } from '../../plugins/models-backend/src/focus/queryCharges';
import { queryCalls } from '../../plugins/models-backend/src/ledger/calls';
import {
  queryCosts,
  queryUsage,
} from '../../plugins/models-backend/src/ledger/costs';
import { queryDailyCosts } from '../../plugins/models-backend/src/ledger/dailyCosts';
import { DatabaseCallLedger } from '../../plugins/models-backend/src/ledger/DatabaseCallLedger';
import { recordedCalls } from '../../plugins/models-backend/src/routes/preview/recordedCalls';

const CALLS = Number(process.env.CALLS ?? 1_000_000);
const DAYS = 60;
const DAY_MS = 86_400_000;
const BATCH = 50_000;
const ROUNDS = 20;

/** How many different ones there are, and what they are called. */
const NAMES = {
  provider: ['p', 4],
  model: ['p/m', 20],
  route: ['r', 10],
  agent: ['agent:default/a', 500],
  owner: ['group:default/g', 50],
  system: ['system:default/s', 30],
  domain: ['domain:default/d', 8],
  user: ['user:default/u', 2_000],
  key: ['k', 200],
} as const;

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'agent-portal-ledger-'));
  const databases: Array<[name: string, knex: Knex]> = [
    [
      'SQLite',
      knexFactory({
        client: 'better-sqlite3',
        connection: { filename: path.join(folder, 'ledger.sqlite') },
        useNullAsDefault: true,
        pool: { min: 1, max: 1 },
      }),
    ],
  ];
  const { BENCH_POSTGRES: postgres } = process.env;
  if (postgres) {
    databases.push([
      'PostgreSQL',
      knexFactory({ client: 'pg', connection: postgres }),
    ]);
  }
  for (const [name, knex] of databases) {
    const ledger = await DatabaseCallLedger.create({
      getClient: async () => knex,
    });
    await fill(knex);
    const [slowest, ms] = await measure(name, ledger);
    process.stdout.write(
      `ledger on ${name}: ${CALLS} calls, slowest p95 ${ms.toFixed(
        0,
      )} ms (${slowest})\n`,
    );
    await knex.destroy();
  }
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Calls that have ended, evenly over time. An agent has an owner, a system, a route and
 * two models; a person asks few agents, and one call in ten is of a program.
 */
async function fill(knex: Knex): Promise<void> {
  const isPostgres = knex.client.config.client === 'pg';
  const any = (count: number) =>
    isPostgres ? `floor(random() * ${count})` : `abs(random() % ${count})`;
  const first = new Map<string, number>();
  for (const [kind, [prefix, count]] of Object.entries(NAMES)) {
    const names = Array.from({ length: count }, (_, i) => ({
      name: `${prefix}${i}`,
    }));
    await knex.batchInsert('model_call_names', names, 200);
    const { id } = await knex('model_call_names').where(names[0]).first('id');
    first.set(kind, id);
  }
  const series = isPostgres
    ? 'select n from generate_series(?::int, ?::int) as n'
    : 'with recursive s(n) as (select ? union all select n + 1 from s where n < ?) select n from s';
  const idOf = (kind: keyof typeof NAMES, number: string) =>
    `${first.get(kind)} + (${number}) % ${NAMES[kind][1]}`;
  const ids = {
    provider_id: idOf('provider', 'a'),
    model_id: idOf('model', '2 * a + n % 2'),
    route_id: idOf('route', 'a'),
    agent_id: `case when n % 10 > 0 then ${idOf('agent', 'a')} end`,
    owner_id: idOf('owner', 'a'),
    system_id: idOf('system', 'a'),
    domain_id: idOf('domain', 'a'),
    user_id: `case when n % 10 > 0 then ${idOf('user', '4 * a + p')} end`,
    key_id: `case when n % 10 = 0 then ${idOf('key', 'a')} end`,
  };
  const begun = Date.now() - DAYS * DAY_MS;
  for (let from = 0; from < CALLS; from += BATCH) {
    await knex.raw(
      `insert into model_calls (id, created_at, status, duration_ms, run_id, step,
         input_uncached, output_text, cost_nano_usd, ${Object.keys(ids).join(
           ', ',
         )})
       select 'c' || n || '-1', ${begun} + cast(n * ${
        (DAYS * DAY_MS) / CALLS
      } as bigint), 'succeeded', 900, 'run-' || (n / 5), 1,
         1000, 200, 1000000 + n % 977, ${Object.values(ids).join(', ')}
       from (
         select n, cast(${any(NAMES.agent[1])} as int) as a, cast(${any(
        12,
      )} as int) as p
         from (${series}) as numbers
       ) as calls`,
      [from, Math.min(from + BATCH, CALLS) - 1],
    );
  }
  await knex.raw('analyze');
}

/** Every question that a page or an export asks. */
async function measure(
  database: string,
  ledger: DatabaseCallLedger,
): Promise<[slowest: string, ms: number]> {
  const now = Date.now();
  const month = { from: now - 30 * DAY_MS, to: now };
  const page = { limit: 50, offset: 0 };
  const agentRef = 'agent:default/a7';
  const questions: Record<string, () => Promise<unknown>> = {
    'page of calls': () => queryCalls(ledger, { limit: 50 }),
    'calls of an agent': () => queryCalls(ledger, { agentRef, limit: 50 }),
    'calls of a run': () => queryCalls(ledger, { runId: 'run-77', limit: 50 }),
    'costs by model': () =>
      queryCosts(ledger, { ...month, ...page, groupBy: 'model' }),
    'costs by person': () =>
      queryCosts(ledger, { ...month, ...page, groupBy: 'user' }),
    'costs of an agent by day': () =>
      queryCosts(ledger, { ...month, ...page, agentRef, groupBy: 'day' }),
    'costs by owner and model': () =>
      queryCosts(ledger, {
        ...month,
        ...page,
        groupBy: 'owner',
        splitBy: 'model',
      }),
    'use of models': () => queryUsage(ledger, month),
    forecast: () => queryDailyCosts(ledger, { from: now - 56 * DAY_MS }),
    'preview of a route': () =>
      recordedCalls(ledger, {
        route: 'r3',
        from: now - 7 * DAY_MS,
        limit: 5_000,
      }),
    'export of a day': async () => {
      const day = { from: now - 2 * DAY_MS, to: now - DAY_MS };
      const options = { withKeys: true, withUsers: true };
      for await (const charge of queryCharges(ledger, day, options)) {
        if (charge) {
          // One page is what a reader waits for.
          break;
        }
      }
    },
    'state of budgets': () => usageOf(ledger.db, [], now),
    'check of budgets': () => verifyBudgets(ledger.db),
  };
  let slowest: [string, number] = ['', 0];
  for (const [name, ask] of Object.entries(questions)) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const since = performance.now();
      await ask();
      times.push(performance.now() - since);
    }
    times.sort((a, b) => a - b);
    const p95 = times[Math.floor(times.length * 0.95)];
    process.stdout.write(`${database}: ${name} ${p95.toFixed(1)} ms\n`);
    slowest = p95 > slowest[1] ? [name, p95] : slowest;
  }
  return slowest;
}

main().catch(error => {
  process.stderr.write(`${error?.stack ?? error}\n`);
  process.exit(1);
});
