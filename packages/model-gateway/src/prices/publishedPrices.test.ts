import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { calcPrice, waitForUpdate } from '@pydantic/genai-prices';
import fc from 'fast-check';
import {
  inputTokens,
  outputTokens,
  type TokenUsage,
} from '../usage/tokenUsage';
import { costNanoUsd } from './price';
import { EDITION, readPublishedModel } from './publishedPrices';

/** Small calls, and calls past the thresholds of long contexts. */
const tokens = fc.oneof(fc.nat(2_000), fc.nat(400_000), fc.constant(0));
const usages = fc.record({
  inputUncached: tokens,
  cacheRead: tokens,
  cacheWrite: tokens,
  cacheWrite1h: tokens,
  cacheReadAudio: tokens,
  cacheReadImage: tokens,
  inputAudio: tokens,
  inputImage: tokens,
  outputText: tokens,
  reasoning: tokens,
  outputAudio: tokens,
  outputImage: tokens,
  webSearches: fc.nat(5),
});

/** The same usage in the list's own words, where the parts are not disjoint. */
function inListsWords(usage: Required<TokenUsage>) {
  return {
    input_tokens: inputTokens(usage),
    cache_read_tokens:
      usage.cacheRead + usage.cacheReadAudio + usage.cacheReadImage,
    cache_write_tokens: usage.cacheWrite + usage.cacheWrite1h,
    cache_write_1h_tokens: usage.cacheWrite1h,
    cache_audio_read_tokens: usage.cacheReadAudio,
    cache_image_read_tokens: usage.cacheReadImage,
    input_audio_tokens: usage.inputAudio + usage.cacheReadAudio,
    input_image_tokens: usage.inputImage + usage.cacheReadImage,
    output_tokens: outputTokens(usage),
    output_reasoning_tokens: usage.reasoning,
    output_audio_tokens: usage.outputAudio,
    output_image_tokens: usage.outputImage,
    web_searches: usage.webSearches,
  };
}

describe('the published list', () => {
  it("costs to the nano-USD what the list's own calculator says, for every model", async () => {
    const pool = fc.sample(usages, { numRuns: 200, seed: 20261123 });
    const moments = fc.sample(
      fc.date({
        min: new Date('2025-01-01T00:00:00Z'),
        max: new Date('2027-03-01T00:00:00Z'),
        noInvalidDate: true,
      }),
      { numRuns: 40, seed: 3 },
    );
    let compared = 0;
    for (const provider of (await waitForUpdate()) ?? []) {
      for (const { id } of provider.models) {
        for (let run = 0; run < 6; run += 1) {
          const usage = pool[compared % pool.length] as Required<TokenUsage>;
          const timestamp = moments[compared % moments.length];
          const ours = readPublishedModel(provider.id, id, timestamp.getTime());
          if (!ours) {
            break;
          }
          const theirs = calcPrice(inListsWords(usage), id, {
            providerId: provider.id,
            timestamp,
          })!;
          const wanted = theirs.total_price * 1e9;
          const input = inputTokens(usage);
          const output = outputTokens(usage);
          const cost = costNanoUsd(ours.price, usage);
          // The list has rates such as 0.08333333333 USD, which a whole number
          // of nano-USD for a million tokens rounds.
          const rounded = 0.5 + (input + output) * 0.5e-6;
          if (Math.abs(cost - wanted) > rounded + wanted * 1e-12) {
            throw new Error(
              `${
                provider.id
              }/${id}: ${cost} is not ${wanted} for ${JSON.stringify(usage)}`,
            );
          }
          compared += 1;
        }
      }
    }
    expect(compared).toBeGreaterThan(6_000);
  });

  it('has the edition that is installed', () => {
    const folder = dirname(require.resolve('@pydantic/genai-prices'));
    const { version } = JSON.parse(
      readFileSync(join(folder, '..', 'package.json'), 'utf8'),
    );
    expect(EDITION.startsWith(`genai-prices ${version} `)).toBe(true);
  });
});
