import type { JsonObject } from '../../providers/ModelProvider';
import type { Bill } from '../../stages/Attempt';
import {
  cacheReadTokens,
  cacheWriteTokens,
  inputTokens,
  outputTokens,
  type TokenUsage,
} from '../../usage/tokenUsage';
import { type ChatAnswer, readChatCompletion } from '../chatAnswer';
import type { ResponsesRequest } from './responses';

/** The call that a response answers. */
export interface ResponseCall {
  callId: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  asked: ResponsesRequest;
}

/** Translates a chat completion to a response. */
export function toResponse(
  body: string,
  bill: Bill,
  call: ResponseCall,
): JsonObject {
  const answer = readChatCompletion(body);
  const { said } = answer;
  const output: JsonObject[] = [];
  const parts = [
    ...(said.content ? [textPart(said.content)] : []),
    ...(said.refusal ? [refusalPart(said.refusal)] : []),
  ];
  if (parts.length > 0) {
    output.push(messageItem(`msg_${call.callId}`, parts));
  }
  for (const [index, { id, function: fn }] of (
    said.tool_calls ?? []
  ).entries()) {
    output.push(
      callItem({
        id: `fc_${call.callId}_${index}`,
        callId: id ?? `call_${call.callId}_${index}`,
        name: fn?.name ?? '',
        args: fn?.arguments ?? '',
      }),
    );
  }
  return {
    ...responseHead(call, answer.model),
    ...responseEnd(answer, bill, Date.now()),
    output,
  };
}

/** A response before anything was said. Settings are told as they were asked. */
export function responseHead(
  { callId, createdAt, asked }: ResponseCall,
  model: string | undefined,
): JsonObject {
  return {
    id: `resp_${callId}`,
    object: 'response',
    created_at: Math.floor(createdAt / 1000),
    completed_at: null,
    status: 'in_progress',
    background: false,
    error: null,
    frequency_penalty: asked.frequency_penalty ?? 0,
    incomplete_details: null,
    instructions: asked.instructions ?? null,
    max_output_tokens: asked.max_output_tokens ?? null,
    max_tool_calls: null,
    metadata: asked.metadata ?? {},
    model: model ?? asked.model,
    output: [],
    parallel_tool_calls: asked.parallel_tool_calls ?? true,
    presence_penalty: asked.presence_penalty ?? 0,
    previous_response_id: null,
    prompt_cache_key: asked.prompt_cache_key ?? null,
    reasoning: { effort: asked.reasoning?.effort ?? null, summary: null },
    safety_identifier: asked.safety_identifier ?? null,
    service_tier: 'default',
    store: false,
    temperature: asked.temperature ?? 1,
    text: { ...asked.text, format: toldFormat(asked.text?.format) },
    tool_choice: asked.tool_choice ?? 'auto',
    tools: (asked.tools ?? []).map(tool => ({
      description: null,
      parameters: null,
      strict: null,
      ...tool,
    })),
    top_logprobs: 0,
    top_p: asked.top_p ?? 1,
    truncation: 'disabled',
    usage: null,
  };
}

/** What nobody asked for is told as null. */
function toldFormat(format: JsonObject | null | undefined): JsonObject {
  if (format?.type !== 'json_schema') {
    return format ?? { type: 'text' };
  }
  const { description = null, schema = null, strict } = format;
  return { ...format, description, schema, strict: strict ?? false };
}

/** What is known once the answer is over. */
export function responseEnd(
  { finishReason }: Pick<ChatAnswer, 'finishReason'>,
  bill: Bill,
  now: number,
): JsonObject {
  const reason =
    finishReason === 'length'
      ? 'max_output_tokens'
      : finishReason === 'content_filter' && 'content_filter';
  return {
    status: reason ? 'incomplete' : 'completed',
    completed_at: reason ? null : Math.floor(now / 1000),
    incomplete_details: reason ? { reason } : null,
    usage: { ...toUsage(bill.usage), cost_nano_usd: bill.costNanoUsd },
  };
}

function toUsage(usage: TokenUsage): JsonObject {
  return {
    input_tokens: inputTokens(usage),
    input_tokens_details: {
      cached_tokens: cacheReadTokens(usage),
      cache_write_tokens: cacheWriteTokens(usage),
    },
    output_tokens: outputTokens(usage),
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: inputTokens(usage) + outputTokens(usage),
  };
}

export function messageItem(
  id: string,
  content: JsonObject[],
  status = 'completed',
): JsonObject {
  return { id, type: 'message', status, role: 'assistant', content };
}

export function textPart(text: string): JsonObject {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

export function refusalPart(refusal: string): JsonObject {
  return { type: 'refusal', refusal };
}

export function callItem(
  call: { id: string; callId: string; name: string; args: string },
  status = 'completed',
): JsonObject {
  return {
    id: call.id,
    type: 'function_call',
    status,
    call_id: call.callId,
    name: call.name,
    arguments: call.args,
  };
}
