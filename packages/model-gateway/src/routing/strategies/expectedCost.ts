import type { GatewayModel } from '../../directory/model';
import { costNanoUsd } from '../../prices/price';
import type { Circumstances } from './Strategy';

/** Length of an answer of a model that has given none yet. */
const USUAL_ANSWER_TOKENS = 300;

/** How long the answer of a model will be, by its last answers. */
export function expectedOutput(
  model: GatewayModel,
  { healthOf, shape }: Circumstances,
): number {
  return Math.ceil(
    Math.min(
      healthOf(model).outputTokens ?? USUAL_ANSWER_TOKENS,
      shape.maxOutputTokens ?? Infinity,
    ),
  );
}

/**
 * What a request will cost at a model, in nano-USD: by the price that its answers
 * had in effect, with what its provider kept of earlier prompts. Infinite where
 * nobody told a price, for a surprise is the dearest.
 */
export function expectedCost(
  model: GatewayModel,
  circumstances: Circumstances,
): number {
  const price = circumstances.priceOf(model);
  if (!price) {
    return Infinity;
  }
  const { inputTokens, likely } = circumstances.shape;
  if (likely) {
    return costNanoUsd(price, likely);
  }
  const cacheRead = Math.floor(
    inputTokens * (circumstances.healthOf(model).cacheHitRate ?? 0),
  );
  return costNanoUsd(price, {
    inputUncached: inputTokens - cacheRead,
    cacheRead,
    cacheWrite: 0,
    outputText: expectedOutput(model, circumstances),
    reasoning: 0,
  });
}

/** One digit is enough to compare by, and few different ones are written down. */
export function roundedUsd(nanoUsd: number): string {
  return nanoUsd === 0
    ? 'nothing'
    : `${Number((nanoUsd / 1e9).toPrecision(1))
        .toFixed(9)
        .replace(/\.?0+$/, '')} USD`;
}
