import { costNanoUsd, type Price } from '../prices/price';
import { inputTokens, type TokenUsage } from '../usage/tokenUsage';
import type { CompressedRequest } from './compressRequest';
import type { TokenCounter } from './countTokens';

/** So much of either end of a request stands for all of it. */
const SAMPLE_CHARS = 8 * 1024;

/** What compression took from a request, in tokens of one vocabulary. */
export interface CompressionMeasure {
  removedTokens: number;
  /** Of what was sent. */
  keptTokens: number;
}

/** Counts before and after the texts that changed, and judges the rest. */
export function measure(
  { text, changed }: CompressedRequest,
  count: TokenCounter,
): CompressionMeasure {
  const join = (side: 'from' | 'to') =>
    changed.map(change => change[side]).join('\n');
  const sample =
    text.length <= 2 * SAMPLE_CHARS
      ? text
      : text.slice(0, SAMPLE_CHARS) + text.slice(-SAMPLE_CHARS);
  return {
    removedTokens: Math.max(0, count(join('from')) - count(join('to'))),
    keptTokens: Math.max(
      1,
      Math.round((count(sample) * text.length) / sample.length),
    ),
  };
}

/**
 * What the input would have cost more without compression, in integer nano-USD.
 * The provider's own count of what was sent tells how its tokens compare with
 * ours, and the tokens that were not sent are taken to be cached as often as
 * those that were.
 */
export function savedByCompression(
  { removedTokens, keptTokens }: CompressionMeasure,
  price: Price | undefined,
  usage: TokenUsage,
): number {
  const sent = inputTokens(usage);
  if (!price || sent === 0) {
    return 0;
  }
  const more = (part: number = 0) =>
    part + Math.round((part * removedTokens) / keptTokens);
  const without: TokenUsage = {
    ...usage,
    inputUncached: more(usage.inputUncached),
    cacheRead: more(usage.cacheRead),
    cacheWrite: more(usage.cacheWrite),
    cacheWrite1h: more(usage.cacheWrite1h),
  };
  return Math.max(0, costNanoUsd(price, without) - costNanoUsd(price, usage));
}
