import { tokenCount, type TokenUsage } from './tokenUsage';

interface OpenAiUsage {
  prompt_tokens?: unknown;
  completion_tokens?: unknown;
  prompt_tokens_details?: {
    cached_tokens?: unknown;
    cache_write_tokens?: unknown;
  } | null;
  completion_tokens_details?: { reasoning_tokens?: unknown } | null;
  /** DeepSeek's name for the cached part of the prompt. */
  prompt_cache_hit_tokens?: unknown;
}

/**
 * Reads OpenAI's usage object, where cached tokens are part of the prompt and
 * reasoning is part of the completion. `undefined` when there is none: missing
 * is not zero.
 */
export function readOpenAiUsage(value: unknown): TokenUsage | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const usage = value as OpenAiUsage;
  if (
    typeof usage.prompt_tokens !== 'number' &&
    typeof usage.completion_tokens !== 'number'
  ) {
    return undefined;
  }
  const prompt = tokenCount(usage.prompt_tokens);
  const completion = tokenCount(usage.completion_tokens);
  const cacheRead = Math.min(
    prompt,
    tokenCount(
      usage.prompt_tokens_details?.cached_tokens ??
        usage.prompt_cache_hit_tokens,
    ),
  );
  const cacheWrite = Math.min(
    prompt - cacheRead,
    tokenCount(usage.prompt_tokens_details?.cache_write_tokens),
  );
  const reasoning = Math.min(
    completion,
    tokenCount(usage.completion_tokens_details?.reasoning_tokens),
  );
  return {
    inputUncached: prompt - cacheRead - cacheWrite,
    cacheRead,
    cacheWrite,
    outputText: completion - reasoning,
    reasoning,
  };
}

/** Writes a usage in OpenAI's form. */
export function toOpenAiUsage(usage: TokenUsage) {
  const prompt = usage.inputUncached + usage.cacheRead + usage.cacheWrite;
  const completion = usage.outputText + usage.reasoning;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: {
      cached_tokens: usage.cacheRead,
      cache_write_tokens: usage.cacheWrite,
    },
    completion_tokens_details: { reasoning_tokens: usage.reasoning },
  };
}
