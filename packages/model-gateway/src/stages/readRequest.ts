import { invalidRequest } from '../errors';
import { parseBody } from '../formats/readJson';
import type { PassedOn } from '../passthrough/PassedOn';
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
  /** Set when neither the request nor its answer is looked into. */
  passed?: PassedOn;
}

const MAX_MODEL_CHARS = 300;

/**
 * Parses the body of a chat or embeddings request. Few members are looked at, and
 * by hand: a schema that lets the rest through would copy it.
 */
export function readRequest(text: string): ModelRequest {
  const json = parseBody(text, 'an OpenAI request object');
  if (!isObject(json)) {
    throw invalidRequest(
      'The request body must be an object, as OpenAI describes it.',
    );
  }
  return { ...readFields(json), text };
}

/** Reads what the gateway itself needs of a request that has been parsed. */
export function readFields(json: JsonObject): Omit<ModelRequest, 'text'> {
  const { model, stream, stream_options: options } = json;
  if (typeof model !== 'string') {
    throw invalidRequest(
      '`model` must be a string, such as `openai/gpt-5.1` or `balanced`.',
    );
  }
  if (model === '') {
    throw invalidRequest('`model` must not be empty.');
  }
  if (model.length > MAX_MODEL_CHARS) {
    throw invalidRequest(
      `\`model\` must have at most ${MAX_MODEL_CHARS} characters.`,
    );
  }
  if (!isFlag(stream)) {
    throw invalidRequest('`stream` must be true or false.');
  }
  const given = options ?? {};
  if (!isObject(given)) {
    throw invalidRequest('`stream_options` must be an object.');
  }
  if (!isFlag(given.include_usage)) {
    throw invalidRequest(
      '`stream_options.include_usage` must be true or false.',
    );
  }
  return {
    model,
    stream: stream === true,
    includeUsage: given.include_usage === true,
    body: json,
  };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Null is as good as nothing. */
function isFlag(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'boolean';
}
