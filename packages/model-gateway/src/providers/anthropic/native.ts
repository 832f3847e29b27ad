import { GatewayError } from '../../errors';
import type { ServerSentEvent } from '../../http/serverSentEvents';
import type { AnswerChunk, JsonObject, WholeAnswer } from '../ModelProvider';
import {
  type AnthropicUsage,
  mergeAnthropicUsage,
  readAnthropicServed,
  readAnthropicUsage,
} from './usage';

const FORMAT = 'anthropic-messages';

/** A message that goes to its caller as it came; only its usage is read. */
export function readNativeMessage(text: string, json: unknown): WholeAnswer {
  const message = json as { content?: unknown; usage?: AnthropicUsage } | null;
  if (!Array.isArray(message?.content)) {
    throw new GatewayError(
      502,
      'provider_bad_answer',
      'The provider did not answer with an Anthropic message; check its base URL.',
    );
  }
  return {
    format: FORMAT,
    body: text,
    usage: readAnthropicUsage(message.usage),
    ...readAnthropicServed(message.usage),
    textBytes: Buffer.byteLength(JSON.stringify(message.content)),
  };
}

/** Events that go to their caller as they came; only the usage is read. */
export async function* readNativeEvents(
  provider: string,
  events: AsyncIterable<ServerSentEvent>,
): AsyncGenerator<AnswerChunk> {
  let usage: AnthropicUsage | undefined;
  for await (const { event, data } of events) {
    const json = parse(provider, data);
    const message = json.message as { usage?: AnthropicUsage } | undefined;
    usage = mergeAnthropicUsage(
      usage,
      message?.usage ?? (json.usage as AnthropicUsage | undefined),
    );
    if (json.type === 'error') {
      throw new GatewayError(
        502,
        'provider_error',
        `The provider ${provider} failed in the middle of its answer; try again.`,
      );
    }
    yield {
      format: FORMAT,
      event: event ?? String(json.type),
      data,
      json,
      usage: readAnthropicUsage(usage),
      ...readAnthropicServed(usage),
      usageOnly: false,
      textBytes: textBytes(json),
    };
    if (json.type === 'message_stop') {
      return;
    }
  }
  throw new GatewayError(
    502,
    'provider_stream_cut',
    `The provider ${provider} broke off in the middle of its answer; try again.`,
  );
}

function textBytes(json: JsonObject): number {
  const delta = json.delta as
    | { text?: unknown; partial_json?: unknown; thinking?: unknown }
    | undefined;
  const said = delta?.text ?? delta?.partial_json ?? delta?.thinking;
  return typeof said === 'string' ? Buffer.byteLength(said) : 0;
}

function parse(provider: string, data: string): JsonObject {
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch (error) {
    throw badEvent(provider, error);
  }
  if (typeof json !== 'object' || json === null) {
    throw badEvent(provider, undefined);
  }
  return json as JsonObject;
}

function badEvent(provider: string, cause: unknown): GatewayError {
  return new GatewayError(
    502,
    'provider_bad_answer',
    `The provider ${provider} sent an event that is not a JSON object.`,
    { cause },
  );
}
