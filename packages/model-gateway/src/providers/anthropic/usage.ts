import { onlyPositive, Remainder } from '../../usage/Remainder';
import {
  inferenceGeoOf,
  type ServedAs,
  serviceTierOf,
} from '../../usage/served';
import {
  tokenCount,
  toldTokens,
  type TokenUsage,
} from '../../usage/tokenUsage';

/**
 * Anthropic's usage object. Cached tokens stand beside the input, not inside.
 */
export interface AnthropicUsage {
  input_tokens?: number | null;
  output_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
  /** How long the written tokens are kept; sums to the field above. */
  cache_creation?: {
    ephemeral_5m_input_tokens?: number | null;
    ephemeral_1h_input_tokens?: number | null;
  } | null;
  server_tool_use?: { web_search_requests?: number | null } | null;
  service_tier?: string | null;
  inference_geo?: string | null;
  /** `fast` for its fast mode, which costs a multiple. */
  speed?: string | null;
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
  const written = new Remainder(writtenTokens(usage));
  const output = new Remainder(toldTokens(usage.output_tokens));
  const reasoning = output.take(usage.output_tokens_details?.thinking_tokens);
  return {
    inputUncached: toldTokens(usage.input_tokens),
    cacheRead: tokenCount(usage.cache_read_input_tokens),
    ...onlyPositive({
      cacheWrite1h: written.take(
        usage.cache_creation?.ephemeral_1h_input_tokens,
      ),
    }),
    cacheWrite: written.left,
    outputText: output.left,
    reasoning,
    ...onlyPositive({
      webSearches: tokenCount(usage.server_tool_use?.web_search_requests),
    }),
  };
}

function writtenTokens(usage: AnthropicUsage): number {
  return typeof usage.cache_creation_input_tokens === 'number'
    ? tokenCount(usage.cache_creation_input_tokens)
    : tokenCount(usage.cache_creation?.ephemeral_5m_input_tokens) +
        tokenCount(usage.cache_creation?.ephemeral_1h_input_tokens);
}

/** In which tier and where a message was made. */
export function readAnthropicServed(
  usage: AnthropicUsage | undefined,
): ServedAs {
  const serviceTier =
    usage?.speed === 'fast' ? 'fast' : serviceTierOf(usage?.service_tier);
  const inferenceGeo = inferenceGeoOf(usage?.inference_geo);
  return {
    ...(serviceTier && { serviceTier }),
    ...(inferenceGeo && { inferenceGeo }),
  };
}
