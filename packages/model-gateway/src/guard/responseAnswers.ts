import { objectOf, objectsOf } from '../compression/TextSlot';
import type { AnswerChunk, JsonObject } from '../providers/ModelProvider';
import type { AnswerPart, TextMask } from './CallGuard';
import {
  type GuardedPieces,
  masked,
  type OpenMask,
  withJson,
} from './guardAnswer';

/** Events that bring a piece of a text, by what ends them. */
const KINDS: Record<string, AnswerPart> = {
  output_text: 'text',
  refusal: 'text',
  reasoning_text: 'text',
  reasoning_summary_text: 'text',
  function_call_arguments: 'arguments',
  custom_tool_call_input: 'input',
};
const PIECE = /^response\.(\w+)\.(delta|done)$/;

/** A whole response of OpenAI's Responses API. */
export async function maskResponse(
  body: string,
  open: OpenMask,
): Promise<string> {
  const json = JSON.parse(body) as JsonObject;
  const changed = await response(json, open);
  return changed === json ? body : JSON.stringify(changed);
}

/**
 * A stream of OpenAI's Responses API. It tells every text twice, in pieces and whole, and
 * numbers its events, so that those after an event that is put in have other numbers.
 */
export class ResponsePieces implements GuardedPieces {
  readonly #open: OpenMask;
  readonly #texts = new Map<string, { mask: TextMask; chunk: AnswerChunk }>();
  #added = 0;

  constructor(open: OpenMask) {
    this.#open = open;
  }

  async next(chunk: AnswerChunk): Promise<AnswerChunk[]> {
    const [, name = '', what] = PIECE.exec(String(chunk.json.type)) ?? [];
    const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
    if (!kind) {
      return [this.#numbered(chunk, await this.#whole(chunk.json))];
    }
    const { content_index, item_id, summary_index } = chunk.json;
    const key = JSON.stringify([name, item_id, content_index, summary_index]);
    const known = this.#texts.get(key);
    if (what === 'delta') {
      const mask = known?.mask ?? this.#open(kind);
      this.#texts.set(key, { mask, chunk });
      const delta = await mask.push(String(chunk.json.delta ?? ''));
      return [this.#numbered(chunk, { ...unspelt(chunk.json), delta })];
    }
    this.#texts.delete(key);
    const rest = await known?.mask.end();
    const out: AnswerChunk[] = [];
    if (known && rest) {
      const json = unspelt(known.chunk.json);
      const held = { ...known.chunk, textBytes: 0 };
      this.#added += 1;
      out.push(
        withJson(held, {
          ...json,
          delta: rest,
          sequence_number: Number(chunk.json.sequence_number) + this.#added - 1,
        }),
      );
    }
    return [...out, this.#numbered(chunk, await this.#whole(chunk.json, kind))];
  }

  /** All texts have ended with an event of their own. */
  async end(): Promise<AnswerChunk[]> {
    return [];
  }

  /** An event in which texts stand whole. */
  async #whole(json: JsonObject, kind?: AnswerPart): Promise<JsonObject> {
    const changed: JsonObject = { ...unspelt(json) };
    for (const name of ['text', 'arguments', 'input', 'refusal']) {
      if (kind && typeof json[name] === 'string') {
        changed[name] = await masked(json[name], kind, this.#open);
      }
    }
    const about = objectOf(json.response);
    if (about) changed.response = await response(about, this.#open);
    const item = objectOf(json.item);
    if (item) changed.item = await outputItem(item, this.#open);
    const part = objectOf(json.part);
    if (part) changed.part = await contentPart(part, this.#open);
    return changed;
  }

  #numbered(chunk: AnswerChunk, json: JsonObject): AnswerChunk {
    const number = json.sequence_number;
    return withJson(chunk, {
      ...json,
      ...(typeof number === 'number' && {
        sequence_number: number + this.#added,
      }),
    });
  }
}

async function response(json: JsonObject, open: OpenMask): Promise<JsonObject> {
  const output = [];
  let differs = false;
  for (const item of objectsOf(json.output)) {
    const changed = item && (await outputItem(item, open));
    differs ||= changed !== item;
    output.push(changed);
  }
  return differs ? { ...json, output } : json;
}

async function outputItem(
  item: JsonObject,
  open: OpenMask,
): Promise<JsonObject> {
  const changed: JsonObject = {};
  for (const name of ['arguments', 'input'] as const) {
    const written = item[name];
    if (typeof written === 'string') {
      const said = await masked(written, name, open);
      if (said !== written) changed[name] = said;
    }
  }
  for (const name of ['content', 'summary']) {
    const parts = [];
    let differs = false;
    for (const part of objectsOf(item[name])) {
      const said = part && (await contentPart(part, open));
      differs ||= said !== part;
      parts.push(said);
    }
    if (differs) changed[name] = parts;
  }
  return Object.keys(changed).length > 0 ? { ...item, ...changed } : item;
}

/** Log probabilities spell the answer once more, so nobody gets them of a masked one. */
function unspelt(json: JsonObject): JsonObject {
  return objectsOf(json.logprobs).length > 0 ? { ...json, logprobs: [] } : json;
}

async function contentPart(
  spelt: JsonObject,
  open: OpenMask,
): Promise<JsonObject> {
  const part = unspelt(spelt);
  const name = part.type === 'refusal' ? 'refusal' : 'text';
  const text = part[name];
  if (typeof text !== 'string') return part;
  const said = await masked(text, 'text', open);
  return said === text ? part : { ...part, [name]: said };
}
