import {
  FINAL_RUN_STATUSES,
  isFinalRunEvent,
  type NumberedRunEvent,
} from '@agentportal/plugin-orchestration-common';
import { EventEmitter, once } from 'node:events';
import type { JournalStore } from '../store/JournalStore';
import type { RunStore } from '../store/RunStore';

/** How long a feed waits for a hint before it looks by itself. */
const POLL_MS = 1_000;
/** Events that a feed keeps for its followers; older ones they read themselves. */
const KEPT_EVENTS = 500;

/** No event has a higher number; the databases' integers end here. */
export const LAST_SEQ = 2 ** 31 - 1;

/** What a follower gets; empty batches only say that time has passed. */
export interface EventBatch {
  events: NumberedRunEvent[];
  /** No event comes after these. */
  ended: boolean;
}

interface FeedSource {
  hasEnded(): Promise<boolean>;
  read(seq: number): Promise<NumberedRunEvent[]>;
  onEmpty(): void;
}

/** One run's events for its followers; looks only while somebody waits. */
class Feed {
  readonly #source: FeedSource;
  readonly #hints = new EventEmitter().setMaxListeners(0);
  #hinted = false;
  #followers = 1;
  #latest: NumberedRunEvent[] = [];
  /** Number of the event before the first of the latest. */
  #from: number | undefined;
  #looking: Promise<boolean> | undefined;

  constructor(source: FeedSource) {
    this.#source = source;
  }

  join(): void {
    this.#followers += 1;
  }

  leave(): void {
    this.#followers -= 1;
    if (this.#followers === 0) {
      this.#source.onEmpty();
    }
  }

  hint(): void {
    this.#hinted = true;
    this.#hints.emit('hint');
  }

  /** What is here of the events after a number; undefined when they are older. */
  eventsAfter(seq: number): NumberedRunEvent[] | undefined {
    if (this.#from === undefined || seq < this.#from) {
      return undefined;
    }
    return this.#latest.filter(({ id }) => Number(id) > seq);
  }

  /**
   * Waits for a look that may have found more than the follower has; tells
   * whether the run had ended before it. All who wait share one look.
   */
  async next(seq: number, signal: AbortSignal): Promise<boolean> {
    if (!this.#latest.length) {
      this.#from = Math.min(this.#from ?? seq, seq);
    }
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    const look = this.#looking;
    return new Promise((resolve, reject) => {
      const leave = () => resolve(false);
      signal.addEventListener('abort', leave, { once: true });
      look
        .then(resolve, reject)
        .finally(() => signal.removeEventListener('abort', leave));
    });
  }

  async #look(): Promise<boolean> {
    if (!this.#hinted) {
      await once(this.#hints, 'hint', {
        signal: AbortSignal.timeout(POLL_MS),
      }).catch(() => {});
    }
    this.#hinted = false;
    const ended = await this.#source.hasEnded();
    // To the end, so that whoever has all of these has all there is.
    for (let more = true; more; ) {
      const seen = Number(this.#latest.at(-1)?.id ?? this.#from ?? 0);
      const events = await this.#source.read(seen);
      this.#latest.push(...events);
      more = events.length > 0;
    }
    if (this.#latest.length > KEPT_EVENTS) {
      const dropped = this.#latest.splice(0, this.#latest.length - KEPT_EVENTS);
      this.#from = Number(dropped.at(-1)!.id);
    }
    return ended;
  }
}

/**
 * The events of runs for those who follow them. All followers of a run share
 * one look into the database: when the worker of this process says that there
 * is something new, and once a second for runs of other processes.
 */
export class RunEventFeeds {
  readonly #runs: RunStore;
  readonly #journal: JournalStore;
  readonly #feeds = new Map<string, Feed>();

  constructor(options: { runs: RunStore; journal: JournalStore }) {
    this.#runs = options.runs;
    this.#journal = options.journal;
  }

  /** Says that a run has new events; a hint that is lost costs a moment only. */
  notify(runId: string): void {
    this.#feeds.get(runId)?.hint();
  }

  /** The events of a run after a number, until it has ended. */
  async *follow(
    runId: string,
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<EventBatch> {
    const feed = this.#join(runId);
    try {
      let seq = after;
      // Asked before the events are read: what an ended run has written is then
      // certain to be among them.
      let ended = await this.#hasEnded(runId);
      for (;;) {
        const events = feed.eventsAfter(seq) ?? (await this.#read(runId, seq));
        seq = Number(events.at(-1)?.id ?? seq);
        const last = events.at(-1);
        const over = last === undefined ? ended : isFinalRunEvent(last.event);
        yield { events, ended: over };
        if (over || signal.aborted) {
          return;
        }
        if (!events.length) {
          ended = await feed.next(seq, signal);
        }
      }
    } finally {
      feed.leave();
    }
  }

  /** Resolves when a run has ended, or when the signal is aborted. */
  async ended(runId: string, signal: AbortSignal): Promise<void> {
    for await (const { ended } of this.follow(runId, LAST_SEQ, signal)) {
      if (ended) {
        return;
      }
    }
  }

  #join(runId: string): Feed {
    const known = this.#feeds.get(runId);
    if (known) {
      known.join();
      return known;
    }
    const feed = new Feed({
      hasEnded: () => this.#hasEnded(runId),
      read: seq => this.#read(runId, seq),
      onEmpty: () => this.#feeds.delete(runId),
    });
    this.#feeds.set(runId, feed);
    return feed;
  }

  async #hasEnded(runId: string): Promise<boolean> {
    const status = await this.#runs.getStatus(runId);
    return !status || FINAL_RUN_STATUSES.includes(status);
  }

  async #read(runId: string, seq: number): Promise<NumberedRunEvent[]> {
    return this.#journal.readAfter(runId, seq);
  }
}
