import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ModelDirectory } from '../directory/ModelDirectory';
import { ModelGateway } from '../ModelGateway';
import type { AttemptOutcome, Caller } from '../ports';
import { PriceBook } from '../prices/PriceBook';
import { OpenAiProvider } from '../providers/OpenAiProvider';

async function listen(listener: RequestListener) {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** How a call ends in the ledger whose caller goes away before there is an answer. */
async function endOfGone(caller: Partial<Caller>): Promise<AttemptOutcome> {
  const asked = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<AttemptOutcome>();
  const provider = await listen((req, res) => {
    if (req.url === '/v1/models') {
      res.end(JSON.stringify({ data: [{ id: 'slow' }] }));
    } else {
      asked.resolve();
    }
  });
  const clock = { now: () => Date.now() };
  const logger = { warn: () => {}, error: () => {} };
  const directory = new ModelDirectory({
    providers: [
      {
        provider: new OpenAiProvider({
          id: 'fake',
          baseUrl: `${provider.url}/v1`,
          timeouts: { connectMs: 1_000, firstByteMs: 5_000, idleMs: 5_000 },
        }),
      },
    ],
    clock,
    logger,
    refOf: id => `model:default/${id.replace('/', '.')}`,
  });
  await directory.refresh();
  const rate = { nanoUsdPerMillion: 1_000_000 };
  const gateway = new ModelGateway({
    directory,
    ledger: {
      open: async () => {},
      settle: async (_id, outcome) => ended.resolve(outcome),
    },
    clock,
    logger,
    priceBook: new PriceBook({
      clock,
      configured: new Map([
        ['fake/slow', { input: rate, output: rate, version: 'test' }],
      ]),
    }),
    authenticator: {
      authenticate: async () => ({ grant: undefined, account: {}, ...caller }),
    },
    policy: {
      decide: async (_caller, { modelIds }) => ({
        allowed: new Set(modelIds),
        refusals: new Map(),
      }),
    },
  });
  const door = await listen((req, res) => void gateway.handle(req, res));
  try {
    const gone = new AbortController();
    const call = fetch(`${door.url}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({
        model: 'fake/slow',
        messages: [{ role: 'user', content: 'Hello' }],
      }),
      signal: gone.signal,
    });
    call.catch(() => {});
    await asked.promise;
    gone.abort();
    return await ended.promise;
  } finally {
    door.close();
    provider.close();
    await directory.close();
  }
}

describe('a call whose caller has gone away', () => {
  it('says what ended it, where the caller may not go on', async () => {
    const reason = 'The agent was suspended by user:default/elin.';
    expect(
      await endOfGone({ whyEnded: async () => new Error(reason) }),
    ).toMatchObject({
      status: 'failed',
      errorCode: 'access_denied',
      errorMessage: reason,
    });
  });

  it.each<[string, Partial<Caller>]>([
    ['the caller may go on', { whyEnded: async () => undefined }],
    [
      'nobody can tell',
      { whyEnded: () => Promise.reject(new Error('It is away.')) },
    ],
    ['nobody tells', { whyEnded: () => new Promise(() => {}) }],
    ['it is no agent', {}],
  ])('was ended by whoever asked, when %s', async (_, caller) => {
    expect(await endOfGone(caller)).toMatchObject({
      status: 'cancelled',
      errorCode: 'client_gone',
    });
  });
});
