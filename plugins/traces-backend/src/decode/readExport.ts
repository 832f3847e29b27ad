import { zstdCompressSync, constants } from 'node:zlib';
import { keptDetails, type KeptDetails } from '../normalise/contentPolicy';
import { titleOf, wordsSaid } from '../normalise/saidWords';
import { isId, normalise, type NormalSpan } from '../normalise/normalise';
import { decodeSpans } from './decodeSpans';
import { type ReadSpan, forwardedExport } from './forwardedExport';
import { MalformedExportError, type RawSpan } from './RawSpan';

/** The body of an export, and what may be taken of it. */
export interface ExportTask {
  format: 'json' | 'protobuf';
  body: Uint8Array;
  keepsContent: boolean;
  /** Spans of one request. */
  maxSpans: number;
  /** Spans that began before this, or after that, are refused; microseconds UTC. */
  earliestUs: number;
  latestUs: number;
  /** Present when what is taken is sent on as well. */
  forward?: { agentRef?: string };
}

/** Spans of a trace that are compressed, written and read together. */
const MAX_PART = 500;
/** Of the resource, which is kept with each of its spans. */
const MAX_RESOURCE = 8 * 1024;

/** Spans of one trace, and their details compressed together. */
export interface TraceBatch {
  traceId: string;
  spans: NormalSpan[];
  /** JSON of {@link SpanDetails} by the number of the span, in zstd. */
  details: Uint8Array;
  /** Words of what was said, where content is kept. */
  words?: string[];
  /** What is sent on of them. */
  forwarded?: Uint8Array;
}

export interface SpanDetails extends KeptDetails {
  resource: RawSpan['resource'];
  scope: string;
  clockSkewed?: true;
}

export interface ExportResult {
  traces: TraceBatch[];
  /** How many were refused, by reason. */
  rejected: Record<string, number>;
  /** Why it could not be read at all. */
  problem?: string;
}

/** Decodes what a stranger sent into spans of one form. It runs in a process of its own. */
export function readExport(task: ExportTask): ExportResult {
  let raw: RawSpan[];
  try {
    raw = decodeSpans(task.format, task.body);
  } catch (error) {
    if (error instanceof MalformedExportError) {
      return { traces: [], rejected: {}, problem: error.message };
    }
    throw error;
  }
  const rejected: Record<string, number> = {};
  const byTrace = new Map<string, Map<string, RawSpan>>();
  let taken = 0;
  for (const span of raw) {
    const reason =
      taken >= task.maxSpans
        ? `more than ${task.maxSpans} spans in one request`
        : problemOf(span, task);
    if (reason) {
      rejected[reason] = (rejected[reason] ?? 0) + 1;
      continue;
    }
    const spans = byTrace.get(span.traceId) ?? new Map<string, RawSpan>();
    byTrace.set(span.traceId, spans);
    if (!spans.has(span.spanId)) {
      spans.set(span.spanId, span);
      taken += 1;
    }
  }
  const resources = new Map<RawSpan['resource'], RawSpan['resource']>();
  for (const { resource } of raw) {
    if (!resources.has(resource)) {
      const kept = { attributes: resource, events: [], statusMessage: '' };
      resources.set(
        resource,
        keptDetails(kept, false, MAX_RESOURCE).attributes,
      );
    }
  }
  const traces = [...byTrace].flatMap(([traceId, spans]) =>
    partsOf([...spans.values()]).map((part): TraceBatch => {
      const read = part.map((span): ReadSpan => {
        const kept = keptDetails(span, task.keepsContent);
        const title = task.keepsContent && titleOf(kept.attributes);
        return {
          raw: span,
          normal: { ...normalise(span), ...(title && { title }) },
          kept,
        };
      });
      const details: Record<string, SpanDetails> = {};
      for (const { raw: span, normal, kept } of read) {
        details[span.spanId] = {
          ...kept,
          resource: resources.get(span.resource)!,
          scope: span.scope.slice(0, 200),
          ...(normal.clockSkewed && { clockSkewed: true }),
        };
      }
      return {
        traceId,
        spans: read.map(({ normal }) => normal),
        details: zstdCompressSync(JSON.stringify(details), {
          params: { [constants.ZSTD_c_compressionLevel]: 1 },
        }),
        ...(task.keepsContent && {
          words: wordsSaid(read.map(({ kept }) => kept.attributes)),
        }),
        ...(task.forward && {
          forwarded: forwardedExport(read, resources, task.forward.agentRef),
        }),
      };
    }),
  );
  return { traces, rejected };
}

function partsOf(spans: RawSpan[]): RawSpan[][] {
  const parts: RawSpan[][] = [];
  for (let at = 0; at < spans.length; at += MAX_PART) {
    parts.push(spans.slice(at, at + MAX_PART));
  }
  return parts;
}

function problemOf(span: RawSpan, task: ExportTask): string | undefined {
  if (!isId(span.traceId, 32) || !isId(span.spanId, 16)) {
    return 'no valid trace id and span id';
  }
  if (span.startUs === 0) {
    return 'no start time';
  }
  if (span.startUs < task.earliestUs) {
    return 'older than what is kept';
  }
  return span.startUs > task.latestUs ? 'starts in the future' : undefined;
}
