import { costNanoUsd, type Price } from '../prices/price';
import type { TokenUsage } from '../usage/tokenUsage';

/**
 * What a route saved: what the same tokens had cost at the dearest of the models
 * that it could choose from.
 *
 * @returns integer nano-USD
 */
export function savedByRouting(
  prices: Price[],
  usage: TokenUsage,
  paidNanoUsd: number,
): number {
  const dearest = Math.max(
    0,
    ...prices.map(price => costNanoUsd(price, usage)),
  );
  return Math.max(0, dearest - paidNanoUsd);
}
