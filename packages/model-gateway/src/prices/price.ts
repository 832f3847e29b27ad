import { inputTokens, type TokenUsage } from '../usage/tokenUsage';

/**
 * A price in integer nano-USD (1e-9 USD) per million tokens. Long-context tiers
 * replace the base for the whole call once its input passes `aboveInputTokens`.
 *
 * @public
 */
export interface TokenRate {
  nanoUsdPerMillion: number;
  tiers?: Array<{ aboveInputTokens: number; nanoUsdPerMillion: number }>;
}

/**
 * The price of a model. Parts without a rate of their own cost what the plain
 * input or output costs.
 *
 * @public
 */
export interface Price {
  input: TokenRate;
  output: TokenRate;
  cacheRead?: TokenRate;
  cacheWrite?: TokenRate;
  reasoning?: TokenRate;
  /** Where the price comes from and which edition; kept on every ledger row. */
  version: string;
}

/** The version of calls to models whose price nobody told; they count as 0. */
export const UNPRICED = 'unpriced';

const MILLION = 1_000_000n;

/**
 * The cost of a call in integer nano-USD, rounded half up once, on the sum.
 *
 * @public
 */
export function costNanoUsd(
  price: Price | undefined,
  usage: TokenUsage,
): number {
  if (!price) {
    return 0;
  }
  const input = inputTokens(usage);
  const part = (tokens: number, rate: TokenRate) =>
    BigInt(tokens) * BigInt(rateFor(rate, input));
  const sum =
    part(usage.inputUncached, price.input) +
    part(usage.cacheRead, price.cacheRead ?? price.input) +
    part(usage.cacheWrite, price.cacheWrite ?? price.input) +
    part(usage.outputText, price.output) +
    part(usage.reasoning, price.reasoning ?? price.output);
  return Number((sum + MILLION / 2n) / MILLION);
}

function rateFor(rate: TokenRate, input: number): number {
  let result = rate.nanoUsdPerMillion;
  for (const tier of rate.tiers ?? []) {
    if (input > tier.aboveInputTokens) {
      result = tier.nanoUsdPerMillion;
    }
  }
  return result;
}
