import type {
  AnswerChunk,
  JsonObject,
  WholeAnswer,
} from '../providers/ModelProvider';

/**
 * An answer that is nothing but text, which is the only kind that is remembered.
 *
 * @public
 */
export interface TextAnswer {
  text: string;
  /** The model's name for itself. */
  model?: string;
}

/** Longer answers are not remembered. */
const MAX_TEXT_CHARS = 200_000;

/** Members of a message that say nothing besides its text when they are empty. */
const PLAIN = new Set(['role', 'content', 'type', 'text']);

/**
 * Listens to an answer on its way to the caller. What comes out is its text, or
 * nothing when it was not finished or has parts that are not text.
 */
export class TextListener {
  #text = '';
  #model?: string;
  #finished = false;
  #spoilt = false;

  /** The text of a finished answer. */
  get answer(): TextAnswer | undefined {
    return this.#finished && !this.#spoilt && this.#text.trim()
      ? {
          text: this.#text,
          ...(this.#model !== undefined && { model: this.#model }),
        }
      : undefined;
  }

  whole(answer: WholeAnswer): void {
    // A provider may answer what it likes, and the caller gets it all the same.
    try {
      this.#whole(answer);
    } catch {
      this.#spoilt = true;
    }
  }

  /** The same chunks, listened to. */
  async *chunks(
    chunks: AsyncIterable<AnswerChunk>,
  ): AsyncGenerator<AnswerChunk> {
    for await (const chunk of chunks) {
      try {
        this.#chunk(chunk);
      } catch {
        this.#spoilt = true;
      }
      yield chunk;
    }
  }

  #whole(answer: WholeAnswer): void {
    const json = JSON.parse(answer.body) as JsonObject;
    if (answer.format === 'anthropic-messages') {
      this.#named(json.model);
      for (const block of listOf(json.content)) {
        this.#block(block);
        this.#add(block.text);
      }
      this.#ends(json.stop_reason, 'end_turn');
    } else if (answer.format === 'openai-responses') {
      this.#response(json);
    } else {
      this.#chat(json, 'message');
    }
  }

  #chunk({ format, json }: AnswerChunk): void {
    if (this.#spoilt) {
      return;
    }
    if (format === 'anthropic-messages') {
      this.#anthropicEvent(json);
    } else if (format === 'openai-responses') {
      if (json.type === 'response.completed') {
        this.#response(json.response as JsonObject);
      }
    } else {
      this.#chat(json, 'delta');
    }
  }

  #chat(json: JsonObject, member: 'message' | 'delta'): void {
    this.#named(json.model);
    for (const choice of listOf(json.choices)) {
      this.#spoilt ||= (choice.index ?? 0) !== 0;
      const said = choice[member] as JsonObject | null | undefined;
      if (said) {
        this.#spoilt ||= !isPlain(said);
        this.#add(said.content);
      }
      this.#ends(choice.finish_reason, 'stop');
    }
  }

  #anthropicEvent(event: JsonObject): void {
    switch (event.type) {
      case 'message_start':
        this.#named((event.message as JsonObject | undefined)?.model);
        break;
      case 'content_block_start':
        this.#block((event.content_block ?? {}) as JsonObject);
        break;
      case 'content_block_delta': {
        const delta = event.delta as JsonObject | undefined;
        this.#spoilt ||= delta?.type !== 'text_delta';
        this.#add(delta?.text);
        break;
      }
      case 'message_delta':
        this.#ends(
          (event.delta as JsonObject | undefined)?.stop_reason,
          'end_turn',
        );
        break;
      default:
    }
  }

  #response(response: JsonObject): void {
    this.#named(response.model);
    for (const item of listOf(response.output)) {
      if (item.type === 'reasoning') {
        // Of use to nobody unless something of it can be read or sent back.
        this.#spoilt ||=
          listOf(item.summary).length > 0 || Boolean(item.encrypted_content);
      } else {
        this.#spoilt ||= item.type !== 'message';
        for (const part of listOf(item.content)) {
          this.#spoilt ||=
            part.type !== 'output_text' || listOf(part.annotations).length > 0;
          this.#add(part.text);
        }
      }
    }
    this.#ends(response.status, 'completed');
  }

  #block(block: JsonObject): void {
    this.#spoilt ||= block.type !== 'text' || !isPlain(block);
  }

  #named(model: unknown): void {
    this.#model ??= typeof model === 'string' ? model : undefined;
  }

  #add(text: unknown): void {
    if (typeof text === 'string') {
      this.#text += text;
      this.#spoilt ||= this.#text.length > MAX_TEXT_CHARS;
    }
  }

  /** Cut, filtered and refused answers end otherwise. */
  #ends(reason: unknown, good: string): void {
    if (reason !== null && reason !== undefined && reason !== '') {
      this.#finished = true;
      this.#spoilt ||= reason !== good;
    }
  }
}

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value)
    ? value.filter(item => typeof item === 'object' && item !== null)
    : [];
}

function isPlain(said: JsonObject): boolean {
  return Object.entries(said).every(
    ([name, value]) =>
      PLAIN.has(name) ||
      value === null ||
      value === '' ||
      (Array.isArray(value) && value.length === 0),
  );
}
