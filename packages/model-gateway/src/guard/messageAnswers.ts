import { objectOf, objectsOf } from '../compression/TextSlot';
import type { AnswerChunk, JsonObject } from '../providers/ModelProvider';
import type { TextMask } from './CallGuard';
import {
  type GuardedPieces,
  masked,
  type OpenMask,
  withJson,
} from './guardAnswer';

/** Members of deltas; thinking is signed, and a change would break it. */
const PIECES = {
  text_delta: { name: 'text', kind: 'text' },
  input_json_delta: { name: 'partial_json', kind: 'arguments' },
} as const;

/** A whole message of Anthropic's. */
export async function maskMessage(
  body: string,
  open: OpenMask,
): Promise<string> {
  const json = JSON.parse(body) as JsonObject;
  let differs = false;
  const content: unknown[] = [];
  for (const block of objectsOf(json.content)) {
    let changed = block;
    if (block?.type === 'text' && typeof block.text === 'string') {
      const text = await masked(block.text, 'text', open);
      if (text !== block.text) changed = { ...block, text };
    } else if (block?.type === 'tool_use') {
      const input = JSON.stringify(block.input ?? {});
      const said = await masked(input, 'arguments', open);
      if (said !== input) changed = { ...block, input: JSON.parse(said) };
    }
    differs ||= changed !== block;
    content.push(changed);
  }
  return differs ? JSON.stringify({ ...json, content }) : body;
}

/** A stream of Anthropic's messages. */
export class MessagePieces implements GuardedPieces {
  readonly #open: OpenMask;
  readonly #blocks = new Map<
    unknown,
    { mask: TextMask; type: keyof typeof PIECES; chunk: AnswerChunk }
  >();

  constructor(open: OpenMask) {
    this.#open = open;
  }

  async next(chunk: AnswerChunk): Promise<AnswerChunk[]> {
    const { json } = chunk;
    if (json.type === 'content_block_stop' || json.type === 'message_delta') {
      return [...(await this.end(json.index)), chunk];
    }
    const delta = objectOf(json.delta);
    const type = delta?.type as keyof typeof PIECES;
    if (json.type !== 'content_block_delta' || !Object.hasOwn(PIECES, type)) {
      return [chunk];
    }
    const { kind, name } = PIECES[type];
    const piece = delta?.[name];
    if (typeof piece !== 'string') {
      return [chunk];
    }
    const mask = this.#blocks.get(json.index)?.mask ?? this.#open(kind);
    this.#blocks.set(json.index, { mask, type, chunk });
    const free = await mask.push(piece);
    return [
      free === piece
        ? chunk
        : withJson(chunk, { ...json, delta: { ...delta, [name]: free } }),
    ];
  }

  async end(index?: unknown): Promise<AnswerChunk[]> {
    const rest: AnswerChunk[] = [];
    for (const [key, { chunk, mask, type }] of this.#blocks) {
      if (index !== undefined && key !== index) continue;
      this.#blocks.delete(key);
      const text = await mask.end();
      if (text) {
        rest.push(
          withJson(
            { ...chunk, textBytes: 0 },
            {
              type: 'content_block_delta',
              index: key,
              delta: { type, [PIECES[type].name]: text },
            },
          ),
        );
      }
    }
    return rest;
  }
}
