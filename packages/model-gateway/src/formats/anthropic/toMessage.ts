import { GatewayError } from '../../errors';
import type { JsonObject } from '../../providers/ModelProvider';
import type { Bill } from '../../stages/Attempt';
import {
  cacheReadTokens,
  cacheWriteTokens,
  inputTokens,
  outputTokens,
  type TokenUsage,
} from '../../usage/tokenUsage';
import { readChatCompletion } from '../chatAnswer';
import type { MessagesRequest } from './messages';

/** Translates a chat completion to Anthropic's message. */
export function toMessage(
  body: string,
  bill: Bill,
  callId: string,
  asked: MessagesRequest,
): JsonObject {
  const { model, said, finishReason } = readChatCompletion(body);
  const text = said.content || said.refusal;
  const content = [
    ...(said.reasoning_content && wantsThinking(asked)
      ? [{ type: 'thinking', thinking: said.reasoning_content, signature: '' }]
      : []),
    ...(text ? [{ type: 'text', text, citations: null }] : []),
    ...(said.tool_calls ?? []).flatMap(call =>
      toToolUse(call.id, call.function ?? {}, finishReason),
    ),
  ];
  const calls = content.some(block => block.type === 'tool_use');
  return {
    ...emptyMessage(callId, model ?? asked.model),
    content,
    stop_reason: said.refusal ? 'refusal' : toStopReason(finishReason, calls),
    usage: { ...toAnthropicUsage(bill.usage), cost_nano_usd: bill.costNanoUsd },
  };
}

/** A message before anything was said. */
export function emptyMessage(callId: string, model: string): JsonObject {
  return {
    id: `msg_${callId}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
  };
}

/** Reasoning of other models is shown only to those who asked for thinking. */
export function wantsThinking({ thinking }: MessagesRequest): boolean {
  return Boolean(thinking) && thinking?.type !== 'disabled';
}

/** Why a model stopped, in Anthropic's words. */
export function toStopReason(
  finishReason: string | undefined,
  calls: boolean,
): string {
  switch (finishReason) {
    case 'length':
      return 'max_tokens';
    case 'content_filter':
      return 'refusal';
    default:
      // Some providers say `stop` although tools are called.
      return calls ? 'tool_use' : 'end_turn';
  }
}

/** Writes a usage in Anthropic's form, where cached tokens stand beside the input. */
export function toAnthropicUsage(usage: TokenUsage): JsonObject {
  return {
    input_tokens:
      inputTokens(usage) - cacheReadTokens(usage) - cacheWriteTokens(usage),
    cache_creation_input_tokens: cacheWriteTokens(usage),
    cache_read_input_tokens: cacheReadTokens(usage),
    ...(usage.cacheWrite1h && {
      cache_creation: {
        ephemeral_5m_input_tokens: usage.cacheWrite,
        ephemeral_1h_input_tokens: usage.cacheWrite1h,
      },
    }),
    output_tokens: outputTokens(usage),
    ...(usage.reasoning > 0 && {
      output_tokens_details: { thinking_tokens: usage.reasoning },
    }),
  };
}

function toToolUse(
  id: string | null | undefined,
  fn: { name?: string | null; arguments?: string | null },
  finishReason: string | undefined,
): JsonObject[] {
  try {
    return [
      {
        type: 'tool_use',
        id,
        name: fn.name,
        input: JSON.parse(fn.arguments || '{}'),
      },
    ];
  } catch (error) {
    if (finishReason === 'length') {
      // Cut off by the limit on tokens, which the stop reason tells.
      return [];
    }
    throw new GatewayError(
      502,
      'provider_bad_answer',
      `The model called the tool ${fn.name} with arguments that are not JSON; try again.`,
      { cause: error },
    );
  }
}
