import { BaseCallbackHandler } from '@langchain/core/callbacks/base';
import {
  AIMessage,
  AIMessageChunk,
  type BaseMessage,
  ToolMessage,
} from '@langchain/core/messages';
import { ChatOpenAI, ChatOpenAICompletions } from '@langchain/openai';
import type {
  RefusedBudget,
  RunMessage,
  StepUsage,
} from '@agentportal/plugin-orchestration-common';
import { randomUUID } from 'node:crypto';
import { z } from 'zod/v4';
import type { AgentSnapshot } from '../agents/snapshot';
import { type GatewayCall, gatewayCall } from './gateway';
import { findCause, findRunFailure, RunFailure } from './RunFailure';

const CHARACTERS_PER_TOKEN = 4;
const COST_HEADER = 'x-agent-portal-cost-nano-usd';
/** Deeper arguments no tool takes, and frameworks that walk them fail. */
const MAX_ARGUMENT_DEPTH = 100;

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

  handleLLMNewToken(token: string): void {
    if (token) {
      gatewayCall.getStore()?.onText?.(token);
    }
  }
}

/**
 * Chat completions of providers that leave out whose answer it is. LangChain
 * does not tell why an answer ended while it streams, so that is noted here.
 */
class Completions extends ChatOpenAICompletions {
  async completionWithRetry(request: any, options?: any): Promise<any> {
    const answer = await super.completionWithRetry(request, options);
    return request.stream ? readChunks(answer, gatewayCall.getStore()) : answer;
  }
}

/** What the gateway's guard tells at the end of a stream. */
const guardSchema = z.object({ hidden: z.array(z.string().max(50)).max(20) });

async function* readChunks(chunks: AsyncIterable<any>, call?: GatewayCall) {
  for await (const chunk of chunks) {
    const choice = chunk.choices?.[0];
    if (choice?.delta) {
      choice.delta.role ??= 'assistant';
    }
    if (call && choice?.finish_reason) {
      call.finishReason = choice.finish_reason;
    }
    if (call) {
      noteUsage(call, chunk);
      call.hidden =
        guardSchema.safeParse(chunk.guard).data?.hidden ?? call.hidden;
    }
    yield chunk;
  }
}

/** An answer may break off, and what it has cost until then must be known. */
function noteUsage(call: GatewayCall, chunk: any): void {
  const { usage } = chunk;
  if (usage) {
    call.usage = {
      inputTokens: toCount(usage.prompt_tokens),
      outputTokens: toCount(usage.completion_tokens),
      costNanoUsd: toCount(usage.cost_nano_usd),
    };
  }
  const delta = chunk.choices?.[0]?.delta;
  call.receivedCharacters =
    (call.receivedCharacters ?? 0) + (delta ? JSON.stringify(delta).length : 0);
}

function toCount(value: unknown): number {
  const count = Number(value);
  return Number.isSafeInteger(count) && count > 0 ? count : 0;
}

/**
 * What a model call has used that broke off or was stopped: what the gateway
 * has told or booked, else an estimate of the tokens.
 *
 * @param booked - asks the gateway for what it has booked
 */
export async function usageOfBroken(
  call: GatewayCall,
  sent: BaseMessage[],
  booked: () => Promise<StepUsage | undefined>,
): Promise<StepUsage | undefined> {
  if (call.usage || !call.sent) {
    return call.usage;
  }
  const cost = toCount(call.responseHeaders?.get(COST_HEADER));
  if (call.refusal) {
    return cost
      ? { inputTokens: 0, outputTokens: 0, costNanoUsd: cost }
      : undefined;
  }
  const known = await booked();
  if (known || !call.responseHeaders) {
    return known;
  }
  const characters = sent.reduce((sum, { text }) => sum + text.length, 0);
  return {
    inputTokens: Math.ceil(characters / CHARACTERS_PER_TOKEN),
    outputTokens: Math.ceil(
      (call.receivedCharacters ?? 0) / CHARACTERS_PER_TOKEN,
    ),
    costNanoUsd: cost,
  };
}

/** The chat model of an agent, reached through the model gateway. */
export function createChatModel(options: {
  agent: AgentSnapshot;
  model: string;
  baseUrl: string;
  fetch: typeof fetch;
}): ChatOpenAI {
  const { temperature, maxTokens } = options.agent.spec.modelSettings ?? {};
  const fields = {
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
    callbacks: [new TextListener()],
  };
  return new ChatOpenAI({ ...fields, completions: new Completions(fields) });
}

/** What the gateway told about a finished model call. */
export interface ModelCallFacts {
  usage: StepUsage;
  modelId?: string;
  modelReason?: string;
  hidden?: string[];
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
  const cost = raw.usage?.cost_nano_usd ?? headers?.get(COST_HEADER);
  const modelId = headers?.get('x-agent-portal-model') ?? raw.model_name;
  const reason = headers?.get('x-agent-portal-route-reason');
  return {
    // The last that a stream told is what the gateway has booked; LangChain
    // adds up what came before.
    usage: call.usage ?? {
      inputTokens: toCount(message.usage_metadata?.input_tokens),
      outputTokens: toCount(message.usage_metadata?.output_tokens),
      costNanoUsd: toCount(cost),
    },
    ...(modelId ? { modelId } : {}),
    ...(reason ? { modelReason: decode(reason) } : {}),
    ...(call.hidden ? { hidden: call.hidden } : {}),
  };
}

/** Says why a model call failed, in the gateway's words where it had any. */
export function toModelFailure(error: unknown, call: GatewayCall): RunFailure {
  const known = findRunFailure(error);
  if (known) {
    return known;
  }
  const budget = findCause(error, budgetIn);
  if (call.refusal) {
    return new RunFailure('ModelCallFailed', call.refusal.message, {
      cause: error,
      budget,
    });
  }
  // An error inside a stream comes with the gateway's own object.
  const said = (error as { error?: { message?: unknown } } | undefined)?.error
    ?.message;
  if (typeof said === 'string' && said) {
    return new RunFailure('ModelCallFailed', said, { cause: error, budget });
  }
  return new RunFailure(
    'ModelCallFailed',
    call.responseHeaders
      ? "The model's answer broke off before it was complete. Try again."
      : 'The model gateway could not be reached. Try again in a moment.',
    { cause: error },
  );
}

const budgetSchema = z.object({
  id: z.string(),
  scope: z.object({ type: z.string(), ref: z.string().optional() }),
  window: z.string(),
  limitNanoUsd: z.int(),
  leftNanoUsd: z.int(),
  neededNanoUsd: z.int(),
  renewsAt: z.string().optional(),
  contactRef: z.string().optional(),
});

/** The budget that an error of the gateway says to have no room. */
function budgetIn(error: Error): RefusedBudget | undefined {
  // The SDK keeps the gateway's error object whole.
  const { error: said } = error as { error?: { budget?: unknown } };
  return budgetSchema.safeParse(said?.budget).data;
}

/** The failure of a run whose model said nothing and asked for nothing. */
export function emptyAnswer(): RunFailure {
  return new RunFailure(
    'ModelCallFailed',
    'The model gave an empty answer. Ask again, or in other words.',
  );
}

/**
 * A model's answer under ids of our own. Providers may repeat theirs, and
 * LangGraph takes messages of the same id for one, as it does with tool calls.
 *
 * @param usedIds - ids of earlier tool calls; those of this answer are added
 */
export function withOwnIds(
  answer: AIMessage,
  id: string,
  usedIds: Set<string>,
): AIMessage {
  return new AIMessage({
    id,
    content: answer.content,
    response_metadata: answer.response_metadata,
    usage_metadata: answer.usage_metadata,
    tool_calls: answer.tool_calls?.map(call => {
      const own =
        call.id && !usedIds.has(call.id)
          ? call.id
          : randomUUID().replaceAll('-', '');
      usedIds.add(own);
      return { ...call, args: wellFormed(call.args), id: own };
    }),
  });
}

/** Why the tool calls of an answer are not whole, if they are not. */
export function incompleteToolCalls(
  answer: AIMessage,
  reason: string | undefined,
): RunFailure | undefined {
  const asked =
    (answer.tool_calls?.length ?? 0) + (answer.invalid_tool_calls?.length ?? 0);
  if (asked && (reason === 'length' || reason === 'content_filter')) {
    return new RunFailure(
      'AnswerIncomplete',
      reason === 'length'
        ? "The model's answer was cut off at its length limit in the middle of a tool call, so the call was not made. Ask for less at once, or ask the agent's owner to raise modelSettings.maxTokens."
        : "The model provider's filter cut the answer off in the middle of a tool call, so the call was not made. Put the question in other words.",
    );
  }
  // LangChain completes JSON that breaks off; only what came over the wire
  // tells whether it was whole.
  const written = AIMessageChunk.isInstance(answer)
    ? answer.tool_call_chunks
    : undefined;
  if (
    answer.invalid_tool_calls?.length ||
    written?.some(({ args }) => !isJsonObject(args?.trim() || '{}'))
  ) {
    return new RunFailure(
      'AnswerIncomplete',
      'The model asked for a tool with arguments that break off or are no JSON, so the call was not made. Ask again.',
    );
  }
  return undefined;
}

/** @throws RunFailure for tool calls with arguments that no tool takes */
export function refuseDeepArguments(answer: AIMessage): void {
  if (answer.tool_calls?.some(({ args }) => isDeep(args))) {
    throw new RunFailure(
      'AnswerIncomplete',
      `The model asked for a tool with arguments that are nested more than ${MAX_ARGUMENT_DEPTH} levels deep, so the call was not made. Ask again.`,
    );
  }
}

/** Level by level, because a function that calls itself would fail as well. */
function isDeep(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; depth <= MAX_ARGUMENT_DEPTH; depth += 1) {
    level = level.flatMap(each =>
      each !== null && typeof each === 'object' ? Object.values(each) : [],
    );
    if (!level.length) {
      return false;
    }
  }
  return true;
}

/** Models cut characters in half, which no canonical JSON can say. */
function wellFormed<T>(value: T): T {
  if (typeof value === 'string') {
    return value.toWellFormed() as T;
  }
  if (Array.isArray(value)) {
    return value.map(wellFormed) as T;
  }
  return value !== null && typeof value === 'object'
    ? (Object.fromEntries(
        Object.entries(value).map(([key, each]) => [
          key.toWellFormed(),
          wellFormed(each),
        ]),
      ) as T)
    : value;
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** A message as it is kept; people know tools by the names of the catalog. */
export function describeMessage(
  message: BaseMessage,
  toolName: (modelName: string) => string,
): Omit<RunMessage, 'id'> {
  const { type } = message;
  const calls = AIMessage.isInstance(message) ? message.tool_calls : undefined;
  return {
    role: ROLES[type] ?? type,
    content: message.text,
    ...(calls?.length
      ? {
          toolCalls: calls.map(({ id, name, args }) => ({
            id: id ?? '',
            name: toolName(name),
            args,
          })),
        }
      : {}),
    ...(ToolMessage.isInstance(message)
      ? { toolCallId: message.tool_call_id }
      : {}),
  };
}

function decode(header: string): string {
  try {
    return decodeURIComponent(header);
  } catch {
    return header;
  }
}
