// Our gateway as a process of its own: authentication by token or key, access, four
// budgets, a route, prices and the real ledger on a SQLite file, or on PostgreSQL.
// Started by processes.ts with the provider's port, a folder, how many budgets and
// keys of others there are (`none` leaves out the four that apply too), and with the
// URL of a PostgreSQL server where it is to use one.
import { createServer } from 'node:http';
import {
  ModelDirectory,
  ModelGateway,
  OpenAiProvider,
  PriceBook,
} from '@agentportal/model-gateway';
import { DatabaseCallLedger } from '../../plugins/models-backend/src/ledger/DatabaseCallLedger';
import { makeKeys } from './keys';
import { openDatabase } from './openDatabase';
import { withBudgets } from './otherBudgets';
import { createTokens, TokenVerifier } from './TokenVerifier';

const CALLERS = 64;

const ACCOUNT = {
  agentRef: 'agent:default/order-help',
  ownerRef: 'group:default/care',
  systemRef: 'system:default/orders',
  domainRef: 'domain:default/commerce',
  runId: 'run-of-the-bench',
  step: 1,
};

async function main(): Promise<void> {
  const [providerPort, folder, others, postgresUrl] = process.argv.slice(2);
  const clock = { now: () => Date.now() };
  const logger = {
    warn: (message: string, meta?: object) => say(message, meta),
    error: (message: string, meta?: object) => say(message, meta),
  };
  const { db, remove } = await openDatabase(folder, postgresUrl);
  const ledger = await DatabaseCallLedger.create({
    getClient: async () => db,
  });
  const many = others === 'none' ? 0 : Number(others);
  const keys = await makeKeys(db, many + 1, ACCOUNT);
  const budgetedLedger =
    others === 'none'
      ? ledger
      : await withBudgets(ledger, logger, {
          scopes: [
            { type: 'organisation', ref: 'default' },
            { type: 'domain', ref: ACCOUNT.domainRef },
            { type: 'owner', ref: ACCOUNT.ownerRef },
            // The fourth of calls by token, and of those by key.
            { type: 'agent', ref: ACCOUNT.agentRef },
            { type: 'key', ref: keys.id },
          ],
          others: many,
        });

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
  const verifier = new TokenVerifier({
    key: tokens.publicKey,
    accountOf: userRef => ({ ...ACCOUNT, userRef }),
  });
  const gateway = new ModelGateway({
    directory,
    priceBook,
    ledger: budgetedLedger,
    clock,
    logger,
    authenticator: {
      authenticate: request =>
        keys.authenticator.caller(request) ?? verifier.authenticate(request),
    },
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
    say(`key ${keys.secret}`);
    say(`listening ${port}`);
  });
  process.on('SIGTERM', () => {
    // By the normal way out, so that a profile of the process is written.
    remove().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}

function say(line: string, meta?: object): void {
  process.stdout.write(`${line}${meta ? ` ${JSON.stringify(meta)}` : ''}\n`);
}

main().catch(error => {
  process.stderr.write(`${error?.stack ?? error}\n`);
  process.exit(1);
});
