import { GatewayError } from '../../errors';
import type { ServerSentEvent } from '../../http/serverSentEvents';
import { toOpenAiUsage } from '../../usage/openAiUsage';
import type { AnswerChunk, JsonObject } from '../ModelProvider';
import { textBytesOf } from '../openAiChunks';
import { toFinishReason } from './completion';
import type { ThinkingBlock } from './thinking';
import {
  type AnthropicUsage,
  mergeAnthropicUsage,
  readAnthropicServed,
  readAnthropicUsage,
} from './usage';

interface AnthropicEvent {
  type?: string;
  index?: number;
  message?: { id?: string; model?: string; usage?: AnthropicUsage };
  content_block?: {
    type?: string;
    id?: string;
    name?: string;
    data?: string;
  };
  delta?: {
    type?: string;
    text?: string;
    partial_json?: string;
    thinking?: string;
    signature?: string;
    stop_reason?: string | null;
  };
  usage?: AnthropicUsage;
}

/** Nobody thinks as much; of an answer without end no more is kept. */
const MAX_THOUGHT_CHARS = 2_000_000;

/**
 * Translates Anthropic's stream events to OpenAI's chunks. Usage is told early
 * and again at the end, so what was used up to a break is known too.
 */
export async function* toChunks(
  provider: string,
  events: AsyncIterable<ServerSentEvent>,
  createdAt: number,
): AsyncGenerator<AnswerChunk> {
  const head: JsonObject = {
    object: 'chat.completion.chunk',
    created: Math.floor(createdAt / 1000),
  };
  let usage: AnthropicUsage | undefined;
  /** OpenAI numbers tool calls from 0, Anthropic numbers all blocks. */
  const toolIndex = new Map<number, number>();
  /** By the numbers of their blocks; told together once the answer is over. */
  const thoughts = new Map<number, ThinkingBlock>();
  let thoughtChars = 0;
  const isKept = (text: string | undefined) => {
    thoughtChars += text?.length ?? 0;
    return thoughtChars <= MAX_THOUGHT_CHARS;
  };

  const chunk = (
    delta: JsonObject,
    finishReason: string | null = null,
  ): AnswerChunk =>
    answerChunk(
      {
        ...head,
        choices: [{ index: 0, delta, finish_reason: finishReason }],
      },
      usage,
      false,
    );

  for await (const { data } of events) {
    const event = parse(provider, data);
    switch (event.type) {
      case 'message_start':
        head.id = event.message?.id;
        head.model = event.message?.model;
        usage = mergeAnthropicUsage(usage, event.message?.usage);
        yield chunk({ role: 'assistant', content: '' });
        break;
      case 'content_block_start':
        if (event.content_block?.type === 'tool_use') {
          toolIndex.set(event.index ?? 0, toolIndex.size);
          yield chunk({
            tool_calls: [
              {
                index: toolIndex.get(event.index ?? 0),
                id: event.content_block.id,
                type: 'function',
                function: { name: event.content_block.name, arguments: '' },
              },
            ],
          });
        } else if (event.content_block?.type === 'redacted_thinking') {
          const { data: redacted } = event.content_block;
          if (isKept(redacted)) {
            thoughts.set(event.index ?? 0, {
              type: 'redacted_thinking',
              data: redacted,
            });
          }
        } else if (event.content_block?.type === 'thinking') {
          thoughts.set(event.index ?? 0, { type: 'thinking', thinking: '' });
        }
        break;
      case 'content_block_delta': {
        const thought = thoughts.get(event.index ?? 0);
        if (thought && event.delta?.type === 'thinking_delta') {
          const text = event.delta.thinking ?? '';
          if (isKept(text)) {
            thought.thinking += text;
          }
          yield chunk({ reasoning_content: text });
        } else if (thought && event.delta?.type === 'signature_delta') {
          thought.signature = event.delta.signature;
        } else if (event.delta?.type === 'text_delta') {
          yield chunk({ content: event.delta.text ?? '' });
        } else if (event.delta?.type === 'input_json_delta') {
          yield chunk({
            tool_calls: [
              {
                index: toolIndex.get(event.index ?? 0) ?? 0,
                function: { arguments: event.delta.partial_json ?? '' },
              },
            ],
          });
        }
        break;
      }
      case 'message_delta':
        usage = mergeAnthropicUsage(usage, event.usage);
        if (event.delta?.stop_reason) {
          yield chunk(
            // In part they are not what was signed.
            thoughts.size > 0 && thoughtChars <= MAX_THOUGHT_CHARS
              ? { thinking_blocks: [...thoughts.values()] }
              : {},
            toFinishReason(event.delta.stop_reason),
          );
        }
        break;
      case 'message_stop': {
        const total = readAnthropicUsage(usage);
        if (total) {
          yield answerChunk(
            { ...head, choices: [], usage: toOpenAiUsage(total) },
            usage,
            true,
          );
        }
        return;
      }
      case 'error':
        throw new GatewayError(
          502,
          'provider_error',
          `The provider ${provider} failed in the middle of its answer; try again.`,
        );
      default:
        break;
    }
  }
  throw new GatewayError(
    502,
    'provider_stream_cut',
    `The provider ${provider} broke off in the middle of its answer; try again.`,
  );
}

function answerChunk(
  json: JsonObject,
  usage: AnthropicUsage | undefined,
  usageOnly: boolean,
): AnswerChunk {
  return {
    json,
    data: JSON.stringify(json),
    usage: readAnthropicUsage(usage),
    ...readAnthropicServed(usage),
    usageOnly,
    textBytes: textBytesOf(json, 'delta'),
  };
}

function parse(provider: string, data: string): AnthropicEvent {
  try {
    return JSON.parse(data) as AnthropicEvent;
  } catch (error) {
    throw new GatewayError(
      502,
      'provider_bad_answer',
      `The provider ${provider} sent an event that is not JSON.`,
      { cause: error },
    );
  }
}
