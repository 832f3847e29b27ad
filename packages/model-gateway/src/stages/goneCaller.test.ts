import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ModelDirectory } from '../directory/ModelDirectory';
import { DEFAULT_LIMITS } from '../limits';
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
async function endOfGone(
  caller: Partial<Caller>,
  late: {
    /** The caller wants a stream. */
    stream?: boolean;
    /** What the provider does once the caller has gone. */
    answer?: RequestListener;
    readOnMs?: number;
  } = {},
): Promise<AttemptOutcome> {
  const asked = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<AttemptOutcome>();
  const gone = new AbortController();
  const provider = await listen((req, res) => {
    if (req.url === '/v1/models') {
      res.end(JSON.stringify({ data: [{ id: 'slow' }] }));
    } else {
      // Once the gateway has noticed, or it would be an answer like any other.
      gone.signal.addEventListener('abort', () => {
        setTimeout(() => late.answer?.(req, res), 300);
      });
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
    limits: { ...DEFAULT_LIMITS, readOnMs: late.readOnMs ?? 20 },
    ledger: {
      isLimited: () => true,
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
    const call = fetch(`${door.url}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({
        model: 'fake/slow',
        max_tokens: 100_000,
        stream: late.stream,
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

  const usage = { prompt_tokens: 7, completion_tokens: 300 };

  it.each<[string, boolean, RequestListener]>([
    [
      'whole',
      false,
      (_req, res) => res.end(JSON.stringify({ choices: [], usage })),
    ],
    [
      'streamed',
      true,
      (_req, res) => {
        for (const chunk of [
          { choices: [{ index: 0, delta: { content: 'Hi' } }] },
          { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
          { choices: [], usage },
        ]) {
          res.write(`data: ${JSON.stringify(chunk)}\n\n`);
        }
        res.end('data: [DONE]\n\n');
      },
    ],
  ])(
    'pays for a %s answer that it did not wait for',
    async (_, stream, answer) => {
      expect(
        await endOfGone({}, { answer, stream, readOnMs: 5_000 }),
      ).toMatchObject({
        status: 'cancelled',
        estimated: false,
        usage: { inputUncached: 7, outputText: 300 },
        costNanoUsd: 307,
      });
    },
  );

  it('pays by what was held where the provider tells nothing in time', async () => {
    const { costNanoUsd, estimated } = await endOfGone({}, { stream: true });
    expect(estimated).toBe(true);
    // More than the request, in bytes and with its frame, and far from all that was asked for.
    expect(costNanoUsd).toBeGreaterThan(1_000);
    expect(costNanoUsd).toBeLessThan(50_000);
  });
});
