// Our gateway as a process of its own: authentication, access, four budgets, a
// route, prices and the real ledger on a SQLite file.
// Started by processes.ts with the provider's port, a folder and how many budgets
// there are besides the four that apply; `none` leaves those out too.
import { createServer } from 'node:http';
import path from 'node:path';
import {
  GatewayError,
  type GatewayLogger,
  ModelDirectory,
  ModelGateway,
  OpenAiProvider,
  PriceBook,
} from '@agentportal/model-gateway';
import knexFactory from 'knex';
import type { BudgetScope } from '../../plugins/models-backend/src/budgets/budget';
import { BudgetedLedger } from '../../plugins/models-backend/src/budgets/BudgetedLedger';
import { ScopeDirectory } from '../../plugins/models-backend/src/budgets/ScopeDirectory';
import { BudgetStore } from '../../plugins/models-backend/src/budgets/BudgetStore';
import { HoldSets } from '../../plugins/models-backend/src/budgets/HoldSets';
import { Instance } from '../../plugins/models-backend/src/budgets/Instance';
import { BUDGETS } from '../../plugins/models-backend/src/budgets/tables';
import { DatabaseCallLedger } from '../../plugins/models-backend/src/ledger/DatabaseCallLedger';
import { createTokens, TokenVerifier } from './TokenVerifier';

const CALLERS = 64;
/** More than any bench spends, in nano-USD. */
const LIMIT = 1_000_000_000_000_000;

const ACCOUNT = {
  agentRef: 'agent:default/order-help',
  ownerRef: 'group:default/care',
  systemRef: 'system:default/orders',
  domainRef: 'domain:default/commerce',
  runId: 'run-of-the-bench',
  step: 1,
};

async function main(): Promise<void> {
  const [providerPort, folder, others] = process.argv.slice(2);
  const clock = { now: () => Date.now() };
  const logger = {
    warn: (message: string, meta?: object) => say(message, meta),
    error: (message: string, meta?: object) => say(message, meta),
  };
  const db = knexFactory({
    client: 'better-sqlite3',
    connection: { filename: path.join(folder, 'models.sqlite') },
    useNullAsDefault: true,
  });
  const ledger = await DatabaseCallLedger.create({
    getClient: async () => db,
  });
  const budgetedLedger =
    others === 'none'
      ? ledger
      : await withBudgets(ledger, logger, Number(others));

  const directory = new ModelDirectory({
    providers: [
      {
        provider: new OpenAiProvider({
          id: 'fake',
          baseUrl: `http://127.0.0.1:${providerPort}/v1`,
          apiKey: 'sk-bench',
          timeouts: { connectMs: 5_000, firstByteMs: 60_000, idleMs: 60_000 },
        }),
      },
    ],
    clock,
    logger,
    refOf: id => `model:default/${id.replaceAll('/', '.')}`,
  });
  await directory.refresh();
  directory.setDeclared({
    models: [],
    routes: [
      {
        name: 'balanced',
        ref: 'model:default/balanced',
        title: 'Balanced',
        candidates: [{ model: 'openai/gpt-5.1' }, { model: 'fake/gpt-bench' }],
      },
    ],
  });
  const rate = (nanoUsdPerMillion: number) => ({ nanoUsdPerMillion });
  const priceBook = new PriceBook({
    clock,
    configured: new Map([
      [
        'fake/gpt-bench',
        {
          input: rate(1_250_000_000),
          output: rate(10_000_000_000),
          cacheRead: rate(125_000_000),
          version: 'bench',
        },
      ],
    ]),
  });
  const tokens = createTokens();
  const gateway = new ModelGateway({
    directory,
    priceBook,
    ledger: budgetedLedger,
    clock,
    logger,
    authenticator: new TokenVerifier({
      key: tokens.publicKey,
      accountOf: userRef => ({ ...ACCOUNT, userRef }),
    }),
    policy: {
      decide: async (_caller, { modelIds }) => ({
        allowed: new Set(modelIds.filter(id => id.startsWith('fake/'))),
        refusals: new Map(),
      }),
    },
  });

  const server = createServer((request, response) => {
    request.url = request.url?.replace('/api/models/openai/v1', '');
    void gateway.handle(request, response);
  });
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as { port: number };
    const issued = Array.from({ length: CALLERS }, (_, i) =>
      tokens.issue(`user:default/bench-${i}`),
    );
    say(`tokens ${JSON.stringify(issued)}`);
    say(`listening ${port}`);
  });
  process.on('SIGTERM', () => {
    // By the normal way out, so that a profile of the process is written.
    process.exit(0);
  });
}

/**
 * Budgets on four scopes that every call of the bench falls into, among those of
 * the keys of other callers.
 */
async function withBudgets(
  ledger: DatabaseCallLedger,
  logger: GatewayLogger,
  others: number,
): Promise<BudgetedLedger> {
  const { db, names } = ledger;
  const store = new BudgetStore({ db, names });
  const scopes: BudgetScope[] = [
    { type: 'organisation', ref: 'default' },
    { type: 'domain', ref: ACCOUNT.domainRef },
    { type: 'owner', ref: ACCOUNT.ownerRef },
    { type: 'agent', ref: ACCOUNT.agentRef },
  ];
  for (const scope of scopes) {
    await store.create(
      {
        scope,
        window: 'month',
        limitNanoUsd: LIMIT,
        softThresholds: [0.8],
      },
      'config',
      'bench',
    );
  }
  const [pattern] = await db(BUDGETS).limit(1);
  await db.batchInsert(
    BUDGETS,
    Array.from({ length: others }, (_, i) => ({
      ...pattern,
      id: `other${i}`,
      scope_type: 'key',
      scope_ref: `key-${i}`,
    })),
    50,
  );
  const instance = await Instance.create(db);
  return new BudgetedLedger({
    ledger,
    sets: new HoldSets(db),
    instanceId: instance.id,
    budgets: new ScopeDirectory(
      () => store.list(),
      () => store.version(),
    ),
    refuse: async () => new GatewayError(402, 'budget_exceeded', 'No room.'),
    logger,
    holdForMs: 600_000,
    waitMs: 1_000,
  });
}

function say(line: string, meta?: object): void {
  process.stdout.write(`${line}${meta ? ` ${JSON.stringify(meta)}` : ''}\n`);
}

main().catch(error => {
  process.stderr.write(`${error?.stack ?? error}\n`);
  process.exit(1);
});
