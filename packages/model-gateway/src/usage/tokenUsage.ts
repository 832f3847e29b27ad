/**
 * The tokens of a call in disjoint parts, so that no token is priced twice:
 * whether a provider counts cached tokens inside its input, or reasoning inside
 * its output, is settled by the adapter that reads them.
 *
 * @public
 */
export interface TokenUsage {
  /** Text that was read anew; all of it where no other part is told. */
  inputUncached: number;
  /** Text that was read from the provider's cache. */
  cacheRead: number;
  /** Written to the provider's cache for its usual time, five minutes or so. */
  cacheWrite: number;
  /** Written to the provider's cache for an hour. */
  cacheWrite1h?: number;
  cacheReadAudio?: number;
  cacheReadImage?: number;
  inputAudio?: number;
  inputImage?: number;
  outputText: number;
  reasoning: number;
  outputAudio?: number;
  outputImage?: number;
  /** Searches that the provider made and charges for; no tokens. */
  webSearches?: number;
  /** Spoken; no tokens, as all that follow. */
  characters?: number;
  /** Made. */
  images?: number;
  /** Of sound that was written down. */
  audioSeconds?: number;
  /** A question with up to a hundred documents each. */
  searchUnits?: number;
  /** For which the model's machine was at work. */
  computeSeconds?: number;
}

/**
 * All input tokens, cached ones too.
 *
 * @public
 */
export function inputTokens(usage: TokenUsage): number {
  return (
    usage.inputUncached +
    (usage.inputAudio ?? 0) +
    (usage.inputImage ?? 0) +
    cacheReadTokens(usage) +
    cacheWriteTokens(usage)
  );
}

/** Input tokens that came from the provider's cache. */
export function cacheReadTokens(usage: TokenUsage): number {
  return (
    usage.cacheRead + (usage.cacheReadAudio ?? 0) + (usage.cacheReadImage ?? 0)
  );
}

/** Input tokens that went into the provider's cache. */
export function cacheWriteTokens(usage: TokenUsage): number {
  return usage.cacheWrite + (usage.cacheWrite1h ?? 0);
}

/**
 * All output tokens, reasoning too.
 *
 * @public
 */
export function outputTokens(usage: TokenUsage): number {
  return (
    usage.outputText +
    usage.reasoning +
    (usage.outputAudio ?? 0) +
    (usage.outputImage ?? 0)
  );
}

/**
 * A total that a provider tells. What no total can be (-5, 2.5, "many") is taken
 * for more than any call can use, so that nobody believes it.
 */
export function toldTokens(value: unknown): number {
  if (value === undefined || value === null) {
    return 0;
  }
  return Number.isSafeInteger(value) && Number(value) >= 0
    ? Number(value)
    : Number.MAX_SAFE_INTEGER;
}

/** A token count from outside: a whole number that is not negative, else 0. */
export function tokenCount(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0
    ? Math.min(Math.floor(value), Number.MAX_SAFE_INTEGER)
    : 0;
}
