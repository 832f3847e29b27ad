import {
  FINAL_RUN_STATUSES,
  type RunSummary,
} from '@agentportal/plugin-orchestration-common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Worker } from './Cluster';
import { DESK } from './entities';
import { orderOf } from './points';

const AT_ONCE = 8;
const LOOK_EVERY_MS = 400;
/** A run that takes longer hangs. */
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
  readonly runs: Flown[];
  /** Runs whose usage was less than a moment ago. */
  readonly fell = new Set<string>();
  readonly #cluster: Cluster;
  readonly #seen = new Map<string, RunSummary>();
  readonly #landed = new AbortController();
  readonly #watching: Promise<void>;

  static async start(cluster: Cluster, planned: Planned[]): Promise<Flight> {
    const runs: Flown[] = [];
    const queue = [...planned];
    const start = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const startedOn = cluster.workers[next.worker];
        const { id } = await startedOn.client.createRun({
          agentRef: DESK,
          input: { message: next.question },
        });
        const order = orderOf(next.question)!;
        cluster.gateways.orderOfRun.set(id, order);
        runs.push({ ...next, id, order, startedOn });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, start));
    return new Flight(cluster, runs);
  }

  private constructor(cluster: Cluster, runs: Flown[]) {
    this.#cluster = cluster;
    this.runs = runs;
    this.#watching = this.#watch();
  }

  /** Runs that have ended, as far as one has looked. */
  hasEnded({ id }: Flown): boolean {
    const status = this.#seen.get(id)?.status;
    return status !== undefined && FINAL_RUN_STATUSES.includes(status);
  }

  /** Waits until every run is where it should be or has ended. */
  async until(there: (run: Flown) => boolean): Promise<void> {
    const deadline = Date.now() + HANGS_AFTER_MS;
    while (!this.runs.every(run => there(run) || this.hasEnded(run))) {
      if (Date.now() > deadline) {
        return;
      }
      await sleep(20);
    }
  }

  /** Kills workers, and remembers whose runs these were. */
  async kill(workers: Worker[]): Promise<void> {
    const now = Date.now();
    for (const run of this.runs) {
      if (workers.includes(run.startedOn) && !this.hasEnded(run)) {
        run.killedAt ??= now;
      }
    }
    await this.#cluster.kill(...workers);
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
