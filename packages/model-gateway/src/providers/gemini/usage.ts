import { tokenCount, type TokenUsage } from '../../usage/tokenUsage';

/**
 * Reads Gemini's usage. Cached tokens are part of the prompt; what tools brought
 * in, and thoughts, stand beside it and beside the answer.
 */
export function readGeminiUsage(
  usage: { [key: string]: unknown } | undefined,
): TokenUsage | undefined {
  if (typeof usage?.promptTokenCount !== 'number') {
    return undefined;
  }
  const prompt = tokenCount(usage.promptTokenCount);
  const cacheRead = Math.min(prompt, tokenCount(usage.cachedContentTokenCount));
  return {
    inputUncached:
      prompt - cacheRead + tokenCount(usage.toolUsePromptTokenCount),
    cacheRead,
    cacheWrite: 0,
    outputText: tokenCount(usage.candidatesTokenCount),
    reasoning: tokenCount(usage.thoughtsTokenCount),
  };
}
