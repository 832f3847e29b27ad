import {
  FINAL_RUN_STATUSES,
  isFinalRunEvent,
} from '@agentportal/plugin-orchestration-common';
import { EventEncoder } from '@ag-ui/encoder';
import type { Request, Response } from 'express';
import { once } from 'node:events';
import type { JournalStore } from '../store/JournalStore';
import type { RunStore } from '../store/RunStore';
import type { RunEventHub } from './RunEventHub';

/** How long a reader waits for a hint before it looks by itself. */
const POLL_MS = 1_000;
/** Proxies close connections on which nothing is said. */
const HEARTBEAT_MS = 15_000;

/**
 * Sends the events of a run as server-sent events, from the one after
 * `Last-Event-ID` on, until the run has ended or the reader has gone. Runs of
 * other processes are followed too, by looking into the database.
 */
export async function streamRunEvents(options: {
  runId: string;
  req: Request;
  res: Response;
  runs: RunStore;
  journal: JournalStore;
  hub: RunEventHub;
  /** Aborted when the backend shuts down. */
  signal: AbortSignal;
}): Promise<void> {
  const { runId, req, res, runs, journal, hub } = options;
  const gone = new AbortController();
  res.once('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, options.signal]);
  const encoder = new EventEncoder();
  const subscription = hub.subscribe(runId);
  let seq = lastEventId(req);
  let quietSince = Date.now();

  res.status(200).set({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    // Tells nginx and the like to pass each event on at once.
    'x-accel-buffering': 'no',
  });
  res.flushHeaders();
  try {
    while (!signal.aborted) {
      // Asked before the events are read: what an ended run has written is
      // then certain to be among them.
      const run = await runs.getStatus(runId);
      const events = await journal.readAfter(runId, seq);
      for (const { id, event } of events) {
        seq = Number(id);
        quietSince = Date.now();
        await send(res, `id: ${id}\n${encoder.encodeSSE(event)}`, signal);
        if (isFinalRunEvent(event)) {
          return;
        }
      }
      if (!events.length) {
        if (!run || FINAL_RUN_STATUSES.includes(run)) {
          return;
        }
        if (Date.now() - quietSince >= HEARTBEAT_MS) {
          quietSince = Date.now();
          await send(res, ': still here\n\n', signal);
        }
        await subscription.wait(POLL_MS, signal);
      }
    }
  } finally {
    subscription.close();
    res.end();
  }
}

function lastEventId(req: Request): number {
  const id = Number(req.get('last-event-id') ?? '0');
  return Number.isSafeInteger(id) && id > 0 ? id : 0;
}

/** Writes, and waits when the reader is slower than the run. */
async function send(
  res: Response,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  if (!res.write(text)) {
    await once(res, 'drain', { signal }).catch(() => {});
  }
}
