import type { TokenUsage } from './tokenUsage';

/** English text and JSON need about four bytes for a token. */
const BYTES_PER_TOKEN = 4;

/**
 * What a call used when its provider did not tell: judged by the size of the
 * request and of the text that came. Rows that rest on it are marked estimated.
 */
export function estimateUsage(
  requestBytes: number,
  answerBytes: number,
): TokenUsage {
  return {
    inputUncached: Math.ceil(requestBytes / BYTES_PER_TOKEN),
    cacheRead: 0,
    cacheWrite: 0,
    outputText: Math.ceil(answerBytes / BYTES_PER_TOKEN),
    reasoning: 0,
  };
}
