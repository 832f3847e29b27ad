import { GatewayError } from '../errors';
import type { AttemptOutcome, CallLedger } from '../ports';
import { Attempt } from './Attempt';

const clock = { now: () => 1_000 };
const logger = { warn: () => {}, error: jest.fn() };
const start = {
  id: 'c-1',
  callId: 'c',
  attempt: 1,
  createdAt: 900,
  provider: 'p',
  model: 'p/m',
  account: {},
};

/** A ledger in memory that fails as often as it is told. */
function memoryLedger(failures = 0) {
  const settled: AttemptOutcome[] = [];
  let left = failures;
  const ledger: CallLedger = {
    open: async () => {},
    settle: async (_id, outcome) => {
      if (left > 0) {
        left -= 1;
        throw new Error('database is away');
      }
      settled.push(outcome);
    },
  };
  return { ledger, settled };
}

const price = {
  input: { nanoUsdPerMillion: 1_000_000 },
  output: { nanoUsdPerMillion: 1_000_000 },
  version: 'v',
};

const usage = {
  inputUncached: 7,
  cacheRead: 0,
  cacheWrite: 0,
  outputText: 2,
  reasoning: 0,
};

describe('Attempt', () => {
  it.each([
    { outputText: 9e15 },
    { outputText: Number.MAX_SAFE_INTEGER },
    { webSearches: 1e9 },
  ])(
    'books what was held where a provider tells of %j, which cannot be',
    async told => {
      const { ledger, settled } = memoryLedger();
      const attempt = await Attempt.open({
        ledger,
        clock,
        logger,
        price,
        start: { ...start, boundNanoUsd: 20 },
        requestBytes: 40,
        mostTokens: 1_000,
      });
      attempt.note({ textBytes: 8, usage: { ...usage, ...told } });
      expect(await attempt.succeed()).toMatchObject({
        costNanoUsd: 20,
        estimated: true,
        usage: { inputUncached: 10, outputText: 2 },
      });
      expect(settled).toHaveLength(1);
    },
  );

  it.each([
    'client_gone',
    'superseded',
    'access_denied',
    'provider_timeout',
    'provider_stream_cut',
    'provider_bad_answer',
  ] as const)(
    'books the most that it can have been after %s, whatever was seen',
    async code => {
      const { ledger } = memoryLedger();
      const end = async (mostAfter?: (ms: number) => number) => {
        const attempt = await Attempt.open({
          ledger,
          clock,
          logger,
          price,
          start: { ...start, boundNanoUsd: 5_000 },
          requestBytes: 40,
          mostAfter,
        });
        return attempt.fail(new GatewayError(502, code, 'It ended early.'));
      };
      expect(await end()).toMatchObject({
        costNanoUsd: 5_000,
        estimated: true,
      });
      // It has gone on for 100 ms.
      expect(await end(ms => ms * 3)).toMatchObject({ costNanoUsd: 300 });
      expect(await end(() => 9_000)).toMatchObject({ costNanoUsd: 5_000 });
    },
  );

  it('books the dearer price where another model has answered', async () => {
    const { ledger } = memoryLedger();
    const attempt = await Attempt.open({
      ledger,
      clock,
      logger,
      price,
      start,
      requestBytes: 40,
      priceOfOther: told =>
        told === 'dear'
          ? { ...price, output: { nanoUsdPerMillion: 5_000_000 } }
          : undefined,
    });
    attempt.note({ textBytes: 8, model: 'm' });
    attempt.note({ textBytes: 8, model: 'dear', usage });
    expect(await attempt.succeed()).toMatchObject({ costNanoUsd: 17 });
  });

  it('believes what a provider told at its end, though nobody heard it', async () => {
    const { ledger } = memoryLedger();
    const attempt = await Attempt.open({
      ledger,
      clock,
      logger,
      price,
      start: { ...start, boundNanoUsd: 5_000 },
      requestBytes: 40,
    });
    attempt.note({ usage, textBytes: 400 });
    attempt.ended();
    expect(
      await attempt.fail(new GatewayError(499, 'client_gone', 'gone')),
    ).toMatchObject({ costNanoUsd: 9, estimated: false });
  });

  it('settles once, whoever ends it', async () => {
    const { ledger, settled } = memoryLedger();
    const attempt = await Attempt.open({
      ledger,
      clock,
      logger,
      price,
      start,
      requestBytes: 40,
    });
    attempt.note({ usage, textBytes: 8 });
    const bills = await Promise.all([
      attempt.succeed(),
      attempt.fail(new GatewayError(499, 'client_gone', 'gone')),
      attempt.succeed(),
    ]);
    expect(settled).toMatchObject([
      {
        status: 'succeeded',
        costNanoUsd: 9,
        estimated: false,
        durationMs: 100,
      },
    ]);
    expect(new Set(bills).size).toBe(1);
  });

  it('pays for at least the text that came before a break', async () => {
    const { ledger, settled } = memoryLedger();
    const attempt = await Attempt.open({
      ledger,
      clock,
      logger,
      price,
      start,
      requestBytes: 40,
    });
    attempt.note({ usage, textBytes: 400 });
    await attempt.fail(new GatewayError(502, 'provider_stream_cut', 'cut'));
    expect(settled[0]).toMatchObject({
      status: 'failed',
      errorCode: 'provider_stream_cut',
      errorMessage: expect.any(String),
      usage: { inputUncached: 7, outputText: 100 },
      estimated: true,
    });
  });

  it('charges nothing for a provider that did not begin', async () => {
    const { ledger, settled } = memoryLedger();
    const attempt = await Attempt.open({
      ledger,
      clock,
      logger,
      price,
      start,
      requestBytes: 40,
    });
    await attempt.fail(new GatewayError(429, 'provider_rate_limited', 'slow'));
    expect(settled[0]).toMatchObject({ costNanoUsd: 0, estimated: false });
  });

  it('tries again when the ledger is away for a moment', async () => {
    const { ledger, settled } = memoryLedger(2);
    const attempt = await Attempt.open({
      ledger,
      clock,
      logger,
      price,
      start,
      requestBytes: 40,
    });
    attempt.note({ usage, textBytes: 0 });
    await attempt.succeed();
    expect(settled).toHaveLength(1);
  });

  it('does not fail a call that is paid for when the ledger stays away', async () => {
    const { ledger, settled } = memoryLedger(99);
    const attempt = await Attempt.open({
      ledger,
      clock,
      logger,
      price,
      start,
      requestBytes: 40,
    });
    attempt.note({ usage, textBytes: 0 });
    await expect(attempt.succeed()).resolves.toMatchObject({ costNanoUsd: 9 });
    expect(settled).toHaveLength(0);
    expect(logger.error).toHaveBeenCalledTimes(1);
  });
});
