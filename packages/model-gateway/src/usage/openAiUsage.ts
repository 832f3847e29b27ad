import { onlyPositive, Remainder } from './Remainder';
import {
  cacheReadTokens,
  inputTokens,
  outputTokens,
  tokenCount,
  toldTokens,
  type TokenUsage,
} from './tokenUsage';

interface OpenAiUsage {
  prompt_tokens?: unknown;
  completion_tokens?: unknown;
  total_tokens?: unknown;
  prompt_tokens_details?: {
    cached_tokens?: unknown;
    cached_tokens_details?: {
      audio_tokens?: unknown;
      image_tokens?: unknown;
    } | null;
    cache_write_tokens?: unknown;
    /** The part of the written tokens that is kept for an hour; our own name. */
    cache_write_1h_tokens?: unknown;
    audio_tokens?: unknown;
    image_tokens?: unknown;
  } | null;
  /** Predicted tokens, accepted and rejected, are billed as plain completion. */
  completion_tokens_details?: {
    reasoning_tokens?: unknown;
    audio_tokens?: unknown;
    image_tokens?: unknown;
  } | null;
  /** DeepSeek's name for the cached part of the prompt. */
  prompt_cache_hit_tokens?: unknown;
  /** Perplexity's name for the searches that it made. */
  num_search_queries?: unknown;
}

/**
 * Reads OpenAI's usage object, where cached tokens and sounds are part of the
 * prompt, and reasoning is part of the completion. `undefined` when there is
 * none: missing is not zero.
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
  const said = usage.prompt_tokens_details;
  const cachedSaid = said?.cached_tokens_details;
  const prompt = new Remainder(toldTokens(usage.prompt_tokens));
  const cached = new Remainder(
    prompt.take(said?.cached_tokens ?? usage.prompt_cache_hit_tokens),
  );
  const written = new Remainder(prompt.take(said?.cache_write_tokens));
  const cacheReadAudio = cached.take(cachedSaid?.audio_tokens);
  const cacheReadImage = cached.take(cachedSaid?.image_tokens);
  const inputParts = onlyPositive({
    cacheWrite1h: written.take(said?.cache_write_1h_tokens),
    cacheReadAudio,
    cacheReadImage,
    inputAudio: prompt.take(tokenCount(said?.audio_tokens) - cacheReadAudio),
    inputImage: prompt.take(tokenCount(said?.image_tokens) - cacheReadImage),
  });
  const beside = reasoningBeside(usage);
  const completion = new Remainder(toldTokens(usage.completion_tokens));
  const reasoning =
    beside ||
    completion.take(usage.completion_tokens_details?.reasoning_tokens);
  const outputParts = onlyPositive({
    outputAudio: completion.take(usage.completion_tokens_details?.audio_tokens),
    outputImage: completion.take(usage.completion_tokens_details?.image_tokens),
    webSearches: tokenCount(usage.num_search_queries),
  });
  return {
    inputUncached: prompt.left,
    cacheRead: cached.left,
    cacheWrite: written.left,
    ...inputParts,
    outputText: completion.left,
    reasoning,
    ...outputParts,
  };
}

/**
 * Some providers count their thoughts beside the completion (xAI), and some tell
 * them in the total only (Gemini's compatible endpoint). They are billed all the
 * same. A total that is larger for another reason is left alone.
 */
function reasoningBeside(usage: OpenAiUsage): number {
  const excess =
    tokenCount(usage.total_tokens) -
    tokenCount(usage.prompt_tokens) -
    tokenCount(usage.completion_tokens);
  if (excess <= 0) {
    return 0;
  }
  const told = tokenCount(usage.completion_tokens_details?.reasoning_tokens);
  const hasCache =
    tokenCount(
      usage.prompt_tokens_details?.cached_tokens ??
        usage.prompt_cache_hit_tokens,
    ) +
      tokenCount(usage.prompt_tokens_details?.cache_write_tokens) >
    0;
  return told === excess || (told === 0 && !hasCache) ? excess : 0;
}

/** Writes a usage in OpenAI's form. */
export function toOpenAiUsage(usage: TokenUsage) {
  const prompt = inputTokens(usage);
  const completion = outputTokens(usage);
  const {
    cacheReadAudio = 0,
    cacheReadImage = 0,
    cacheWrite1h = 0,
    inputAudio = 0,
    inputImage = 0,
    outputAudio = 0,
    outputImage = 0,
  } = usage;
  const cachedDetails = onlyPositive({
    audio_tokens: cacheReadAudio,
    image_tokens: cacheReadImage,
  });
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: {
      cached_tokens: cacheReadTokens(usage),
      ...(Object.keys(cachedDetails).length > 0 && {
        cached_tokens_details: cachedDetails,
      }),
      cache_write_tokens: usage.cacheWrite + cacheWrite1h,
      ...onlyPositive({
        cache_write_1h_tokens: cacheWrite1h,
        audio_tokens: inputAudio + cacheReadAudio,
        image_tokens: inputImage + cacheReadImage,
      }),
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning,
      ...onlyPositive({
        audio_tokens: outputAudio,
        image_tokens: outputImage,
      }),
    },
  };
}
