import { Root } from 'protobufjs/light';
import { z } from 'zod/v4';
import {
  type Attributes,
  MalformedExportError,
  type RawSpan,
  type Value,
} from './RawSpan';

/** What is read of one span at most; what is beyond is left out. */
const MAX_ATTRIBUTES = 256;
const MAX_EVENTS = 128;
/** How deep values may be nested. */
const MAX_DEPTH = 16;

const many = (type: string, id: number) => ({ rule: 'repeated', type, id });
const one = (type: string, id: number) => ({ type, id });

/**
 * As much of the protocol as is read.
 *
 * Source: opentelemetry-proto 1.11, trace/v1/trace.proto and common/v1/common.proto.
 */
const protocol = Root.fromJSON({
  nested: {
    Export: { fields: { resourceSpans: many('ResourceSpans', 1) } },
    ResourceSpans: {
      fields: {
        resource: one('Resource', 1),
        scopeSpans: many('ScopeSpans', 2),
      },
    },
    Resource: { fields: { attributes: many('KeyValue', 1) } },
    ScopeSpans: { fields: { scope: one('Scope', 1), spans: many('Span', 2) } },
    Scope: { fields: { name: one('string', 1) } },
    Span: {
      fields: {
        traceId: one('bytes', 1),
        spanId: one('bytes', 2),
        parentSpanId: one('bytes', 4),
        name: one('string', 5),
        startTimeUnixNano: one('fixed64', 7),
        endTimeUnixNano: one('fixed64', 8),
        attributes: many('KeyValue', 9),
        events: many('Event', 11),
        status: one('Status', 15),
      },
    },
    Event: {
      fields: {
        timeUnixNano: one('fixed64', 1),
        name: one('string', 2),
        attributes: many('KeyValue', 3),
      },
    },
    Status: { fields: { message: one('string', 2), code: one('int32', 3) } },
    KeyValue: { fields: { key: one('string', 1), value: one('AnyValue', 2) } },
    AnyValue: {
      fields: {
        stringValue: one('string', 1),
        boolValue: one('bool', 2),
        intValue: one('int64', 3),
        doubleValue: one('double', 4),
        arrayValue: one('ArrayValue', 5),
        kvlistValue: one('KeyValueList', 6),
        bytesValue: one('bytes', 7),
      },
    },
    ArrayValue: { fields: { values: many('AnyValue', 1) } },
    KeyValueList: { fields: { values: many('KeyValue', 1) } },
  },
}).lookupType('Export');

// In JSON ids are hexadecimal, 64-bit numbers text or numbers, and unknown fields are
// ignored. A value of another type than its own counts as left out, so that one bad field
// costs its span at most.
const text = z.string().catch('').default('');
const id = z
  .union([z.string(), z.instanceof(Uint8Array)])
  .catch('')
  .default('')
  .transform(value =>
    typeof value === 'string'
      ? value.toLowerCase()
      : Buffer.from(value).toString('hex'),
  );
const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .catch(undefined)
    .transform(items => items ?? []);
/** Of nanoseconds, which no number holds exactly. */
const microseconds = z
  .union([z.string().regex(/^\d{4,20}$/), z.number()])
  .catch(0)
  .default(0)
  .transform(time => {
    const micros =
      typeof time === 'string'
        ? Number(time.slice(0, -3))
        : Math.floor(time / 1_000);
    return Number.isSafeInteger(micros) && micros > 0 ? micros : 0;
  });
const attributes = list(z.unknown()).transform(pairs => attributesOf(pairs));
const status = z
  .object({
    code: z.union([z.string(), z.number()]).catch(0).default(0),
    message: text,
  })
  .nullish()
  .catch(undefined);
const spanSchema = z
  .object({
    traceId: id,
    spanId: id,
    parentSpanId: id,
    name: text,
    startTimeUnixNano: microseconds,
    endTimeUnixNano: microseconds,
    attributes,
    events: list(
      z.object({ name: text, timeUnixNano: microseconds, attributes }),
    ),
    status,
  })
  .nullable()
  .catch(null);
const exportSchema = z.object({
  resourceSpans: z
    .array(
      z.object({
        resource: z.object({ attributes }).nullish().catch(undefined),
        scopeSpans: list(
          z.object({
            scope: z.object({ name: text }).nullish().catch(undefined),
            spans: list(spanSchema),
          }),
        ),
      }),
    )
    .default([]),
});

/**
 * Reads an ExportTraceServiceRequest.
 *
 * @throws MalformedExportError when it is none
 */
export function decodeSpans(
  format: 'json' | 'protobuf',
  body: Uint8Array,
): RawSpan[] {
  let parsed;
  try {
    parsed = exportSchema.parse(
      format === 'json'
        ? JSON.parse(Buffer.from(body).toString('utf8'))
        : protocol.toObject(protocol.decode(body), { longs: String }),
    );
  } catch (error) {
    throw new MalformedExportError(
      `The body is not an ExportTraceServiceRequest in ${format}: ${
        (error as Error).message
      }`.slice(0, 500),
    );
  }
  return parsed.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const shared = resource?.attributes ?? {};
    return scopeSpans.flatMap(({ scope, spans }) =>
      spans.map(
        (span): RawSpan => ({
          traceId: span?.traceId ?? '',
          spanId: span?.spanId ?? '',
          parentId: span?.parentSpanId ?? '',
          name: span?.name ?? '',
          startUs: span?.startTimeUnixNano ?? 0,
          endUs: span?.endTimeUnixNano ?? 0,
          // Some write the name of the code.
          failed: [2, '2', 'STATUS_CODE_ERROR'].includes(
            span?.status?.code ?? 0,
          ),
          statusMessage: span?.status?.message ?? '',
          attributes: span?.attributes ?? {},
          events: (span?.events ?? [])
            .slice(0, MAX_EVENTS)
            .map(({ timeUnixNano, ...event }) => ({
              ...event,
              atUs: timeUnixNano,
            })),
          scope: scope?.name ?? '',
          resource: shared,
        }),
      ),
    );
  });
}

function attributesOf(pairs: unknown[], level = 0): Attributes {
  const map: Attributes = {};
  for (const pair of pairs.slice(0, MAX_ATTRIBUTES) as any[]) {
    if (typeof pair?.key === 'string' && pair.key !== '__proto__') {
      map[pair.key] = valueOf(pair.value, level);
    }
  }
  return map;
}

function valueOf(value: any, depth: number): Value {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) {
    return null;
  }
  const number = value.intValue ?? value.doubleValue;
  if (number !== undefined) {
    return Number.isFinite(Number(number)) ? Number(number) : null;
  }
  const plain = value.stringValue ?? value.boolValue ?? value.bytesValue;
  if (typeof plain === 'string' || typeof plain === 'boolean') {
    return plain;
  }
  if (plain instanceof Uint8Array) {
    return Buffer.from(plain).toString('base64');
  }
  if (Array.isArray(value.arrayValue?.values)) {
    return value.arrayValue.values
      .slice(0, MAX_ATTRIBUTES)
      .map((item: unknown) => valueOf(item, depth + 1));
  }
  if (Array.isArray(value.kvlistValue?.values)) {
    return attributesOf(value.kvlistValue.values, depth + 1);
  }
  return null;
}
