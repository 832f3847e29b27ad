import { objectOf } from '../compression/TextSlot';
import type { JsonObject } from '../providers/ModelProvider';
import { onlyPositive, Remainder } from '../usage/Remainder';
import { toldTokens, type TokenUsage } from '../usage/tokenUsage';

/**
 * Tokens as answers tell them that are neither chat nor embeddings: OpenAI's
 * pictures and transcripts in one form, lists of documents (Jina, Voyage, vLLM)
 * by their total only.
 *
 * @param output - what most of the output is
 */
export function readPassedTokens(
  value: unknown,
  output: 'outputText' | 'outputImage' | 'outputAudio',
): TokenUsage | undefined {
  const usage = objectOf(value) ?? {};
  const told = usage.input_tokens ?? usage.prompt_tokens ?? usage.total_tokens;
  if (told === undefined || told === null) {
    return undefined;
  }
  const details =
    objectOf(usage.input_tokens_details ?? usage.input_token_details) ?? {};
  const input = new Remainder(toldTokens(told));
  const cacheRead = input.take(details.cached_tokens);
  const parts = onlyPositive({
    inputAudio: input.take(details.audio_tokens),
    inputImage: input.take(details.image_tokens),
  });
  const written = new Remainder(
    toldTokens(usage.output_tokens ?? usage.completion_tokens),
  );
  const text =
    output === 'outputText'
      ? written.left
      : written.take(objectOf(usage.output_tokens_details)?.text_tokens);
  return {
    inputUncached: input.left,
    cacheRead,
    cacheWrite: 0,
    reasoning: 0,
    ...parts,
    outputText: text,
    ...(output !== 'outputText' && onlyPositive({ [output]: written.left })),
  };
}

/** Seconds of sound, rounded up; `undefined` when none are told. */
export function toldSeconds(answer: JsonObject): number | undefined {
  const told = objectOf(answer.usage)?.seconds ?? answer.duration;
  if (told === undefined || told === null) {
    return undefined;
  }
  const value = Number.parseFloat(String(told));
  // What no length can be is more than any, so that nobody believes it.
  return Number.isFinite(value) && value >= 0
    ? Math.ceil(value)
    : Number.MAX_SAFE_INTEGER;
}
