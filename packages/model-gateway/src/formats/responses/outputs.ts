import type { JsonObject } from '../../providers/ModelProvider';
import { callItem, messageItem, refusalPart, textPart } from './toResponse';

/** An item of a response that grows; it tells the events of its life. */
export interface OpenItem {
  open(): JsonObject[];
  /** Nothing when it is closed already. */
  close(): JsonObject[];
  /** The item with all that came so far. */
  readonly done: JsonObject;
}

/** A message of one part, text or refusal. */
export class TextOutput implements OpenItem {
  readonly kind: 'output_text' | 'refusal';
  readonly #index: number;
  readonly #id: string;
  #text = '';
  #closed = false;

  constructor(index: number, id: string, kind: 'output_text' | 'refusal') {
    this.#index = index;
    this.#id = id;
    this.kind = kind;
  }

  get done(): JsonObject {
    return messageItem(
      this.#id,
      [this.#part(this.#text)],
      this.#closed ? 'completed' : 'incomplete',
    );
  }

  open(): JsonObject[] {
    return [
      {
        type: 'response.output_item.added',
        output_index: this.#index,
        item: messageItem(this.#id, [], 'in_progress'),
      },
      {
        type: 'response.content_part.added',
        ...this.#place(),
        part: this.#part(''),
      },
    ];
  }

  add(text: string): JsonObject[] {
    this.#text += text;
    return [
      {
        type: `response.${this.kind}.delta`,
        ...this.#place(),
        delta: text,
        ...(this.kind === 'output_text' && { logprobs: [] }),
      },
    ];
  }

  close(): JsonObject[] {
    if (this.#closed) {
      return [];
    }
    this.#closed = true;
    return [
      {
        type: `response.${this.kind}.done`,
        ...this.#place(),
        ...(this.kind === 'output_text'
          ? { text: this.#text, logprobs: [] }
          : { refusal: this.#text }),
      },
      {
        type: 'response.content_part.done',
        ...this.#place(),
        part: this.#part(this.#text),
      },
      {
        type: 'response.output_item.done',
        output_index: this.#index,
        item: this.done,
      },
    ];
  }

  #place(): JsonObject {
    return { item_id: this.#id, output_index: this.#index, content_index: 0 };
  }

  #part(text: string): JsonObject {
    return this.kind === 'output_text' ? textPart(text) : refusalPart(text);
  }
}

/** A call of a function. */
export class CallOutput implements OpenItem {
  readonly #index: number;
  readonly #call: { id: string; callId: string; name: string };
  #arguments = '';
  #closed = false;

  constructor(
    index: number,
    call: { id: string; callId: string; name: string },
  ) {
    this.#index = index;
    this.#call = call;
  }

  get done(): JsonObject {
    return callItem(
      { ...this.#call, args: this.#arguments },
      this.#closed ? 'completed' : 'incomplete',
    );
  }

  open(): JsonObject[] {
    return [
      {
        type: 'response.output_item.added',
        output_index: this.#index,
        item: callItem({ ...this.#call, args: '' }, 'in_progress'),
      },
    ];
  }

  add(delta: string): JsonObject[] {
    if (!delta) {
      return [];
    }
    this.#arguments += delta;
    return [
      {
        type: 'response.function_call_arguments.delta',
        item_id: this.#call.id,
        output_index: this.#index,
        delta,
      },
    ];
  }

  close(): JsonObject[] {
    if (this.#closed) {
      return [];
    }
    this.#closed = true;
    return [
      {
        type: 'response.function_call_arguments.done',
        item_id: this.#call.id,
        output_index: this.#index,
        name: this.#call.name,
        arguments: this.#arguments,
      },
      {
        type: 'response.output_item.done',
        output_index: this.#index,
        item: this.done,
      },
    ];
  }
}
