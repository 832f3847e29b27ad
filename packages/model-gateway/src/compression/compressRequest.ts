import type { JsonObject, NativeFormat } from '../providers/ModelProvider';
import { chatSlots } from './chatSlots';
import { messagesSlots } from './messagesSlots';
import { responsesSlots } from './responsesSlots';
import { rewriteStrings } from './rewriteStrings';
import { dropDuplicateResults } from './steps/duplicateResults';
import { minifyJson } from './steps/minifyJson';
import { dropRepeatedParagraphs } from './steps/repeatedParagraphs';
import { shortenStale } from './steps/shortenStale';
import { tidyLines } from './steps/tidyLines';
import type { RequestSlots, TextSlot } from './TextSlot';

/** Outputs of so many last rounds of tool calls are never shortened. */
const FRESH_ROUNDS = 3;

/** What a step of compression does. */
export type CompressionKind =
  | 'json'
  | 'duplicate-results'
  | 'stale-results'
  | 'lines'
  | 'repeated-system';

/** A request that says the same in fewer words. */
export interface CompressedRequest {
  /** In the format in which it came. */
  text: string;
  /** Of the request, as UTF-8. */
  removedBytes: number;
  steps: Array<{ kind: CompressionKind; removedBytes: number }>;
  /** The texts that changed. */
  changed: Array<{ from: string; to: string }>;
}

/**
 * Makes a request shorter by its structure alone: white space in JSON results,
 * results that came twice, long outputs of tools from some rounds ago, system
 * text that is repeated, and blank lines.
 *
 * Never changed are schemas and formats, what the person said last, what the
 * model said, code in fences, everything signed or opaque, and everything up to
 * the last mark of a prompt cache. Roles, order and ids stay; every byte outside
 * of the changed texts does too.
 *
 * @param text - the request as it came
 * @param json - the same, parsed
 * @returns `undefined` when there is nothing to gain
 */
export function compressRequest(
  text: string,
  json: JsonObject,
  format?: NativeFormat,
): CompressedRequest | undefined {
  if (json.cache_control) {
    // Anthropic keeps all of such a prompt.
    return undefined;
  }
  const found = slotsOf(json, format);
  const before = found.slots.map(slot => slot.text);
  const steps = shorten(found);
  const edits = found.slots.flatMap((slot, index) =>
    slot.text === before[index]
      ? []
      : [{ path: slot.path, from: before[index], to: slot.text }],
  );
  if (edits.length === 0) {
    return undefined;
  }
  const compressed = rewriteStrings(text, edits);
  const removedBytes = Buffer.byteLength(text) - Buffer.byteLength(compressed);
  return removedBytes > 0
    ? { text: compressed, removedBytes, steps, changed: edits }
    : undefined;
}

function slotsOf(
  json: JsonObject,
  format: NativeFormat | undefined,
): RequestSlots {
  switch (format) {
    case 'anthropic-messages':
      return messagesSlots(json);
    case 'openai-responses':
      return responsesSlots(json);
    default:
      return chatSlots(json);
  }
}

/** The order matters: texts that are made alike by one step are found by a later. */
function shorten({ slots, rounds }: RequestSlots): CompressedRequest['steps'] {
  const steps: CompressedRequest['steps'] = [];
  const step = (kind: CompressionKind, run: () => void) => {
    const bytes = bytesOf(slots);
    run();
    const removedBytes = bytes - bytesOf(slots);
    if (removedBytes > 0) {
      steps.push({ kind, removedBytes });
    }
  };
  const results = slots.filter(slot => slot.kind === 'tool');
  const others = slots.filter(slot => slot.kind !== 'tool');
  step('json', () => each(results, minifyJson));
  step('duplicate-results', () => dropDuplicateResults(results));
  step('stale-results', () =>
    each(
      results.filter(({ result }) => result!.round < rounds - FRESH_ROUNDS),
      shortenStale,
    ),
  );
  step('lines', () => each(others, tidyLines));
  step('repeated-system', () => dropRepeatedParagraphs(others));
  return steps;
}

function each(
  slots: TextSlot[],
  shorter: (text: string) => string | undefined,
): void {
  for (const slot of slots) {
    slot.text = shorter(slot.text) ?? slot.text;
  }
}

function bytesOf(slots: TextSlot[]): number {
  return slots.reduce((sum, slot) => sum + Buffer.byteLength(slot.text), 0);
}
