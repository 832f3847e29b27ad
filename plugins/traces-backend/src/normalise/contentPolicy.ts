import { masked } from '@agentportal/plugin-agents-common';
import type { Attributes, RawEvent, Value } from '../decode/RawSpan';

/** Attributes that hold what people, models and tools said, in every convention. */
const CONTENT =
  /^(gen_ai\.(input|output)\.messages|gen_ai\.system_instructions|gen_ai\.(prompt|completion|content)(\.|$)|gen_ai\.tool\.(call\.)?(arguments|result|definitions|description)|gen_ai\.(task|retrieval)\.|(input|output)\.value|llm\.(input_messages|output_messages|prompts|completions|prompt_template|function_call|tools|invocation_parameters)|ai\.(prompt|value|values|embedding|embeddings|result|response\.(text|object|reasoning|toolCalls)|toolCall\.(args|result))|traceloop\.entity\.(input|output)|crewai\.(task|agent)\.|retrieval\.documents|reranker\.(input|output|query)|embedding\.(embeddings|text|vector)|tool(_call)?\.(parameters|description|arguments|json_schema|function)|message\.|exception\.(message|stacktrace)|mlflow\.span(Inputs|Outputs)|langsmith\.metadata\.|metadata$)/;

/** Without leave to keep content, longer texts are not kept whatever they are called. */
const MAX_FACT = 256;
/** Of one value of content: its head and its tail. */
const MAX_HEAD = 48 * 1024;
const MAX_TAIL = 16 * 1024;
/** Of all that is kept of one span. */
const MAX_SPAN = 1024 * 1024;
/** Of attributes and events. */
const MAX_NAME = 200;
/** Base64 of an image or a sound says nothing to a reader. */
const BASE64 = /[A-Za-z0-9+/]{2000,}={0,2}/g;
/** Secrets in the middle of a text, by their form. */
const SECRETS =
  /\b(?:sk-[\w-]{16,}|gh[pousr]_\w{16,}|xox[abp]-[\w-]{10,}|AKIA[0-9A-Z]{16}|ey[\w-]{10,}\.ey[\w-]{10,}\.[\w-]*|Bearer\s+[\w.~+/-]{16,}=*)|-----BEGIN[^-]{1,40}-----[\s\S]{1,8192}?-----END[^-]{1,40}-----/g;

/** Whether an attribute of this name holds what somebody said. */
export function isContent(name: string): boolean {
  return CONTENT.test(name);
}

/** What is kept of a span apart from its columns. */
export interface KeptDetails {
  attributes: Attributes;
  events: RawEvent[];
  statusMessage?: string;
  /** Characters that were left out, because there is no leave to keep them or no room. */
  leftOut: number;
}

/**
 * What of a span may be kept. Without leave, nothing that somebody said: neither by the
 * name of its attribute, nor because it is long.
 */
export function keptDetails(
  span: { attributes: Attributes; events: RawEvent[]; statusMessage: string },
  keepsContent: boolean,
  maxCharacters = MAX_SPAN,
): KeptDetails {
  let room = maxCharacters;
  let leftOut = 0;
  const keep = (name: string, value: Value): Value | undefined => {
    const size = sizeOf(value);
    const isNamed = name.length <= MAX_NAME;
    const isSaid = isContent(name) || size > MAX_FACT;
    if (!isNamed || (!keepsContent && isSaid)) {
      leftOut += size;
      return undefined;
    }
    // Numbers of tokens are no tokens.
    const short = shortened(
      masked(value, typeof value === 'number' ? '' : name) as Value,
    );
    const kept = name.length + sizeOf(short);
    if (kept > room) {
      leftOut += size;
      return undefined;
    }
    room -= kept;
    leftOut += Math.max(0, name.length + size - kept);
    return short;
  };
  const keepAll = (attributes: Attributes): Attributes => {
    const kept: Attributes = {};
    for (const [name, given] of Object.entries(attributes)) {
      const value = keep(name, given);
      if (value !== undefined) {
        kept[name] = value;
      }
    }
    return kept;
  };
  const attributes = keepAll(span.attributes);
  const events = span.events.map(event => ({
    ...event,
    name: maskedText(event.name).slice(0, MAX_NAME),
    attributes: keepAll(event.attributes),
  }));
  // It quotes what was asked more often than not.
  const statusMessage =
    span.statusMessage && keep('exception.message', span.statusMessage);
  return {
    attributes,
    events,
    ...(statusMessage && { statusMessage: String(statusMessage) }),
    leftOut,
  };
}

/** Roughly how many characters a value has; it stops counting at what is too long anyway. */
function sizeOf(value: Value): number {
  if (typeof value === 'string') {
    return value.length;
  }
  if (typeof value !== 'object' || value === null) {
    return 8;
  }
  let size = 2;
  for (const [key, of] of Object.entries(value)) {
    size += key.length + sizeOf(of);
    if (size > MAX_SPAN) {
      break;
    }
  }
  return size;
}

function shortened(value: Value): Value {
  if (typeof value === 'string') {
    const text = maskedText(value);
    return text.length <= MAX_HEAD + MAX_TAIL
      ? text
      : `${text.slice(0, MAX_HEAD)}\n… ${
          text.length - MAX_HEAD - MAX_TAIL
        } characters left out …\n${text.slice(-MAX_TAIL)}`;
  }
  if (Array.isArray(value)) {
    return value.map(shortened);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, of]) => [key, shortened(of)]),
    );
  }
  return value;
}

/** Messages are JSON in a text, and secrets in it have names. */
function maskedText(value: string): string {
  let text = value;
  if (/^\s*[[{]/.test(text)) {
    try {
      text = JSON.stringify(masked(JSON.parse(text)));
    } catch {
      // Not JSON, or too deep: what follows still looks at it.
    }
  }
  return text
    .replace(BASE64, data => `<${data.length} characters of Base64>`)
    .replace(SECRETS, '***');
}
