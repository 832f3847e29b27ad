import { z } from 'zod/v4';
import { GatewayError } from '../errors';
import type { JsonObject, NativeRequest } from '../providers/ModelProvider';

/** What the gateway itself needs to know of a request; the rest passes through. */
export interface ModelRequest {
  model: string;
  stream: boolean;
  /** Whether the caller wants to see the usage of a stream. */
  includeUsage: boolean;
  body: JsonObject;
  text: string;
  /** The request in its own format, when that is another than OpenAI's chat. */
  native?: NativeRequest;
}

const requestSchema = z.looseObject({
  model: z
    .string('`model` must be a string, such as `openai/gpt-5.1` or `balanced`.')
    .min(1, '`model` must not be empty.')
    .max(300, '`model` must have at most 300 characters.'),
  stream: z.boolean('`stream` must be true or false.').nullish(),
  stream_options: z
    .looseObject({ include_usage: z.boolean().nullish() })
    .nullish(),
});

/** Parses the body of a chat or embeddings request. */
export function readRequest(text: string): ModelRequest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new GatewayError(
      400,
      'invalid_request',
      'The request body is not JSON; send an OpenAI request object.',
      { cause: error },
    );
  }
  const parsed = requestSchema.safeParse(json);
  if (!parsed.success) {
    throw new GatewayError(
      400,
      'invalid_request',
      parsed.error.issues[0]?.message ?? 'The request is not valid.',
    );
  }
  return {
    model: parsed.data.model,
    stream: parsed.data.stream === true,
    includeUsage: parsed.data.stream_options?.include_usage === true,
    body: json as JsonObject,
    text,
  };
}
