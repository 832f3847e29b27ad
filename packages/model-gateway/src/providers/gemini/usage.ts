import { onlyPositive, Remainder } from '../../usage/Remainder';
import { type ServedAs, serviceTierOf } from '../../usage/served';
import {
  tokenCount,
  toldTokens,
  type TokenUsage,
} from '../../usage/tokenUsage';

type UsageMetadata = { [key: string]: unknown };

/**
 * Reads Gemini's usage. Cached tokens are part of the prompt; what tools brought
 * in, and thoughts, stand beside it and beside the answer. Of the kinds of
 * content, sounds and pictures may have prices of their own; films and documents
 * are priced as text is.
 *
 * Source: Gemini API reference, "UsageMetadata".
 */
export function readGeminiUsage(
  usage: UsageMetadata | undefined,
): TokenUsage | undefined {
  if (typeof usage?.promptTokenCount !== 'number') {
    return undefined;
  }
  const prompt = new Remainder(toldTokens(usage.promptTokenCount));
  const cached = new Remainder(prompt.take(usage.cachedContentTokenCount));
  const answer = new Remainder(toldTokens(usage.candidatesTokenCount));
  const { AUDIO: cachedAudio, IMAGE: cachedImage } = byModality(
    usage.cacheTokensDetails,
  );
  const asked = byModality(usage.promptTokensDetails);
  const said = byModality(usage.candidatesTokensDetails);
  const cacheReadAudio = cached.take(cachedAudio);
  const cacheReadImage = cached.take(cachedImage);
  const parts = onlyPositive({
    cacheReadAudio,
    cacheReadImage,
    inputAudio: prompt.take(asked.AUDIO - cacheReadAudio),
    inputImage: prompt.take(asked.IMAGE - cacheReadImage),
    outputAudio: answer.take(said.AUDIO),
    outputImage: answer.take(said.IMAGE),
  });
  return {
    inputUncached: prompt.left + tokenCount(usage.toolUsePromptTokenCount),
    cacheRead: cached.left,
    cacheWrite: 0,
    outputText: answer.left,
    reasoning: tokenCount(usage.thoughtsTokenCount),
    ...parts,
  };
}

/** In which tier an answer was made; Vertex calls it the type of traffic. */
export function readGeminiServed(usage: UsageMetadata | undefined): ServedAs {
  const serviceTier = serviceTierOf(usage?.serviceTier ?? usage?.trafficType);
  return serviceTier ? { serviceTier } : {};
}

function byModality(details: unknown): { AUDIO: number; IMAGE: number } {
  const sums = { AUDIO: 0, IMAGE: 0 };
  for (const entry of Array.isArray(details) ? details : []) {
    const { modality, tokenCount: count } = (entry ?? {}) as {
      modality?: unknown;
      tokenCount?: unknown;
    };
    if (modality === 'AUDIO' || modality === 'IMAGE') {
      sums[modality] += tokenCount(count);
    }
  }
  return sums;
}
