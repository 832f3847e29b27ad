import { randomBytes } from 'node:crypto';

let last = 0;

/** An attribute as OTLP has it in JSON. */
export function pair(key: string, value: unknown): object {
  const of = (item: unknown): object => {
    if (typeof item === 'string') return { stringValue: item };
    if (typeof item === 'boolean') return { boolValue: item };
    if (Array.isArray(item)) return { arrayValue: { values: item.map(of) } };
    if (typeof item === 'object' && item) {
      return {
        kvlistValue: { values: Object.entries(item).map(e => pair(...e)) },
      };
    }
    return Number.isInteger(item)
      ? { intValue: String(item) }
      : { doubleValue: item };
  };
  return { key, value: of(value) };
}

export const newTraceId = () => randomBytes(16).toString('hex');

/** A span as OTLP has it in JSON, of now unless told otherwise. */
export function span(
  options: {
    traceId?: string;
    spanId?: string;
    parentId?: string;
    name?: string;
    /** Milliseconds UTC. */
    start?: number;
    ms?: number;
    failed?: boolean;
    attributes?: Record<string, unknown>;
  } = {},
) {
  last += 1;
  const { start = Date.now() - 1_000, ms = 100 } = options;
  return {
    traceId: options.traceId ?? newTraceId(),
    spanId: options.spanId ?? last.toString(16).padStart(16, '0'),
    ...(options.parentId && { parentSpanId: options.parentId }),
    name: options.name ?? 'work',
    startTimeUnixNano: `${start}000000`,
    endTimeUnixNano: `${start + ms}000000`,
    attributes: Object.entries(options.attributes ?? {}).map(e => pair(...e)),
    ...(options.failed && { status: { code: 2, message: 'It broke' } }),
  };
}

/** A request with spans. */
export function exportOf(spans: object[], resource: object = {}): object {
  return {
    resourceSpans: [
      {
        resource: {
          attributes: Object.entries(resource).map(e => pair(...e)),
        },
        scopeSpans: [{ scope: { name: 'test' }, spans }],
      },
    ],
  };
}
