import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { RunCancelled } from '../execution/RunFailure';
import { FairQueue } from './FairQueue';
import { interrupted, type RunWorkerDeps, workOnRun } from './RunWorker';
import { untilWritten } from './untilWritten';

/**
 * A run that waits, with the credentials that it needs. These live here, in
 * memory, and are gone with the run; they are written down nowhere.
 */
interface WaitingRun {
  id: string;
  user: string;
  credentials: BackstageCredentials;
}

/** Works on a bounded number of runs at a time; the others wait their turn. */
export class WorkerPool {
  readonly #deps: RunWorkerDeps;
  readonly #instanceId: string;
  readonly #queue = FairQueue.create<WaitingRun>();
  readonly #active = new Map<
    string,
    { control: AbortController; done: Promise<void> }
  >();
  readonly #stop = new AbortController();

  static create(options: {
    deps: RunWorkerDeps;
    instanceId: string;
  }): WorkerPool {
    return new WorkerPool(options.deps, options.instanceId);
  }

  private constructor(deps: RunWorkerDeps, instanceId: string) {
    this.#deps = deps;
    this.#instanceId = instanceId;
  }

  get stopping(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Takes a run that is written down as queued by this instance. */
  submit(run: WaitingRun): void {
    this.#queue.push(run);
    this.#fill();
  }

  /** Stops a run of this process; others are left to their own process. */
  async cancel(id: string): Promise<void> {
    const active = this.#active.get(id);
    if (active) {
      active.control.abort(new RunCancelled());
      return;
    }
    if (this.#queue.remove(id)) {
      await this.#endWaiting(id, 'cancelled');
    }
  }

  /** Resolves when a run of this process has ended, or after the time. */
  async settled(id: string, timeoutMs: number): Promise<void> {
    await within(this.#active.get(id)?.done ?? Promise.resolve(), timeoutMs);
  }

  /**
   * Takes no more runs, lets running ones finish for a moment and ends the
   * others with a clear reason.
   */
  async stop(graceMs: number): Promise<void> {
    this.#stop.abort();
    for (let run = this.#queue.shift(); run; run = this.#queue.shift()) {
      await this.#endWaiting(run.id, 'failed');
    }
    const all = () =>
      Promise.all([...this.#active.values()].map(({ done }) => done));
    await within(all(), graceMs);
    for (const { control } of this.#active.values()) {
      control.abort(interrupted());
    }
    await within(all(), 5_000);
  }

  #fill(): void {
    while (!this.stopping && this.#active.size < this.#deps.config.workers) {
      const run = this.#queue.shift();
      if (!run) {
        return;
      }
      const control = new AbortController();
      const done = this.#work(run, control).finally(() => {
        this.#active.delete(run.id);
        this.#fill();
      });
      this.#active.set(run.id, { control, done });
    }
  }

  async #work(run: WaitingRun, control: AbortController): Promise<void> {
    const { leases, logger, config } = this.#deps;
    try {
      const claimed = await leases.claim(
        run.id,
        this.#instanceId,
        Date.now() + config.leaseSeconds * 1_000,
      );
      if (claimed) {
        await workOnRun(
          this.#deps,
          claimed,
          run.credentials,
          control,
          this.#stop.signal,
        );
      }
    } catch (error) {
      logger.error(
        `Run ${run.id} could not be brought to an end`,
        error instanceof Error ? error : new Error(String(error)),
      );
      // The row stays open. This process must let go of it, or its heartbeat
      // would keep a run alive that nobody works on.
      await untilWritten(() => leases.release(run.id), {
        forMs: Number.POSITIVE_INFINITY,
        signal: this.#stop.signal,
      }).catch(() => {});
    }
  }

  async #endWaiting(id: string, status: 'cancelled' | 'failed'): Promise<void> {
    await this.#deps.leases.end(
      { id, fence: 0 },
      status === 'cancelled'
        ? { status }
        : { status, error: interrupted().toRunError() },
    );
    this.#deps.hub.notify(id);
  }
}

/** Waits for a promise, but not longer than the time; never throws. */
async function within(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([
    work.catch(() => {}),
    new Promise<void>(resolve => {
      timer = setTimeout(resolve, ms);
    }),
  ]);
  clearTimeout(timer);
}
