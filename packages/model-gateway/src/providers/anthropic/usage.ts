import { tokenCount, type TokenUsage } from '../../usage/tokenUsage';

/**
 * Anthropic's usage object. Cached tokens stand beside the input, not inside.
 */
export interface AnthropicUsage {
  input_tokens?: number | null;
  output_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
  /** A part of the output. */
  output_tokens_details?: { thinking_tokens?: number | null } | null;
}

/**
 * In a stream the usage of `message_start` is the seed, and the fields that a
 * `message_delta` has replace it.
 */
export function mergeAnthropicUsage(
  seed: AnthropicUsage | undefined,
  update: AnthropicUsage | undefined,
): AnthropicUsage | undefined {
  if (!update) {
    return seed;
  }
  const given = Object.fromEntries(
    Object.entries(update).filter(([, value]) => value !== null),
  );
  return { ...seed, ...given };
}

/** `undefined` when the provider told nothing: missing is not zero. */
export function readAnthropicUsage(
  usage: AnthropicUsage | undefined,
): TokenUsage | undefined {
  if (
    typeof usage?.input_tokens !== 'number' &&
    typeof usage?.output_tokens !== 'number'
  ) {
    return undefined;
  }
  const output = tokenCount(usage.output_tokens);
  const reasoning = Math.min(
    output,
    tokenCount(usage.output_tokens_details?.thinking_tokens),
  );
  return {
    inputUncached: tokenCount(usage.input_tokens),
    cacheRead: tokenCount(usage.cache_read_input_tokens),
    cacheWrite: tokenCount(usage.cache_creation_input_tokens),
    outputText: output - reasoning,
    reasoning,
  };
}
