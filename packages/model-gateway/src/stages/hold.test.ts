import type { GatewayModel } from '../directory/model';
import { costNanoUsd, type Price } from '../prices/price';
import { upperBoundNanoUsd } from '../prices/upperBound';
import type { PassedOn } from '../passthrough/PassedOn';
import { NO_USAGE } from '../usage/units';
import { boundsOf, coversCall, mostTokens } from './hold';

const model: GatewayModel = {
  id: 'p/m',
  ref: 'model:default/p.m',
  provider: 'p',
  modelId: 'm',
  type: 'chat',
  title: 'M',
  capabilities: [],
  source: 'provider',
  contextWindow: 300_000,
};

/** A nano-USD a token, whatever the token. */
const price: Price = {
  input: { nanoUsdPerMillion: 1_000_000 },
  output: { nanoUsdPerMillion: 1_000_000 },
  version: 'v',
};

const bounds = (
  body: object,
  more: Partial<Parameters<typeof boundsOf>[0]> = {},
) =>
  boundsOf({
    operation: 'chat',
    body: { ...body },
    requestBytes: 100,
    model,
    price,
    outputCap: 4_000,
    mostMs: 600_000,
    ...more,
  });

it('believes no more of a bill because a caller asked for more than there is', () => {
  const body = { max_tokens: Number.MAX_SAFE_INTEGER, n: 1e9 };
  expect(mostTokens({ body, model, requestBytes: 10 })).toBe(64_000_000);
});

it.each([
  [{}, undefined, true],
  [{ images: 1 }, 'images', true],
  [{ images: 1 }, undefined, false],
  [{ images: 1 }, 'characters', false],
  [{ computeSeconds: 1 }, undefined, true],
] as const)(
  'knows whether the price of %o covers a call by %s',
  (units, unit, covers) => {
    const free = { nanoUsdPerMillion: 0 };
    const told = Object.keys(units).length > 0 && { units };
    const found = { input: free, output: free, version: 'v', ...told };
    expect(coversCall(found, unit)).toBe(covers);
    expect(coversCall({ ...price, ...told }, unit)).toBe(true);
    expect(coversCall(undefined, unit)).toBe(false);
  },
);

describe('the bound of an attempt', () => {
  it('holds the time that a call may take on a machine that is paid by the hour', () => {
    const free = { nanoUsdPerMillion: 0 };
    const [asked] = bounds(
      { max_tokens: 50 },
      {
        // An hour for 3,600 nano-USD
        price: {
          input: free,
          output: free,
          units: { computeSeconds: 1_000_000 },
          version: 'v',
        },
      },
    );
    expect(asked.nanoUsd).toBe(600);
    expect(asked.after(1_001)).toBe(2);
  });

  it('is that of the tier which a request that is passed on asks for', () => {
    const passed = {
      most: { ...NO_USAGE, inputUncached: 100 },
      likely: NO_USAGE,
    } as PassedOn;
    const [standard] = bounds({}, { passed });
    const [dear] = bounds(
      { service_tier: 'priority' },
      {
        passed,
        price: { ...price, serviceTiers: { priority: { perMille: 2_000 } } },
      },
    );
    expect(standard.nanoUsd).toBeGreaterThan(0);
    expect(dear.nanoUsd).toBe(2 * standard.nanoUsd);
  });

  it('is the request in bytes and the answer that was asked for', () => {
    const [asked, ...others] = bounds({ max_tokens: 50 });
    expect(others).toEqual([]);
    expect(asked).toMatchObject({ nanoUsd: 1_150, outputCap: undefined });
    // Limits of the rate take what is expected.
    expect(asked.tokens).toBe(75);
    expect(
      bounds({ max_tokens: 50, max_completion_tokens: 70, n: 3 })[0].nanoUsd,
    ).toBe(1_100 + 210);
  });

  it('cuts the answer where nobody limits it only if there is no room for a full window', () => {
    expect(bounds({ max_tokens: null })).toMatchObject([
      { nanoUsd: 301_100, tokens: 1_025, outputCap: undefined },
      { nanoUsd: 5_100, tokens: 1_025, outputCap: 4_000 },
    ]);
  });

  it('grows with time up to what was held, as no model is faster', () => {
    const [{ after }] = bounds({ max_tokens: 5_000 });
    expect([after(0), after(1_000), after(60_000)]).toEqual([
      1_100, 4_100, 6_100,
    ]);
  });

  it('tries the longest answer of the model before it cuts', () => {
    const large = { ...model, maxOutputTokens: 32_000 };
    expect(bounds({}, { model: large, usualOutput: 7.5 })).toMatchObject([
      { nanoUsd: 33_100, tokens: 33, outputCap: undefined },
      { nanoUsd: 5_100, tokens: 33, outputCap: 4_000 },
    ]);
  });

  it('counts what is not in the bytes as a full context', () => {
    const image = { type: 'image_url', image_url: { url: 'https://a/b.png' } };
    for (const body of [
      { messages: [{ role: 'user', content: [image] }] },
      { tools: [{ type: 'web_search' }] },
      { web_search_options: {} },
    ]) {
      expect(bounds({ ...body, max_tokens: 1 })[0].nanoUsd).toBe(300_001);
    }
    expect(bounds({ max_tokens: 1 }, { opaque: true })[0].nanoUsd).toBe(
      300_001,
    );
  });

  it('has no output for embeddings', () => {
    expect(bounds({}, { operation: 'embeddings' })[0].nanoUsd).toBe(1_100);
  });

  it('is never below what a call within it costs', () => {
    const tiered: Price = {
      input: {
        nanoUsdPerMillion: 3,
        tiers: [{ aboveInputTokens: 500, nanoUsdPerMillion: 1 }],
      },
      cacheWrite: { nanoUsdPerMillion: 4_750_001 },
      output: { nanoUsdPerMillion: 7 },
      reasoning: { nanoUsdPerMillion: 9_000_001 },
      version: 'v',
    };
    for (const total of [0, 1, 499, 500, 501, 1_000]) {
      for (const written of [0, total]) {
        const usage = {
          inputUncached: total - written,
          cacheRead: 0,
          cacheWrite: written,
          outputText: 0,
          reasoning: 20,
        };
        expect(costNanoUsd(tiered, usage)).toBeLessThanOrEqual(
          upperBoundNanoUsd(tiered, { inputTokens: 1_000, outputTokens: 20 }),
        );
      }
    }
  });
});
