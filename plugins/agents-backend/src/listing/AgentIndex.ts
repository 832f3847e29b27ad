import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IndexableAgent } from './facets';

/** An agent, and all that words are looked for in. */
export interface IndexedAgent {
  agent: IndexableAgent;
  /** Name, title, description and tags in lower case. */
  text: string;
}

/** All agents of the company at one moment. */
export interface AgentSnapshot {
  /** Sorted by title. */
  agents: readonly IndexedAgent[];
  /** Refs of domains by the refs of their systems. */
  domainOf: ReadonlyMap<string, string>;
  /** Titles of the entities that agents refer to, by ref. */
  labels: ReadonlyMap<string, string>;
}

/** Reading again must not keep the catalog busy, however long it takes. */
const PAUSE_PER_READ = 20;
const MIN_INTERVAL_MS = 3_000;
/** One slow read, at start perhaps, must not hide what is new for minutes. */
const MAX_INTERVAL_MS = 15_000;
/** Who comes after a pause waits this long for news; a small company is read sooner. */
const GRACE_MS = 150;
/** Older than this is not shown while there can be newer. */
const MAX_AGE_MS = 5 * 60_000;

/**
 * Keeps all agents in memory. Whoever asks after the interval starts the next
 * read and, unless it is quick, gets what is there; there is never more than
 * one read at a time, and none while nobody asks.
 *
 * It knows no permissions.
 */
export class AgentIndex {
  readonly #read: () => Promise<AgentSnapshot>;
  readonly #logger: LoggerService;
  readonly #minIntervalMs: number;
  readonly #now: () => number;
  #current: AgentSnapshot | undefined;
  #reading: Promise<AgentSnapshot> | undefined;
  #readAt = 0;
  #refreshAfter = 0;

  constructor(options: {
    read: () => Promise<AgentSnapshot>;
    logger: LoggerService;
    /** The least time between two reads, in milliseconds; 3,000 if not given. */
    minIntervalMs?: number;
    /** Milliseconds of a clock that never goes back. */
    now?: () => number;
  }) {
    this.#read = options.read;
    this.#logger = options.logger;
    this.#minIntervalMs = options.minIntervalMs ?? MIN_INTERVAL_MS;
    this.#now = options.now ?? (() => performance.now());
  }

  /**
   * The agents, at most about an interval old.
   *
   * @throws whatever the first read throws; later failures are logged and the
   * last snapshot stays.
   */
  async get(): Promise<AgentSnapshot> {
    const current = this.#current;
    const now = this.#now();
    if (current && now < this.#refreshAfter) {
      return current;
    }
    const isFirst = !this.#reading;
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = undefined;
    });
    if (!current || now - this.#readAt > MAX_AGE_MS) {
      return this.#reading;
    }
    return isFirst
      ? Promise.race([this.#reading, sleep(GRACE_MS, current, { ref: false })])
      : current;
  }

  async #readOnce(): Promise<AgentSnapshot> {
    const start = this.#now();
    try {
      this.#current = await this.#read();
      this.#readAt = start;
      return this.#current;
    } catch (error) {
      if (!this.#current) {
        throw error;
      }
      this.#logger.warn(
        'Could not read the agents from the catalog again; lists show them as they were last read',
        toError(error),
      );
      return this.#current;
    } finally {
      const end = this.#now();
      const pause = Math.min(PAUSE_PER_READ * (end - start), MAX_INTERVAL_MS);
      this.#refreshAfter = end + Math.max(this.#minIntervalMs, pause);
    }
  }
}
