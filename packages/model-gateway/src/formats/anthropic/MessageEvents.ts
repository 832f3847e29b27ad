import { GatewayError } from '../../errors';
import type { AnswerChunk, JsonObject } from '../../providers/ModelProvider';
import type { Bill } from '../../stages/Attempt';
import { readChatAnswer } from '../chatAnswer';
import { toEvent } from '../InputFormat';
import { toAnthropicError } from './errors';
import type { MessagesRequest } from './messages';
import {
  emptyMessage,
  toAnthropicUsage,
  toStopReason,
  wantsThinking,
} from './toMessage';

/**
 * Turns the chunks of one answer into Anthropic's stream events. Blocks stand one
 * after another, so a block ends when the next one begins.
 */
export class MessageEvents {
  readonly #callId: string;
  readonly #asked: MessagesRequest;
  #begun = false;
  /** Of the block that is open. */
  #open?: string;
  #index = -1;
  /** Keys of the tool calls so far. */
  readonly #calls = new Set<string>();
  #refused = false;
  #finishReason?: string;
  /** The event by which a native stream says that it is over. */
  #nativeEnd = '';

  constructor(options: { callId: string; asked: MessagesRequest }) {
    this.#callId = options.callId;
    this.#asked = options.asked;
  }

  chunk(chunk: AnswerChunk): string {
    if (chunk.format) {
      return this.#passThrough(chunk);
    }
    const { model, said, finishReason } = readChatAnswer(chunk.json);
    this.#finishReason = finishReason ?? this.#finishReason;
    let out = this.#begun ? '' : this.#start(model);
    if (said.reasoning_content && wantsThinking(this.#asked)) {
      out += this.#block('thinking', { type: 'thinking', thinking: '' });
      out += this.#delta({
        type: 'thinking_delta',
        thinking: said.reasoning_content,
      });
    }
    const text = said.content || said.refusal;
    if (text) {
      this.#refused ||= Boolean(said.refusal);
      out += this.#block('text', { type: 'text', text: '' });
      out += this.#delta({ type: 'text_delta', text });
    }
    for (const call of said.tool_calls ?? []) {
      // Some providers leave the number out and send each call whole.
      const key = `tool ${call.index ?? call.id ?? 'without a name'}`;
      if (this.#calls.has(key) && this.#open !== key) {
        throw new GatewayError(
          502,
          'provider_bad_answer',
          'The model mixed the pieces of several tool calls; try again.',
        );
      }
      this.#calls.add(key);
      out += this.#block(key, {
        type: 'tool_use',
        id: call.id ?? `toolu_${this.#callId}_${this.#calls.size}`,
        name: call.function?.name,
        input: {},
      });
      if (call.function?.arguments) {
        out += this.#delta({
          type: 'input_json_delta',
          partial_json: call.function.arguments,
        });
      }
    }
    return out;
  }

  end(bill: Bill): string {
    if (this.#nativeEnd) {
      return this.#nativeEnd;
    }
    return [
      this.#begun ? '' : this.#start(undefined),
      this.#close(),
      named({
        type: 'message_delta',
        delta: {
          stop_reason: this.#refused
            ? 'refusal'
            : toStopReason(this.#finishReason, this.#calls.size > 0),
          stop_sequence: null,
        },
        usage: {
          ...toAnthropicUsage(bill.usage),
          cost_nano_usd: bill.costNanoUsd,
        },
      }),
      named({ type: 'message_stop' }),
    ].join('');
  }

  failure(error: GatewayError): string {
    return named(toAnthropicError(error, this.#callId));
  }

  #passThrough(chunk: AnswerChunk): string {
    const event = toEvent(chunk.event, chunk.data);
    if (chunk.json.type === 'message_stop') {
      this.#nativeEnd = event;
      return '';
    }
    return event;
  }

  /** What the input cost is told at the end, when the provider has said it. */
  #start(model: string | undefined): string {
    this.#begun = true;
    const message = emptyMessage(this.#callId, model ?? this.#asked.model);
    return (
      named({
        type: 'message_start',
        message: { ...message, usage: { input_tokens: 0, output_tokens: 0 } },
      }) + named({ type: 'ping' })
    );
  }

  #block(key: string, block: JsonObject): string {
    if (this.#open === key) {
      return '';
    }
    const closed = this.#close();
    this.#open = key;
    this.#index += 1;
    return (
      closed +
      named({
        type: 'content_block_start',
        index: this.#index,
        content_block: block,
      })
    );
  }

  #delta(delta: JsonObject): string {
    return named({ type: 'content_block_delta', index: this.#index, delta });
  }

  #close(): string {
    if (this.#open === undefined) {
      return '';
    }
    this.#open = undefined;
    return named({ type: 'content_block_stop', index: this.#index });
  }
}

function named(event: JsonObject): string {
  return toEvent(String(event.type), JSON.stringify(event));
}
