import type { CallSettings, RequestFeatures } from '../ports';
import type { JsonObject } from '../providers/ModelProvider';
import type { ModelRequest } from '../stages/readRequest';
import type { Operation } from '../stages/route';
import type { TokenUsage } from '../usage/tokenUsage';
import type { ComplexityRating } from './complexity';

type Need = RequestFeatures['needs'][number];

/** English text and JSON need about four characters for a token. */
const CHARS_PER_TOKEN = 4;
/** What an image, a recording or a file adds, since its bytes tell nothing. */
const TOKENS_PER_ATTACHMENT = 1_000;

/** What routing knows of a request. It is read once, without looking at words. */
export interface RequestShape {
  features: RequestFeatures;
  /** Estimated. */
  inputTokens: number;
  /** The longest answer that the caller asked for. */
  maxOutputTokens?: number;
  rating?: ComplexityRating;
  /** What it uses, where that is known without asking a model. */
  likely?: TokenUsage;
}

/** Reads what routing looks at. */
export function readShape(
  operation: Operation,
  request: Pick<ModelRequest, 'body' | 'passed' | 'stream' | 'text'>,
  settings?: CallSettings,
): RequestShape {
  const { body } = request;
  const needs = new Set<Need>();
  if (hasItems(body.tools) || hasItems(body.functions)) {
    needs.add('tools');
  }
  const format = (body.response_format as JsonObject | null | undefined)?.type;
  if (format === 'json_schema' || format === 'json_object') {
    needs.add('structured-output');
  }
  if (body.audio) {
    needs.add('audio');
  }
  const attachments =
    operation === 'chat'
      ? readAttachments(body.messages, needs)
      : { count: 0, chars: 0 };
  return {
    features: {
      needs: [...needs],
      dataClassification: settings?.dataClassification,
      stream: request.stream,
    },
    inputTokens:
      Math.ceil((request.text.length - attachments.chars) / CHARS_PER_TOKEN) +
      attachments.count * TOKENS_PER_ATTACHMENT,
    likely: request.passed?.likely,
    maxOutputTokens:
      limit(body.max_completion_tokens) ?? limit(body.max_tokens),
  };
}

function readAttachments(
  messages: unknown,
  needs: Set<Need>,
): { count: number; chars: number } {
  const found = { count: 0, chars: 0 };
  if (!Array.isArray(messages)) {
    return found;
  }
  for (const message of messages) {
    const content = (message as JsonObject | null)?.content;
    if (!Array.isArray(content)) {
      continue;
    }
    for (const part of content as Array<JsonObject | null>) {
      const need = part && needOf(part.type);
      if (need) {
        needs.add(need);
        found.count += 1;
        found.chars += charsIn(part, 2);
      }
    }
  }
  return found;
}

function needOf(type: unknown): Need | undefined {
  switch (type) {
    case 'image_url':
    case 'image':
      return 'vision';
    case 'input_audio':
    case 'audio':
      return 'audio';
    case 'file':
      return 'files';
    default:
      return undefined;
  }
}

/** Data is put into requests as long strings. */
function charsIn(part: JsonObject, depth: number): number {
  let chars = 0;
  for (const value of Object.values(part)) {
    if (typeof value === 'string') {
      chars += value.length;
    } else if (depth > 0 && typeof value === 'object' && value !== null) {
      chars += charsIn(value as JsonObject, depth - 1);
    }
  }
  return chars;
}

function hasItems(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

function limit(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
}
