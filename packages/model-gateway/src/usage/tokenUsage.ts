/**
 * The tokens of a call in disjoint parts, so that no token is priced twice:
 * whether a provider counts cached tokens inside its input, or reasoning inside
 * its output, is settled by the adapter that reads them.
 *
 * @public
 */
export interface TokenUsage {
  inputUncached: number;
  cacheRead: number;
  cacheWrite: number;
  outputText: number;
  reasoning: number;
}

/** All input tokens, cached ones too. */
export function inputTokens(usage: TokenUsage): number {
  return usage.inputUncached + usage.cacheRead + usage.cacheWrite;
}

/** All output tokens, reasoning too. */
export function outputTokens(usage: TokenUsage): number {
  return usage.outputText + usage.reasoning;
}

/** A token count from outside: a whole number that is not negative, else 0. */
export function tokenCount(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0
    ? Math.min(Math.floor(value), Number.MAX_SAFE_INTEGER)
    : 0;
}
