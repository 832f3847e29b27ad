import { BaseCallbackHandler } from '@langchain/core/callbacks/base';
import type { AIMessage, BaseMessage } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import type { StepUsage } from '@agentportal/plugin-orchestration-common';
import type { AgentSnapshot } from '../agents/snapshot';
import { type GatewayCall, gatewayCall } from './gateway';
import { findRunFailure, RunFailure } from './RunFailure';

const ROLES: Record<string, string> = {
  human: 'user',
  ai: 'assistant',
  system: 'system',
  tool: 'tool',
};

/** Passes text on as the model writes it, and makes LangChain stream at all. */
class TextListener extends BaseCallbackHandler {
  readonly name = 'AgentPortalTextListener';
  readonly lc_prefer_streaming = true;
  readonly awaitHandlers = true;

  static create(): TextListener {
    return new TextListener();
  }

  handleLLMNewToken(token: string): void {
    if (token) {
      gatewayCall.getStore()?.onText?.(token);
    }
  }
}

/** The chat model of an agent, reached through the model gateway. */
export function createChatModel(options: {
  agent: AgentSnapshot;
  model: string;
  baseUrl: string;
  fetch: typeof fetch;
}): ChatOpenAI {
  const { temperature, maxTokens } = options.agent.spec.modelSettings ?? {};
  return new ChatOpenAI({
    model: options.model,
    temperature,
    maxTokens,
    // Every provider is behind the gateway's chat completions.
    useResponsesApi: false,
    // Retrying is the gateway's business; it knows the providers.
    maxRetries: 0,
    // The token is put in by our fetch, anew for each call.
    apiKey: 'set-per-request',
    configuration: {
      baseURL: `${options.baseUrl}/openai/v1`,
      fetch: options.fetch,
      maxRetries: 0,
    },
    callbacks: [TextListener.create()],
  });
}

/** What the gateway told about a finished model call. */
export interface ModelCallFacts {
  usage: StepUsage;
  modelId?: string;
  modelReason?: string;
}

/** Reads tokens, cost and the model that served from the answer. */
export function readModelCallFacts(
  message: AIMessage,
  call: GatewayCall,
): ModelCallFacts {
  const headers = call.responseHeaders;
  const raw = message.response_metadata as {
    usage?: { cost_nano_usd?: unknown };
    model_name?: string;
  };
  const cost = Number(
    raw.usage?.cost_nano_usd ??
      headers?.get('x-agent-portal-cost-nano-usd') ??
      0,
  );
  const modelId = headers?.get('x-agent-portal-model') ?? raw.model_name;
  const reason = headers?.get('x-agent-portal-route-reason');
  return {
    usage: {
      inputTokens: message.usage_metadata?.input_tokens ?? 0,
      outputTokens: message.usage_metadata?.output_tokens ?? 0,
      costNanoUsd: Number.isSafeInteger(cost) && cost > 0 ? cost : 0,
    },
    ...(modelId ? { modelId } : {}),
    ...(reason ? { modelReason: decode(reason) } : {}),
  };
}

/** Says why a model call failed, in the gateway's words where it had any. */
export function toModelFailure(error: unknown, call: GatewayCall): RunFailure {
  const known = findRunFailure(error);
  if (known) {
    return known;
  }
  if (call.refusal) {
    return new RunFailure('ModelCallFailed', call.refusal.message, {
      cause: error,
    });
  }
  // An error inside a stream comes with the gateway's own object.
  const said = (error as { error?: { message?: unknown } } | undefined)?.error
    ?.message;
  if (typeof said === 'string' && said) {
    return new RunFailure('ModelCallFailed', said, { cause: error });
  }
  return new RunFailure(
    'ModelCallFailed',
    call.responseHeaders
      ? "The model's answer broke off before it was complete. Try again."
      : 'The model gateway could not be reached. Try again in a moment.',
    { cause: error },
  );
}

/** The failure of a run whose model said nothing and asked for nothing. */
export function emptyAnswer(): RunFailure {
  return new RunFailure(
    'ModelCallFailed',
    'The model gave an empty answer. Ask again, or in other words.',
  );
}

/** Messages as a step shows them. */
export function describeMessages(
  messages: BaseMessage[],
  toolName: (modelName: string) => string,
): unknown[] {
  return messages.map(message => {
    const { tool_calls: toolCalls, tool_call_id: toolCallId } =
      message as BaseMessage & {
        tool_calls?: Array<{ name: string; args: unknown }>;
        tool_call_id?: string;
      };
    return {
      role: ROLES[message.getType()] ?? message.getType(),
      content: message.text,
      ...(toolCalls?.length
        ? {
            toolCalls: toolCalls.map(({ name, args }) => ({
              name: toolName(name),
              args,
            })),
          }
        : {}),
      ...(toolCallId ? { toolCallId } : {}),
    };
  });
}

function decode(header: string): string {
  try {
    return decodeURIComponent(header);
  } catch {
    return header;
  }
}
