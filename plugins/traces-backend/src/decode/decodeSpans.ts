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

const exportSchema = z.object({
  resourceSpans: z
    .array(
      z.object({
        resource: z.unknown().optional(),
        scopeSpans: z.array(z.unknown()).nullish(),
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
    const shared = attributesOf((resource as any)?.attributes);
    return listOf(scopeSpans).flatMap(of =>
      listOf(of?.spans).map(span =>
        spanOf(span, textOf(of.scope?.name), shared),
      ),
    );
  });
}

// Fields of spans are read by hand: a schema takes four times as long as all the rest. In
// JSON ids are hexadecimal, 64-bit numbers text or numbers, and unknown fields are ignored.
// A value of another type than its own counts as left out, so that one bad field costs its
// span at most.

function spanOf(span: any, scope: string, resource: Attributes): RawSpan {
  return {
    traceId: idOf(span?.traceId),
    spanId: idOf(span?.spanId),
    parentId: idOf(span?.parentSpanId),
    name: textOf(span?.name),
    startUs: microseconds(span?.startTimeUnixNano),
    endUs: microseconds(span?.endTimeUnixNano),
    // Some write the name of the code.
    failed: [2, '2', 'STATUS_CODE_ERROR'].includes(span?.status?.code),
    statusMessage: textOf(span?.status?.message),
    attributes: attributesOf(span?.attributes),
    events: listOf(span?.events)
      .slice(0, MAX_EVENTS)
      .map(event => ({
        name: textOf(event?.name),
        atUs: microseconds(event?.timeUnixNano),
        attributes: attributesOf(event?.attributes),
      })),
    ...{ scope, resource },
  };
}

function listOf(value: unknown): any[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function idOf(value: unknown): string {
  return value instanceof Uint8Array
    ? Buffer.from(value).toString('hex')
    : textOf(value).toLowerCase();
}

/** Of nanoseconds, which no number holds exactly; 0 for what is no time. */
function microseconds(time: unknown): number {
  const micros =
    typeof time === 'string' && /^\d{4,20}$/.test(time)
      ? Number(time.slice(0, -3))
      : Math.floor((typeof time === 'number' ? time : 0) / 1_000);
  return Number.isSafeInteger(micros) && micros > 0 ? micros : 0;
}

function attributesOf(pairs: unknown, level = 0): Attributes {
  const map: Attributes = {};
  for (const pair of listOf(pairs).slice(0, MAX_ATTRIBUTES)) {
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
