import type { SpanKind } from '@agentportal/plugin-traces-common';
import type { Attributes } from '../decode/RawSpan';

/** `gen_ai.operation.name` of today and of older conventions. */
const OPERATIONS: Record<string, SpanKind> = {
  chat: 'model',
  text_completion: 'model',
  generate_content: 'model',
  embeddings: 'model',
  fetch_response: 'model',
  invoke_agent: 'agent',
  create_agent: 'agent',
  execute_tool: 'tool',
  retrieval: 'retrieval',
  rerank: 'retrieval',
  invoke_workflow: 'workflow',
  execute_task: 'workflow',
  plan: 'workflow',
  run_guardrail: 'guard',
  apply_guardrail: 'guard',
};

/** `openinference.span.kind`, and `langsmith.span.kind`, which has the same words. */
const OPENINFERENCE: Record<string, SpanKind> = {
  LLM: 'model',
  EMBEDDING: 'model',
  CHAIN: 'workflow',
  PROMPT: 'workflow',
  TOOL: 'tool',
  RETRIEVER: 'retrieval',
  RERANKER: 'retrieval',
  AGENT: 'agent',
  GUARDRAIL: 'guard',
  EVALUATOR: 'other',
};

/** `traceloop.span.kind` of OpenLLMetry. */
const TRACELOOP: Record<string, SpanKind> = {
  workflow: 'workflow',
  task: 'workflow',
  agent: 'agent',
  tool: 'tool',
};

/** Which convention a span follows, by what only spans of that convention have. */
export type Dialect =
  | 'openinference'
  | 'openllmetry'
  | 'vercel-ai'
  | 'langsmith'
  | 'gen-ai'
  | 'none';

export function dialectOf(attributes: Attributes): Dialect {
  if ('openinference.span.kind' in attributes) return 'openinference';
  if ('traceloop.span.kind' in attributes) return 'openllmetry';
  if ('ai.operationId' in attributes) return 'vercel-ai';
  if ('langsmith.span.kind' in attributes) return 'langsmith';
  for (const key of Object.keys(attributes)) {
    if (key.startsWith('gen_ai.')) return 'gen-ai';
    if (key.startsWith('llm.')) return 'openllmetry';
  }
  return 'none';
}

/** What a span is of, in one vocabulary for all. */
export function kindOf(attributes: Attributes, dialect: Dialect): SpanKind {
  const marked = byMarker(attributes, dialect);
  if (marked) {
    return marked;
  }
  const operation = kindIn(OPERATIONS, attributes['gen_ai.operation.name']);
  if (operation) {
    return operation;
  }
  if (attributes['gen_ai.tool.name'] ?? attributes['mcp.tool.name']) {
    return 'tool';
  }
  if (
    attributes['llm.request.type'] ??
    attributes['gen_ai.request.model'] ??
    attributes['llm.model_name']
  ) {
    return 'model';
  }
  return 'other';
}

function byMarker(
  attributes: Attributes,
  dialect: Dialect,
): SpanKind | undefined {
  switch (dialect) {
    case 'openinference':
      return kindIn(OPENINFERENCE, attributes['openinference.span.kind']);
    case 'langsmith':
      return kindIn(
        OPENINFERENCE,
        String(attributes['langsmith.span.kind']).toUpperCase(),
      );
    case 'openllmetry':
      return kindIn(TRACELOOP, attributes['traceloop.span.kind']);
    case 'vercel-ai': {
      const operation = String(attributes['ai.operationId']);
      if (operation === 'ai.toolCall') return 'tool';
      // The outer span repeats the tokens of the calls within.
      if (/\.do(Generate|Stream|Embed)$/.test(operation)) return 'model';
      return operation.startsWith('ai.embed') ? 'workflow' : 'agent';
    }
    default:
      return undefined;
  }
}

/** Whoever sends spans chooses the word, which may be one that every object has. */
function kindIn(
  kinds: Record<string, SpanKind>,
  word: unknown,
): SpanKind | undefined {
  return typeof word === 'string' && Object.hasOwn(kinds, word)
    ? kinds[word]
    : undefined;
}
