import fc from 'fast-check';
import type { TokenUsage } from '../usage/tokenUsage';
import { costNanoUsd, type Price, type TokenRate } from './price';
import { reachOf } from './reach';
import { RATE_PARTS, type RatePart } from './rates';
import { upperBoundNanoUsd } from './upperBound';

const nanoUsd = fc.nat(200_000_000_000);
const rate: fc.Arbitrary<TokenRate> = fc
  .record(
    {
      nanoUsdPerMillion: nanoUsd,
      tiers: fc.array(
        fc.record({
          aboveInputTokens: fc.nat(5_000),
          nanoUsdPerMillion: nanoUsd,
        }),
        { maxLength: 3 },
      ),
      marginal: fc.boolean(),
    },
    { requiredKeys: ['nanoUsdPerMillion'] },
  )
  .map(({ tiers, ...rest }) => ({
    ...rest,
    ...(tiers && {
      tiers: tiers.sort((a, b) => a.aboveInputTokens - b.aboveInputTokens),
    }),
  }));
const rates = Object.fromEntries(
  RATE_PARTS.map(part => [part, rate]),
) as Record<RatePart, typeof rate>;
const tier = fc.record(
  {
    rates: fc.record(rates, { requiredKeys: [] }),
    perMille: fc.nat(3_000),
  },
  { requiredKeys: [] },
);
const prices = fc.record(
  {
    ...rates,
    version: fc.constant('test'),
    serviceTiers: fc.record({ flex: tier, priority: tier, batch: tier }),
    geoPerMille: fc.record({ us: fc.nat(2_000), eu: fc.nat(2_000) }),
    requestNanoUsd: fc.nat(10_000_000),
    webSearchNanoUsd: fc.nat(10_000_000),
  },
  { requiredKeys: ['input', 'output', 'version'] },
) as unknown as fc.Arbitrary<Price>;

const placeOf = (geo: string) => (geo === 'global' ? undefined : geo);

const shares = fc.array(fc.nat(700), { minLength: 12, maxLength: 12 });

describe('upperBoundNanoUsd', () => {
  it('is never less than a call costs, in whatever tier and place it may be served', () => {
    fc.assert(
      fc.property(
        prices,
        shares,
        fc.record({
          tier: fc.constantFrom(undefined, 'flex', 'priority', 'auto'),
          downgraded: fc.boolean(),
          geo: fc.constantFrom(undefined, 'us', 'global'),
          elsewhere: fc.constantFrom('us', 'eu', undefined),
          media: fc.boolean(),
          speaks: fc.boolean(),
          longCache: fc.boolean(),
          searches: fc.boolean(),
        }),
        (price, n, asked) => {
          const body = {
            ...(asked.tier && { service_tier: asked.tier }),
            ...(asked.geo && { inference_geo: asked.geo }),
            ...(asked.speaks && { modalities: ['text', 'audio'] }),
            ...(asked.searches && { web_search_options: {} }),
          };
          const reach = reachOf({
            body,
            media: asked.media,
            nativeText: JSON.stringify({
              ...body,
              cache_control: { ttl: asked.longCache ? '1h' : '5m' },
            }),
          });
          const usage: TokenUsage = {
            inputUncached: n[0],
            cacheRead: n[1],
            cacheWrite: n[2],
            outputText: n[3],
            reasoning: n[4],
            outputImage: n[5],
            ...(asked.media && {
              inputAudio: n[6],
              inputImage: n[7],
              cacheReadAudio: n[8],
              cacheReadImage: n[9],
            }),
            ...(asked.longCache && { cacheWrite1h: n[10] }),
            ...(asked.speaks && { outputAudio: n[11] }),
            ...(asked.searches && { webSearches: n[0] % 50 }),
          };
          const served = {
            serviceTier:
              asked.downgraded || asked.tier === 'auto'
                ? undefined
                : asked.tier,
            inferenceGeo:
              asked.geo === undefined ? asked.elsewhere : placeOf(asked.geo),
          };
          expect(costNanoUsd(price, usage, served)).toBeLessThanOrEqual(
            upperBoundNanoUsd(price, {
              inputTokens:
                n[0] + n[1] + n[2] + n[6] + n[7] + n[8] + n[9] + n[10],
              outputTokens: n[3] + n[4] + n[5] + n[11],
              reach,
            }),
          );
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('does not hold for sounds, hours of cache or priority that were not asked for', () => {
    const flat = (nanoUsdPerMillion: number) => ({ nanoUsdPerMillion });
    const price: Price = {
      input: flat(1_000_000),
      output: flat(2_000_000),
      inputAudio: flat(50_000_000),
      outputAudio: flat(90_000_000),
      cacheWrite1h: flat(20_000_000),
      serviceTiers: {
        priority: { perMille: 2_000 },
        fast: { perMille: 6_000 },
      },
      version: 'test',
    };
    const most = { inputTokens: 10, outputTokens: 10 };
    const bound = (body: object, nativeText?: string) =>
      upperBoundNanoUsd(price, {
        ...most,
        reach: reachOf({ body: { ...body }, nativeText, media: false }),
      });
    expect(bound({})).toBe(30);
    expect(bound({ service_tier: 'priority' })).toBe(60);
    expect(bound({ modalities: ['audio', 'text'] })).toBe(910);
    expect(bound({}, '{"cache_control":{"ttl":"1h"}}')).toBe(220);
    expect(bound({}, String.raw`{"cache_control":{"ttl":"\u0031h"}}`)).toBe(
      220,
    );
    expect(bound({}, '{"service_tier":"priority"}')).toBe(60);
    expect(bound({}, '{"speed": "fast"}')).toBe(180);
  });
});
