import { randomUUID } from 'node:crypto';
import type { ParsedRequest } from './request';
import { countTokens, promptTokens, tokensOf } from './tokens';

/**
 * A function call as OpenAI writes it; `arguments` is JSON text.
 *
 * @public
 */
export interface ToolCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

/**
 * Token counts of one completion, by this model's own tokens.
 *
 * @public
 */
export interface CompletionUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

/**
 * Why a completion ended.
 *
 * @public
 */
export type FinishReason = 'stop' | 'length' | 'tool_calls';

/**
 * An OpenAI chat completion.
 *
 * @public
 */
export interface ChatCompletion {
  id: string;
  object: 'chat.completion';
  created: number;
  model: string;
  choices: [
    {
      index: 0;
      message: {
        role: 'assistant';
        content: string | null;
        refusal: string | null;
        tool_calls?: ToolCall[];
      };
      logprobs: null;
      finish_reason: FinishReason;
    },
  ];
  usage: CompletionUsage;
}

/** What the model decided: to call tools, to answer, or to say why it cannot fill the asked format. */
export type Reply =
  | {
      kind: 'calls';
      calls: { name: string; arguments: Record<string, unknown> }[];
    }
  | { kind: 'text'; text: string }
  | { kind: 'refusal'; reason: string };

function cut(text: string, request: ParsedRequest) {
  const stops = [request.stop ?? []].flat().filter(Boolean);
  const at = stops
    .map(stop => text.indexOf(stop))
    .filter(index => index >= 0)
    .sort((a, b) => a - b)[0];
  const stopped = at === undefined ? text : text.slice(0, at);
  const limit = request.max_completion_tokens ?? request.max_tokens;
  if (!limit) return { text: stopped, reason: 'stop' as const };
  const tokens = tokensOf(stopped);
  return tokens.length > limit
    ? { text: tokens.slice(0, limit).join(''), reason: 'length' as const }
    : { text: stopped, reason: 'stop' as const };
}

/** Writes a reply as a chat completion. */
export function completionOf(
  reply: Reply,
  request: ParsedRequest,
  model: string,
): ChatCompletion {
  const prompt = promptTokens(request);
  const message: ChatCompletion['choices'][0]['message'] = {
    role: 'assistant',
    content: null,
    refusal: null,
  };
  let reason: FinishReason = 'stop';
  let spent = 0;
  if (reply.kind === 'calls') {
    reason = 'tool_calls';
    message.tool_calls = reply.calls.map(call => ({
      id: `call_${randomUUID().replace(/-/g, '').slice(0, 24)}`,
      type: 'function',
      function: { name: call.name, arguments: JSON.stringify(call.arguments) },
    }));
    for (const call of message.tool_calls) {
      spent += 3 + countTokens(call.function.name + call.function.arguments);
    }
  } else if (reply.kind === 'refusal') {
    message.refusal = reply.reason;
    spent = countTokens(reply.reason);
  } else {
    const part = cut(reply.text, request);
    message.content = part.text;
    reason = part.reason;
    spent = countTokens(part.text);
  }
  return {
    id: `chatcmpl-${randomUUID().replace(/-/g, '')}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: reason }],
    usage: {
      prompt_tokens: prompt,
      completion_tokens: spent,
      total_tokens: prompt + spent,
    },
  };
}
