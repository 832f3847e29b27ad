import type { JsonObject } from '../providers/ModelProvider';

/** Where a value stands in a JSON text. */
export type JsonPath = ReadonlyArray<string | number>;

/** A text of a request that may be made shorter. */
export interface TextSlot {
  path: JsonPath;
  /** As it is now; the steps change it. */
  text: string;
  kind: 'system' | 'user' | 'tool';
  /** The result of a tool call. */
  result?: {
    /** The tool and its arguments; absent when the call is not in the request. */
    call?: string;
    /** Number of the round of tool calls, from 0. */
    round: number;
    /** The result has no other parts. */
    whole: boolean;
  };
}

/** The texts of a request that may be changed, in order. */
export interface RequestSlots {
  slots: TextSlot[];
  /** How many rounds of tool calls there are. */
  rounds: number;
}

/** A list of JSON objects, or an empty one for anything else. */
export function objectsOf(value: unknown): Array<JsonObject | undefined> {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

/** A JSON object, or nothing. */
export function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/**
 * The texts of a content, which is a text or a list of parts.
 *
 * @param types - of the parts that are plain text
 */
export function textsOf(
  content: unknown,
  path: JsonPath,
  types: readonly string[] = ['text'],
): Array<{ path: JsonPath; text: string; whole: boolean }> {
  if (typeof content === 'string') {
    return [{ path, text: content, whole: true }];
  }
  const parts = objectsOf(content);
  return parts.flatMap((part, index) =>
    part && types.includes(String(part.type)) && typeof part.text === 'string'
      ? [
          {
            path: [...path, index, 'text'],
            text: part.text,
            whole: parts.length === 1,
          },
        ]
      : [],
  );
}

const MARKS = ['cache_control', 'cachePoint', 'prompt_cache_breakpoint'];

/**
 * Whether a message carries a mark up to which its provider keeps the prompt. To
 * change a text before it would throw away what was kept and cost more than the
 * text.
 */
export function isCacheMarked(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null || depth > 4) {
    return false;
  }
  if (Array.isArray(value)) {
    return value.some(item => isCacheMarked(item, depth + 1));
  }
  const object = value as JsonObject;
  return (
    MARKS.some(mark => Boolean(object[mark])) ||
    (object.content !== undefined && isCacheMarked(object.content, depth + 1))
  );
}
