import type { GatewayError } from '../../errors';
import type { AnswerChunk, JsonObject } from '../../providers/ModelProvider';
import type { Bill } from '../../stages/Attempt';
import { readChatAnswer } from '../chatAnswer';
import { toEvent } from '../InputFormat';
import { CallOutput, type OpenItem, TextOutput } from './outputs';
import { responseEnd, responseHead, type ResponseCall } from './toResponse';

/** The events that end a response. */
const LAST = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
]);

/**
 * Turns the chunks of one answer into the events of a response: items open one
 * after another in the order in which the model begins them, and close at the end
 * or when another kind of item follows.
 */
export class ResponseEvents {
  readonly #call: ResponseCall;
  #head?: JsonObject;
  #sequence = 0;
  readonly #items: OpenItem[] = [];
  readonly #calls = new Map<string, CallOutput>();
  #finishReason?: string;
  /** The event by which a native stream says that it is over. */
  #nativeEnd = '';

  constructor(call: ResponseCall) {
    this.#call = call;
  }

  chunk(chunk: AnswerChunk): string {
    if (chunk.format) {
      return this.#passThrough(chunk);
    }
    const { model, said, finishReason } = readChatAnswer(chunk.json);
    this.#finishReason = finishReason ?? this.#finishReason;
    let out = this.#head ? '' : this.#start(model);
    for (const kind of ['output_text', 'refusal'] as const) {
      const text = kind === 'refusal' ? said.refusal : said.content;
      if (text) {
        const [item, opened] = this.#text(kind);
        out += opened + this.#events(item.add(text));
      }
    }
    for (const piece of said.tool_calls ?? []) {
      const key = String(piece.index ?? piece.id ?? 'without a name');
      let call = this.#calls.get(key);
      if (!call) {
        const number = this.#calls.size;
        const { callId } = this.#call;
        call = new CallOutput(this.#items.length, {
          id: `fc_${callId}_${number}`,
          callId: piece.id ?? `call_${callId}_${number}`,
          name: piece.function?.name ?? '',
        });
        this.#calls.set(key, call);
        out += this.#open(call);
      }
      out += this.#events(call.add(piece.function?.arguments ?? ''));
    }
    return out;
  }

  end(bill: Bill): string {
    if (this.#nativeEnd) {
      return this.#nativeEnd;
    }
    const started = this.#head ? '' : this.#start(undefined);
    const closed = this.#items.map(item => this.#events(item.close()));
    const end = responseEnd(
      { finishReason: this.#finishReason },
      bill,
      Date.now(),
    );
    const output = this.#items.map(item => item.done);
    return [
      started,
      ...closed,
      this.#event({
        type: `response.${end.status}`,
        response: { ...this.#head, ...end, output },
      }),
    ].join('');
  }

  failure(error: GatewayError): string {
    const started = this.#head ? '' : this.#start(undefined);
    return (
      started +
      this.#event({
        type: 'response.failed',
        response: {
          ...this.#head,
          status: 'failed',
          error: { code: error.code, message: error.message },
          output: this.#items.map(item => item.done),
        },
      })
    );
  }

  #passThrough(chunk: AnswerChunk): string {
    const { response, sequence_number: sequence, type } = chunk.json;
    this.#head ??= response as JsonObject | undefined;
    this.#sequence = Number(sequence ?? this.#sequence) + 1;
    const event = toEvent(chunk.event, chunk.data);
    if (LAST.has(String(type))) {
      this.#nativeEnd = event;
      return '';
    }
    return event;
  }

  #start(model: string | undefined): string {
    const response = responseHead(this.#call, model);
    this.#head = response;
    return (
      this.#event({ type: 'response.created', response }) +
      this.#event({ type: 'response.in_progress', response })
    );
  }

  #text(kind: 'output_text' | 'refusal'): [TextOutput, string] {
    const open = this.#items.at(-1);
    if (open instanceof TextOutput && open.kind === kind) {
      return [open, ''];
    }
    const item = new TextOutput(
      this.#items.length,
      `msg_${this.#call.callId}_${this.#items.length}`,
      kind,
    );
    return [item, this.#open(item)];
  }

  #open(item: OpenItem): string {
    const previous = this.#items.at(-1);
    // Calls may still grow in turns; a text is over when something else begins.
    const closed =
      previous instanceof TextOutput ? this.#events(previous.close()) : '';
    this.#items.push(item);
    return closed + this.#events(item.open());
  }

  #events(events: JsonObject[]): string {
    return events.map(event => this.#event(event)).join('');
  }

  #event(event: JsonObject): string {
    const numbered = { ...event, sequence_number: this.#sequence };
    this.#sequence += 1;
    return toEvent(String(event.type), JSON.stringify(numbered));
  }
}
