import {
  FINAL_RUN_STATUSES,
  type RunSummary,
} from '@agentportal/plugin-orchestration-common';
import { ResponseError } from '@backstage/errors';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Worker } from './Cluster';
import { DESK } from './entities';
import { orderOf } from './points';

const AT_ONCE = 8;
const LOOK_EVERY_MS = 400;
const ATTEMPTS = 20;
/** What has not ended when nothing has happened for so long hangs. */
const HANGS_AFTER_MS = 120_000;

/** A run that is to be started. */
export interface Planned {
  question: string;
  /** Where it is when its worker is killed, in words. */
  point: string;
  /** Number of the worker that it is started on. */
  worker: number;
}

/** A run that was started. */
export interface Flown extends Planned {
  id: string;
  order: string;
  startedOn: Worker;
  /** When its worker was killed for the first time, if it was. */
  killedAt?: number;
}

/** Runs in flight, and somebody who watches them all the time. */
export class Flight {
  readonly runs: Flown[] = [];
  /** Runs whose usage was less than a moment ago. */
  readonly fell = new Set<string>();
  readonly #cluster: Cluster;
  readonly #seen = new Map<string, RunSummary>();
  readonly #landed = new AbortController();
  readonly #watching: Promise<void>;

  /**
   * Starts runs, a few at a time until each is where it should be: what is tested is what becomes of many runs, and
   * not how fast a machine begins them.
   */
  static async start(
    cluster: Cluster,
    planned: Planned[],
    isThere: (run: Planned & { order: string }) => boolean = () => true,
    meanwhile?: (flight: Flight) => Promise<void>,
  ): Promise<Flight> {
    const flight = new Flight(cluster);
    const over = meanwhile?.(flight);
    const queue = [...planned];
    const start = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const run = await begin(cluster, next);
        cluster.gateways.orderOfRun.set(run.id, run.order);
        flight.runs.push(run);
        await flight.#untilAll([run], isThere);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, start));
    await over;
    return flight;
  }

  private constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#watching = this.#watch();
  }

  /** Runs that have ended, as far as one has looked. */
  hasEnded({ id }: Flown): boolean {
    const status = this.#seen.get(id)?.status;
    return status !== undefined && FINAL_RUN_STATUSES.includes(status);
  }

  /** Waits until every run is where it should be or has ended; not for ever. */
  async until(isThere: (run: Flown) => boolean): Promise<void> {
    await this.#untilAll(this.runs, isThere);
  }

  async #untilAll(
    runs: Flown[],
    isThere: (run: Flown) => boolean,
  ): Promise<void> {
    const { gateways } = this.#cluster;
    let calls = gateways.modelCalls;
    let deadline = Date.now() + HANGS_AFTER_MS;
    while (!runs.every(run => isThere(run) || this.hasEnded(run))) {
      if (gateways.modelCalls !== calls) {
        calls = gateways.modelCalls;
        deadline = Date.now() + HANGS_AFTER_MS;
      }
      if (Date.now() > deadline) {
        return;
      }
      await sleep(20);
    }
  }

  /** Kills workers, and remembers whose runs these were. */
  async kill(workers: Worker[]): Promise<void> {
    this.disturb(run => workers.includes(run.startedOn));
    await this.#cluster.kill(...workers);
  }

  /** Remembers which runs may have lost something in the middle. */
  disturb(isMeant: (run: Flown) => boolean = () => true): void {
    const now = Date.now();
    for (const run of this.runs) {
      if (isMeant(run) && !this.hasEnded(run)) {
        run.killedAt ??= now;
      }
    }
  }

  /** Waits for all runs; those that are left hang. */
  async land(): Promise<Flown[]> {
    await this.until(() => false);
    this.#landed.abort();
    await this.#watching;
    return this.runs.filter(run => !this.hasEnded(run));
  }

  async #watch(): Promise<void> {
    while (!this.#landed.signal.aborted) {
      await this.#look().catch(() => {
        // Of a worker that was killed meanwhile.
      });
      await sleep(LOOK_EVERY_MS);
    }
  }

  async #look(): Promise<void> {
    const [worker] = this.#cluster.alive;
    let cursor: string | undefined;
    const own = new Set(this.runs.map(({ id }) => id));
    let left = own.size;
    while (worker && left > 0) {
      const page = await worker.client.listRuns({ limit: 100, cursor });
      for (const run of page.items.filter(({ id }) => own.has(id))) {
        left -= 1;
        const before = this.#seen.get(run.id)?.usage;
        if (
          before &&
          Object.entries(before).some(
            ([what, count]) =>
              run.usage[what as keyof typeof run.usage] < count,
          )
        ) {
          this.fell.add(run.id);
        }
        this.#seen.set(run.id, run);
      }
      cursor = page.nextCursor;
      if (!cursor) {
        return;
      }
    }
  }
}

/**
 * Starts a run; whoever is told to try again in a moment does. Where nobody can tell whether it was started, because
 * its worker has just gone, another one is, of another order.
 */
async function begin(cluster: Cluster, planned: Planned): Promise<Flown> {
  let { question } = planned;
  for (let attempts = ATTEMPTS; ; attempts -= 1) {
    const own = cluster.workers[planned.worker];
    const startedOn = cluster.alive.includes(own) ? own : cluster.alive[0];
    try {
      const { id } = await startedOn.client.createRun({
        agentRef: DESK,
        input: { message: question },
      });
      return { ...planned, question, id, order: orderOf(question)!, startedOn };
    } catch (error) {
      const isAway = error instanceof ResponseError && error.statusCode === 503;
      if ((error instanceof ResponseError && !isAway) || attempts === 1) {
        throw error;
      }
      if (cluster.mayBeLost) {
        question = question.replace(/Order [\w-]+/, '$&-again');
      } else if (!isAway) {
        throw error;
      }
      await sleep(LOOK_EVERY_MS);
    }
  }
}
