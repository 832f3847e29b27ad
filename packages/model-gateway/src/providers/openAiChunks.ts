import { GatewayError } from '../errors';
import type { ServerSentEvent } from '../http/serverSentEvents';
import { readOpenAiUsage } from '../usage/openAiUsage';
import { readServed } from '../usage/served';
import type { AnswerChunk, JsonObject } from './ModelProvider';

/**
 * Reads OpenAI's chunks from events, forwarding each as it came. Providers end
 * a stream in their own ways, so an end counts as good after `[DONE]` or after
 * any finish reason; anything else was cut.
 */
export async function* readOpenAiChunks(
  provider: string,
  events: AsyncIterable<ServerSentEvent>,
): AsyncGenerator<AnswerChunk> {
  let finished = false;
  for await (const { data } of events) {
    if (data.trim() === '[DONE]') {
      return;
    }
    const chunk = toAnswerChunk(provider, data);
    finished ||= hasFinishReason(chunk.json);
    yield chunk;
  }
  if (!finished) {
    throw new GatewayError(
      502,
      'provider_stream_cut',
      `The provider ${provider} broke off in the middle of its answer; try again.`,
    );
  }
}

function toAnswerChunk(provider: string, data: string): AnswerChunk {
  let json: JsonObject;
  try {
    json = JSON.parse(data) as JsonObject;
  } catch (error) {
    throw new GatewayError(
      502,
      'provider_bad_answer',
      `The provider ${provider} sent a chunk that is not JSON.`,
      { cause: error },
    );
  }
  if (typeof json !== 'object' || json === null) {
    throw new GatewayError(
      502,
      'provider_bad_answer',
      `The provider ${provider} sent a chunk that is not an object.`,
    );
  }
  if (json.error) {
    throw new GatewayError(
      502,
      'provider_error',
      `The provider ${provider} failed in the middle of its answer; try again.`,
    );
  }
  const usage = readOpenAiUsage(json.usage);
  return {
    data,
    json,
    usage,
    ...readServed(json),
    usageOnly: usage !== undefined && isEmptyList(json.choices),
    textBytes: textBytesOf(json, 'delta'),
  };
}

function isEmptyList(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

interface Choice {
  finish_reason?: unknown;
  delta?: Message;
  message?: Message;
}

interface Message {
  content?: unknown;
  reasoning_content?: unknown;
  tool_calls?: Array<{ function?: { name?: unknown; arguments?: unknown } }>;
}

function choicesOf(json: JsonObject): Choice[] {
  return Array.isArray(json.choices)
    ? (json.choices as unknown[]).filter(
        (choice): choice is Choice =>
          typeof choice === 'object' && choice !== null,
      )
    : [];
}

function hasFinishReason(json: JsonObject): boolean {
  return choicesOf(json).some(choice => Boolean(choice.finish_reason));
}

/** Bytes of text, reasoning and tool calls in an answer or a piece of one. */
export function textBytesOf(
  json: JsonObject,
  field: 'delta' | 'message',
): number {
  let bytes = 0;
  for (const choice of choicesOf(json)) {
    const message = choice[field];
    bytes += size(message?.content) + size(message?.reasoning_content);
    for (const call of message?.tool_calls ?? []) {
      bytes += size(call?.function?.name) + size(call?.function?.arguments);
    }
  }
  return bytes;
}

function size(value: unknown): number {
  return typeof value === 'string' ? Buffer.byteLength(value) : 0;
}
