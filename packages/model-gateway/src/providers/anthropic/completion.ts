import { GatewayError } from '../../errors';
import { toOpenAiUsage } from '../../usage/openAiUsage';
import type { JsonObject, WholeAnswer } from '../ModelProvider';
import {
  type AnthropicUsage,
  readAnthropicServed,
  readAnthropicUsage,
} from './usage';
import { type ThinkingBlock, toldThoughts } from './thinking';

interface AnthropicMessage {
  id?: string;
  model?: string;
  stop_reason?: string | null;
  content?: Array<{
    type?: string;
    text?: string;
    id?: string;
    name?: string;
    input?: unknown;
    thinking?: string;
    signature?: string;
    data?: string;
  }>;
  usage?: AnthropicUsage;
}

/** Why Anthropic stopped, in OpenAI's words. */
export function toFinishReason(stopReason: unknown): string {
  switch (stopReason) {
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length';
    case 'tool_use':
      return 'tool_calls';
    case 'refusal':
      return 'content_filter';
    default:
      return 'stop';
  }
}

/** Translates Anthropic's message to OpenAI's chat completion. */
export function toCompletion(json: unknown, createdAt: number): WholeAnswer {
  const message = json as AnthropicMessage;
  if (!Array.isArray(message?.content)) {
    throw new GatewayError(
      502,
      'provider_bad_answer',
      'The provider did not answer with an Anthropic message; check its base URL.',
    );
  }
  const text = message.content
    .filter(block => block.type === 'text')
    .map(block => block.text ?? '')
    .join('');
  const toolCalls = message.content
    .filter(block => block.type === 'tool_use')
    .map(block => ({
      id: block.id,
      type: 'function',
      function: {
        name: block.name,
        arguments: JSON.stringify(block.input ?? {}),
      },
    }));
  const thoughts = message.content
    .filter(block => /^(redacted_)?thinking$/.test(block.type ?? ''))
    .map(block => block as ThinkingBlock);
  const usage = readAnthropicUsage(message.usage);
  const body: JsonObject = {
    id: message.id,
    object: 'chat.completion',
    created: Math.floor(createdAt / 1000),
    model: message.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text === '' && toolCalls.length > 0 ? null : text,
          refusal: null,
          ...toldThoughts(thoughts),
          ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
        },
        logprobs: null,
        finish_reason: toFinishReason(message.stop_reason),
      },
    ],
    ...(usage && { usage: toOpenAiUsage(usage) }),
  };
  return {
    body: JSON.stringify(body),
    usage,
    ...readAnthropicServed(message.usage),
    textBytes:
      Buffer.byteLength(text + JSON.stringify(toolCalls)) +
      thoughts.reduce(
        (sum, block) => sum + Buffer.byteLength(block.thinking ?? ''),
        0,
      ),
  };
}
