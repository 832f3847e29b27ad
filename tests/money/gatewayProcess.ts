// One process of the model gateway with the real ledger and budgets on a shared
// database, and a provider over HTTP. Without the portal around it, so that a test
// can run and kill several.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  DEFAULT_LIMITS,
  ModelDirectory,
  ModelGateway,
  OpenAiProvider,
  PriceBook,
} from '@agentportal/model-gateway';
import { BudgetOwners } from '../../plugins/models-backend/src/budgets/BudgetOwners';
import { createBudgets } from '../../plugins/models-backend/src/budgets/createBudgets';
import { ScopeDirectory } from '../../plugins/models-backend/src/budgets/ScopeDirectory';
import { RateLimitStore } from '../../plugins/models-backend/src/rateLimits/RateLimitStore';
import { DatabaseCallLedger } from '../../plugins/models-backend/src/ledger/DatabaseCallLedger';
import { connect } from './connect';
import { MODELS, PRICE } from './fakeProvider';

const quiet = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: (message: string) => process.stderr.write(`${message}\n`),
  child: () => quiet,
};

async function main(): Promise<void> {
  const db = connect(process.env.MONEY_DATABASE!);
  const clock = { now: () => Date.now() };
  const ledger = await DatabaseCallLedger.create({ getClient: async () => db });
  const limits = new RateLimitStore(db);
  const owners = {
    ownersOf: async () => ['group:default/care'],
  } as unknown as BudgetOwners;
  const budgets = await createBudgets({
    ledger,
    owners,
    rateLimits: new ScopeDirectory(
      () => limits.list(),
      () => limits.version(),
    ),
    logger: quiet as any,
    events: { publish: async () => {}, subscribe: async () => {} },
    auditor: {
      createEvent: async () => ({
        success: async () => {},
        fail: async () => {},
      }),
    },
    longestCallMs: DEFAULT_LIMITS.callTimeoutMs,
    waitMs: 3_000,
  });
  await budgets.reconcile();
  const directory = new ModelDirectory({
    providers: [
      {
        provider: new OpenAiProvider({
          id: 'fake',
          baseUrl: `${process.env.MONEY_PROVIDER}/v1`,
          timeouts: { connectMs: 5_000, firstByteMs: 20_000, idleMs: 20_000 },
        }),
        models: MODELS,
      },
    ],
    clock,
    logger: quiet,
    refOf: id => `model:default/${id.replace('/', '.')}`,
  });
  await directory.refresh(AbortSignal.timeout(10_000));
  const gateway = new ModelGateway({
    directory,
    ledger: budgets.ledger,
    clock,
    logger: quiet,
    limits: DEFAULT_LIMITS,
    priceBook: new PriceBook({
      clock,
      configured: new Map(MODELS.map(id => [`fake/${id}`, PRICE])),
    }),
    authenticator: {
      authenticate: async request => ({
        grant: undefined,
        account: { agentRef: String(request.headers['x-agent']) },
      }),
    },
    policy: {
      decide: async (_caller, { modelIds }) => ({
        allowed: new Set(modelIds),
        refusals: new Map(),
      }),
    },
  });
  const server = createServer((request, response) => {
    if (request.url === '/reconcile') {
      void budgets.reconcile().then(count => response.end(String(count)));
    } else if (request.url === '/abandoned') {
      // Nothing is under way when a scene asks for it.
      void ledger
        .closeAbandoned(Date.now())
        .then(count => response.end(String(count)));
    } else {
      void gateway.handle(request, response);
    }
  });
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`ready ${port}\n`);
  });
  // It must not outlive the test.
  process.stdin.on('close', () => process.exit(0)).resume();
}

main().catch(error => {
  process.stderr.write(`${error?.stack ?? error}\n`);
  process.exit(1);
});
