import { EventEncoder } from '@ag-ui/encoder';
import type { Request, Response } from 'express';
import { once } from 'node:events';
import { LAST_SEQ, type RunEventFeeds } from './RunEventFeeds';

/** Proxies close connections on which nothing is said. */
const HEARTBEAT_MS = 15_000;

/**
 * Sends the events of a run as server-sent events, from the one after
 * `Last-Event-ID` on, until the run has ended or the reader has gone. Runs of
 * other processes are followed too, by looking into the database.
 */
export async function streamRunEvents(options: {
  runId: string;
  request: Request;
  response: Response;
  feeds: RunEventFeeds;
  /** Aborted when the backend shuts down. */
  signal: AbortSignal;
}): Promise<void> {
  const { runId, request, response, feeds } = options;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, options.signal]);
  const encoder = new EventEncoder();
  let quietSince = Date.now();

  response.status(200).set({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    // Tells nginx and the like to pass each event on at once.
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  try {
    const after = lastEventId(request);
    for await (const { events } of feeds.follow(runId, after, signal)) {
      for (const { id, event } of events) {
        quietSince = Date.now();
        await send(response, `id: ${id}\n${encoder.encodeSSE(event)}`, signal);
      }
      if (Date.now() - quietSince >= HEARTBEAT_MS) {
        quietSince = Date.now();
        await send(response, ': still here\n\n', signal);
      }
    }
  } finally {
    response.end();
  }
}

function lastEventId(request: Request): number {
  const id = Number(request.get('last-event-id') ?? '0');
  return Number.isInteger(id) && id > 0 ? Math.min(id, LAST_SEQ) : 0;
}

/** Writes, and waits when the reader is slower than the run. */
async function send(
  response: Response,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  if (!response.write(text)) {
    await once(response, 'drain', { signal }).catch(() => {});
  }
}
