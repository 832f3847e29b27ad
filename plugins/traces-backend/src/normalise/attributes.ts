import type { Attributes } from '../decode/RawSpan';

/**
 * More tokens than any call has; such numbers are mistakes, and would spoil sums. Three of
 * them fit into the 32 bits of a column.
 */
const MAX_COUNT = 5e8;

/** The first of these attributes that is a text. */
export function text(
  attributes: Attributes,
  ...keys: string[]
): string | undefined {
  for (const key of keys) {
    const value = attributes[key];
    if (typeof value === 'string' && value !== '') {
      return value;
    }
  }
  return undefined;
}

/** The first of these attributes that is a count. */
export function count(
  attributes: Attributes,
  ...keys: string[]
): number | undefined {
  for (const key of keys) {
    const value = attributes[key];
    if (typeof value === 'number' && value >= 0 && value < MAX_COUNT) {
      return Math.round(value);
    }
  }
  return undefined;
}

/** The names under which each fact stands, the newest first. */
export const NAMES = {
  model: [
    'agentportal.model',
    'gen_ai.response.model',
    'gen_ai.request.model',
    'llm.model_name',
    'embedding.model_name',
    'reranker.model_name',
    'ai.response.model',
    'ai.model.id',
    'llm.response.model',
    'llm.request.model',
  ],
  provider: [
    'gen_ai.provider.name',
    'gen_ai.system',
    'llm.provider',
    'llm.system',
    'ai.model.provider',
    'llm.vendor',
  ],
  tool: [
    'agentportal.tool',
    'gen_ai.tool.name',
    'tool.name',
    'ai.toolCall.name',
    'mcp.tool.name',
  ],
  agentName: [
    'gen_ai.agent.name',
    'agent.name',
    'crewai.agent.role',
    'ai.telemetry.functionId',
  ],
  session: [
    'session.id',
    'gen_ai.conversation.id',
    'langfuse.session.id',
    'traceloop.association.properties.session_id',
    'ai.telemetry.metadata.sessionId',
    'langsmith.trace.session_id',
  ],
  user: [
    'agentportal.user',
    'user.id',
    'enduser.id',
    'langfuse.user.id',
    'traceloop.association.properties.user_id',
    'ai.telemetry.metadata.userId',
  ],
  inputTokens: [
    'gen_ai.usage.input_tokens',
    'gen_ai.usage.prompt_tokens',
    'llm.token_count.prompt',
    'llm.usage.prompt_tokens',
    'ai.usage.inputTokens',
    'ai.usage.promptTokens',
    'ai.usage.tokens',
  ],
  outputTokens: [
    'gen_ai.usage.output_tokens',
    'gen_ai.usage.completion_tokens',
    'llm.token_count.completion',
    'llm.usage.completion_tokens',
    'ai.usage.outputTokens',
    'ai.usage.completionTokens',
  ],
  cacheReadTokens: [
    'gen_ai.usage.cache_read.input_tokens',
    'gen_ai.usage.cache_read_input_tokens',
    'gen_ai.usage.cached_input_tokens',
    'llm.token_count.prompt_details.cache_read',
    'ai.usage.cachedInputTokens',
  ],
  cacheWriteTokens: [
    'gen_ai.usage.cache_write.input_tokens',
    'gen_ai.usage.cache_creation.input_tokens',
    'gen_ai.usage.cache_creation_input_tokens',
    'llm.token_count.prompt_details.cache_write',
  ],
} as const;
