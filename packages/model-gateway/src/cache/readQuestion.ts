import type { JsonObject } from '../providers/ModelProvider';
import type { ModelRequest } from '../stages/readRequest';
import { isUnambiguousJson } from './unambiguousJson';

/** Above this a caller wishes for answers that differ. */
const MAX_TEMPERATURE = 0.3;
const MAX_QUESTION_CHARS = 16_000;

/** Why a call is neither answered from memory nor remembered. */
export type BypassReason =
  | 'tools'
  | 'not-text'
  | 'no-question'
  | 'several-answers'
  | 'temperature'
  | 'stored'
  | 'ambiguous'
  | 'restricted-data'
  | 'no-identity'
  | 'time-dependent'
  | 'personal';

/** The question of a request, and all the rest of it, in which it must agree. */
export interface AskedQuestion {
  /** The last user text as it was sent. */
  text: string;
  /** The format of the request and every member of it but that text and `stream`. */
  context: unknown[];
}

/** Members by which a request makes the model do more than answer from its text. */
const TOOL_MEMBERS = [
  'tools',
  'functions',
  'tool_choice',
  'function_call',
  'web_search_options',
  'mcp_servers',
  'container',
];
const STORED_MEMBERS = [
  'store',
  'previous_response_id',
  'conversation',
  'background',
  'prompt',
];
const SEVERAL_MEMBERS = ['logprobs', 'top_logprobs', 'modalities', 'audio'];
const TEXT_TYPES = new Set(['text', 'input_text', 'output_text']);

/**
 * Takes a request apart into its question and its context, from the format that
 * it came in, because a translation may have left something out. What is not
 * known here is part of the context and so must be equal.
 */
export function readQuestion(
  request: ModelRequest,
): AskedQuestion | { bypass: BypassReason } {
  const { native } = request;
  const body = native?.body ?? request.body;
  const bypass = whyNot(body);
  if (bypass) {
    return { bypass };
  }
  if (!isUnambiguousJson(native?.text ?? request.text)) {
    return { bypass: 'ambiguous' };
  }
  const { stream: _, stream_options: __, ...rest } = body;
  const format = native?.format ?? 'chat';
  const headers = native?.headers ?? {};
  const list = format === 'openai-responses' ? 'input' : 'messages';
  const said = rest[list];
  if (typeof said === 'string') {
    return asked(said, [format, headers, { ...rest, [list]: null }]);
  }
  if (!Array.isArray(said)) {
    return { bypass: 'no-question' };
  }
  const before = said.slice(0, -1) as JsonObject[];
  const last = said.at(-1) as JsonObject | undefined;
  if (!last || last.role !== 'user') {
    return { bypass: holdsTools(last) ? 'tools' : 'no-question' };
  }
  if (before.some(holdsTools)) {
    return { bypass: 'tools' };
  }
  if (!before.every(isText)) {
    return { bypass: 'not-text' };
  }
  const { content, ...frame } = last;
  const context = (part: unknown) => [
    format,
    headers,
    { ...rest, [list]: null },
    before,
    frame,
    part,
  ];
  if (typeof content === 'string') {
    return asked(content, context(null));
  }
  const [part, ...more] = Array.isArray(content) ? content : [];
  if (!part || more.length > 0 || !TEXT_TYPES.has(String(part.type))) {
    return { bypass: 'not-text' };
  }
  const { text, ...around } = part as JsonObject;
  return typeof text === 'string'
    ? asked(text, context(around))
    : { bypass: 'not-text' };
}

/** The same words are the same question, however they are spaced. */
export function normalise(text: string): string {
  return text.normalize('NFC').replace(/\s+/gu, ' ').trim();
}

function asked(
  text: string,
  context: unknown[],
): AskedQuestion | { bypass: BypassReason } {
  return text.trim() && text.length <= MAX_QUESTION_CHARS
    ? { text, context }
    : { bypass: 'no-question' };
}

function whyNot(body: JsonObject): BypassReason | undefined {
  if (TOOL_MEMBERS.some(name => isSet(body[name]))) {
    return 'tools';
  }
  if (STORED_MEMBERS.some(name => isSet(body[name]))) {
    return 'stored';
  }
  if (
    (typeof body.n === 'number' && body.n > 1) ||
    SEVERAL_MEMBERS.some(name => isSet(body[name]))
  ) {
    return 'several-answers';
  }
  return typeof body.temperature === 'number' &&
    body.temperature > MAX_TEMPERATURE
    ? 'temperature'
    : undefined;
}

function isSet(value: unknown): boolean {
  return Array.isArray(value)
    ? value.length > 0
    : value !== undefined && value !== null && value !== false;
}

function holdsTools(message: JsonObject | undefined): boolean {
  if (!message) {
    return false;
  }
  const parts = Array.isArray(message.content) ? message.content : [];
  return (
    message.role === 'tool' ||
    message.role === 'function' ||
    isSet(message.tool_calls) ||
    isSet(message.function_call) ||
    /call|tool/.test(String(message.type ?? '')) ||
    parts.some(part => /tool/.test(String((part as JsonObject)?.type)))
  );
}

function isText(message: JsonObject): boolean {
  const { content } = message;
  return (
    content === null ||
    content === undefined ||
    typeof content === 'string' ||
    (Array.isArray(content) &&
      content.every(part => TEXT_TYPES.has(String((part as JsonObject)?.type))))
  );
}
