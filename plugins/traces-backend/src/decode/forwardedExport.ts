import { gzipSync } from 'node:zlib';
import type { KeptDetails } from '../normalise/contentPolicy';
import type { NormalSpan } from '../normalise/normalise';
import type { Attributes, RawSpan, Value } from './RawSpan';

/** A resource that has it came from a portal that forwards, and is not forwarded again. */
const FORWARDED = 'agentportal.forwarded';

/** GenAI's names of what spans of each kind do. */
const OPERATIONS: Partial<Record<NormalSpan['kind'], string>> = {
  agent: 'invoke_agent',
  model: 'chat',
  tool: 'execute_tool',
  retrieval: 'retrieval',
  workflow: 'invoke_workflow',
};

/** A span with what is kept of it. */
export interface ReadSpan {
  raw: RawSpan;
  normal: NormalSpan;
  kept: KeptDetails;
}

/**
 * An OTLP export (JSON, gzip) of spans as the portal keeps them: without content that it may
 * not keep, without secrets, and with the GenAI names of facts beside those of their sender.
 *
 * @param agentRef - the agent whose token sent them, if it was one's
 */
export function forwardedExport(
  spans: ReadSpan[],
  resources: ReadonlyMap<RawSpan['resource'], Attributes>,
  agentRef: string | undefined,
): Uint8Array | undefined {
  const own = spans.filter(({ raw }) => raw.resource[FORWARDED] !== true);
  if (!own.length) {
    return undefined;
  }
  const resourceSpans = [...Map.groupBy(own, ({ raw }) => raw.resource)].map(
    ([resource, of]) => ({
      resource: {
        attributes: toOtlp({
          ...resources.get(resource),
          [FORWARDED]: true,
        }),
      },
      scopeSpans: [...Map.groupBy(of, ({ raw }) => raw.scope)].map(
        ([name, each]) => ({
          scope: { name },
          spans: each.map(span => toSpan(span, agentRef)),
        }),
      ),
    }),
  );
  return gzipSync(JSON.stringify({ resourceSpans }), { level: 1 });
}

function toSpan({ raw, normal, kept }: ReadSpan, agentRef: string | undefined) {
  return {
    traceId: normal.traceId,
    spanId: normal.spanId,
    ...(normal.parentId && { parentSpanId: normal.parentId }),
    name: normal.name,
    kind: 1,
    startTimeUnixNano: `${normal.startUs}000`,
    endTimeUnixNano: `${normal.startUs + normal.durationUs}000`,
    ...(raw.failed && {
      status: {
        code: 2,
        ...(kept.statusMessage && { message: kept.statusMessage }),
      },
    }),
    attributes: toOtlp({
      ...genAiOf(normal),
      ...kept.attributes,
      // Whoever holds an agent's token says nothing of other agents.
      ...(agentRef && { 'agentportal.agent': agentRef }),
    }),
    events: kept.events.map(({ name, atUs, attributes }) => ({
      name,
      timeUnixNano: `${atUs}000`,
      attributes: toOtlp(attributes),
    })),
  };
}

function genAiOf(span: NormalSpan): Attributes {
  const facts = {
    'gen_ai.operation.name': OPERATIONS[span.kind],
    'gen_ai.provider.name': span.provider,
    'gen_ai.request.model': span.kind === 'model' ? span.model : undefined,
    'gen_ai.tool.name': span.tool,
    'gen_ai.agent.name': span.agentName,
    'gen_ai.conversation.id': span.session,
    'gen_ai.usage.input_tokens': span.inputTokens,
    'gen_ai.usage.output_tokens': span.outputTokens,
    'gen_ai.usage.cache_read.input_tokens': span.cacheReadTokens,
    'error.type': span.error,
  };
  return Object.fromEntries(
    Object.entries(facts).filter(([, value]) => value !== undefined),
  ) as Attributes;
}

function toOtlp(attributes: Attributes) {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: toValue(value),
  }));
}

function toValue(value: Value): object {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'number':
      return Number.isSafeInteger(value)
        ? { intValue: String(value) }
        : { doubleValue: value };
    default:
      if (Array.isArray(value)) {
        return { arrayValue: { values: value.map(toValue) } };
      }
      return value === null ? {} : { kvlistValue: { values: toOtlp(value) } };
  }
}
