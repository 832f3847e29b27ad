import { objectOf, objectsOf, type JsonPath } from '../compression/TextSlot';
import { rewriteStrings, type StringEdit } from '../compression/rewriteStrings';
import type { AnswerChunk, JsonObject } from '../providers/ModelProvider';
import type { AnswerPart, TextMask } from './CallGuard';
import {
  type GuardedPieces,
  masked,
  type OpenMask,
  withJson,
} from './guardAnswer';

/** Members of a message that are texts for people. */
const TEXTS = ['reasoning_content', 'content', 'refusal'] as const;

/** What was signed and then changed is not signed any more. */
const UNSIGNED = '';

/** A whole answer; every byte outside of the masked texts stays. */
export async function maskCompletion(
  body: string,
  open: OpenMask,
): Promise<string> {
  const edits: StringEdit[] = [];
  const edit = async (path: JsonPath, from: unknown, kind: AnswerPart) => {
    if (typeof from !== 'string') return false;
    const to = await masked(from, kind, open);
    if (to !== from) edits.push({ path, from, to });
    return to !== from;
  };
  const json = objectOf(JSON.parse(body));
  const choices = objectsOf(json?.choices);
  if (json && choices.some(choice => choice?.logprobs)) {
    const unspelt = { ...json, choices: choices.map(withoutLogprobs) };
    return maskCompletion(JSON.stringify(unspelt), open);
  }
  for (const [i, choice] of choices.entries()) {
    const message = objectOf(choice?.message);
    const path = ['choices', i, 'message'];
    await edit(
      [...path, 'function_call', 'arguments'],
      objectOf(message?.function_call)?.arguments,
      'arguments',
    );
    for (const name of TEXTS) {
      await edit([...path, name], message?.[name], 'text');
    }
    for (const [j, block] of objectsOf(message?.thinking_blocks).entries()) {
      const isChanged = await edit(
        [...path, 'thinking_blocks', j, 'thinking'],
        block?.thinking,
        'text',
      );
      if (isChanged && typeof block?.signature === 'string') {
        edits.push({
          path: [...path, 'thinking_blocks', j, 'signature'],
          from: block.signature,
          to: UNSIGNED,
        });
      }
    }
    for (const [j, call] of objectsOf(message?.tool_calls).entries()) {
      await edit(
        [...path, 'tool_calls', j, 'function', 'arguments'],
        objectOf(call?.function)?.arguments,
        'arguments',
      );
      await edit(
        [...path, 'tool_calls', j, 'custom', 'input'],
        objectOf(call?.custom)?.input,
        'input',
      );
    }
  }
  return edits.length > 0 ? rewriteStrings(body, edits) : body;
}

/** They spell the answer once more, token by token, so nobody gets them of a masked one. */
function withoutLogprobs(choice: JsonObject | undefined) {
  return choice?.logprobs ? { ...choice, logprobs: null } : choice;
}

/** The texts of one choice, of which each is held back by itself. */
interface Choice {
  texts: Map<(typeof TEXTS)[number] | 'function_call', TextMask>;
  calls: Map<unknown, HeldCall>;
}

/** A call whose arguments come in pieces, and where they stand in it. */
interface HeldCall {
  mask: TextMask;
  place: (typeof PLACES)[number];
}

const PLACES = [
  ['function', 'arguments'],
  ['custom', 'input'],
] as const;

/** A stream of OpenAI's chat completions. */
export class ChatPieces implements GuardedPieces {
  readonly #open: OpenMask;
  readonly #choices = new Map<unknown, Choice>();
  #last?: AnswerChunk;

  constructor(open: OpenMask) {
    this.#open = open;
  }

  async next(chunk: AnswerChunk): Promise<AnswerChunk[]> {
    const choices = objectsOf(chunk.json.choices);
    if (choices.length === 0) {
      // What follows the answer, such as its usage, comes after what was held back.
      return [...(await this.end()), chunk];
    }
    this.#last = chunk;
    let differs = false;
    const changed: unknown[] = [];
    for (const choice of choices) {
      const said = objectOf(choice?.delta) ?? {};
      const delta = await this.#delta(
        choice?.index ?? 0,
        said,
        Boolean(choice?.finish_reason),
      );
      const unspelt = withoutLogprobs(choice);
      differs ||= delta !== said || unspelt !== choice;
      changed.push(delta === said ? unspelt : { ...unspelt, delta });
    }
    return [
      differs ? withJson(chunk, { ...chunk.json, choices: changed }) : chunk,
    ];
  }

  async end(): Promise<AnswerChunk[]> {
    const rest: AnswerChunk[] = [];
    for (const index of this.#choices.keys()) {
      const delta = await this.#delta(index, {}, true);
      if (Object.keys(delta).length > 0) {
        const { id, object, created, model } = this.#last!.json;
        rest.push(
          withJson(
            { ...this.#last!, usage: undefined, textBytes: 0 },
            {
              ...{ id, object, created, model },
              choices: [{ index, delta, finish_reason: null }],
            },
          ),
        );
      }
    }
    return rest;
  }

  async #delta(
    index: unknown,
    said: JsonObject,
    isLast: boolean,
  ): Promise<JsonObject> {
    let choice = this.#choices.get(index);
    if (!choice) {
      choice = { texts: new Map(), calls: new Map() };
      this.#choices.set(index, choice);
    }
    const calls = objectsOf(said.tool_calls);
    const changed: JsonObject = {};
    for (const name of TEXTS) {
      // What follows in another member comes after what was held back.
      const isOver =
        isLast ||
        calls.length > 0 ||
        (name === 'reasoning_content' && Boolean(said.content));
      const text = await this.#text(choice.texts, name, said[name], isOver);
      if (text !== undefined && text !== said[name]) changed[name] = text;
    }
    // The form of calls before there were tools, which models still answer in.
    const fn = objectOf(said.function_call);
    const written = await this.#text(
      choice.texts,
      'function_call',
      fn?.arguments,
      isLast,
    );
    if (written !== undefined && written !== fn?.arguments) {
      changed.function_call = { ...fn, arguments: written };
    }
    const thoughts = await this.#thoughts(objectsOf(said.thinking_blocks));
    if (thoughts) changed.thinking_blocks = thoughts;
    const pieces = await this.#calls(choice.calls, calls, isLast);
    if (pieces) changed.tool_calls = pieces;
    return Object.keys(changed).length > 0 ? { ...said, ...changed } : said;
  }

  /** Blocks that go back to the model come whole. */
  async #thoughts(
    blocks: Array<JsonObject | undefined>,
  ): Promise<Array<JsonObject | undefined> | undefined> {
    let differs = false;
    const changed: Array<JsonObject | undefined> = [];
    for (const block of blocks) {
      const from = block?.thinking;
      const to =
        typeof from === 'string'
          ? await masked(from, 'text', this.#open)
          : from;
      differs ||= to !== from;
      changed.push(
        to === from ? block : { ...block, thinking: to, signature: UNSIGNED },
      );
    }
    return differs ? changed : undefined;
  }

  async #text(
    masks: Choice['texts'],
    name: (typeof TEXTS)[number] | 'function_call',
    piece: unknown,
    isOver: boolean,
  ): Promise<string | undefined> {
    let mask = masks.get(name);
    if (typeof piece === 'string' && piece) {
      mask ??= this.#open(name === 'function_call' ? 'arguments' : 'text');
      masks.set(name, mask);
    } else if (!mask || !isOver) {
      return undefined;
    }
    const free = await pushed(mask, piece);
    if (!isOver) return free;
    masks.delete(name);
    const text = free + (await mask.end());
    return text || typeof piece === 'string' ? text : undefined;
  }

  /** Pieces of calls; one call ends where the next begins. */
  async #calls(
    masks: Choice['calls'],
    calls: Array<JsonObject | undefined>,
    isLast: boolean,
  ): Promise<JsonObject[] | undefined> {
    const pieces: JsonObject[] = [];
    let differs = false;
    const end = async (except?: unknown) => {
      for (const [key, { mask, place }] of masks) {
        if (key !== except) {
          masks.delete(key);
          const rest = await mask.end();
          if (rest) {
            differs = true;
            pieces.push({
              ...(typeof key === 'number' && { index: key }),
              ...(typeof key === 'string' && { id: key }),
              [place[0]]: { [place[1]]: rest },
            });
          }
        }
      }
    };
    for (const call of calls) {
      if (!call) continue;
      const key = call.index ?? call.id;
      await end(key);
      const place = PLACES.find(
        ([part, name]) => typeof objectOf(call[part])?.[name] === 'string',
      );
      if (!place) {
        pieces.push(call);
        continue;
      }
      const [part, name] = place;
      const about = objectOf(call[part])!;
      const written = about[name] as string;
      const { mask } = masks.get(key) ?? { mask: this.#open(name) };
      masks.set(key, { mask, place });
      const free = await mask.push(written);
      differs ||= free !== written;
      pieces.push({ ...call, [part]: { ...about, [name]: free } });
    }
    if (isLast) await end();
    return differs ? pieces : undefined;
  }
}

function pushed(mask: TextMask, piece: unknown): Promise<string> | string {
  return typeof piece === 'string' && piece ? mask.push(piece) : '';
}
