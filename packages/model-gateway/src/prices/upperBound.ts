import type { Price, TokenRate } from './price';

const MILLION = 1_000_000n;

/**
 * The most that a call can cost: its tokens at the dearest rate that may apply
 * to them, rounded up. Tiers that the input cannot reach do not count.
 *
 * @returns integer nano-USD, at most the largest safe integer
 */
export function upperBoundNanoUsd(
  price: Price | undefined,
  most: { inputTokens: number; outputTokens: number },
): number {
  if (!price) {
    return 0;
  }
  const dearest = (...rates: Array<TokenRate | undefined>) =>
    BigInt(
      Math.max(
        ...rates.flatMap(rate =>
          rate
            ? [
                rate.nanoUsdPerMillion,
                ...(rate.tiers ?? [])
                  .filter(tier => most.inputTokens > tier.aboveInputTokens)
                  .map(tier => tier.nanoUsdPerMillion),
              ]
            : [],
        ),
      ),
    );
  const sum =
    BigInt(most.inputTokens) *
      dearest(price.input, price.cacheRead, price.cacheWrite) +
    BigInt(most.outputTokens) * dearest(price.output, price.reasoning);
  const bound = (sum + MILLION - 1n) / MILLION;
  return bound > BigInt(Number.MAX_SAFE_INTEGER)
    ? Number.MAX_SAFE_INTEGER
    : Number(bound);
}
