import { interrupted, RunCancelled } from '../execution/RunFailure';
import { FairQueue } from './FairQueue';
import { retryWrite } from './retryWrite';
import { type RunWorkerDeps, workOnRun } from './RunWorker';
import { type Waiting, WaitingLimits } from './WaitingLimits';
import { within } from './within';

/** Longest time after which a caller that was refused is told to try again. */
const MAX_RETRY_SECONDS = 60;
/** How long the end of a run that waited is tried to be written down. */
const END_WAITING_WITHIN_MS = 5_000;

/** A run that waits. */
interface WaitingRun extends Waiting {
  id: string;
  /** Known once the run is written down. */
  delegationId: string;
}

/** Works on a bounded number of runs at a time; the others wait their turn. */
export class WorkerPool {
  readonly #deps: RunWorkerDeps;
  readonly #instanceId: string;
  readonly #queue = new FairQueue<WaitingRun>();
  readonly #limits: WaitingLimits;
  /** How long runs take of late, weighted towards the latest. */
  #usualMs = 5_000;
  readonly #active = new Map<
    string,
    { control: AbortController; done: Promise<void> }
  >();
  readonly #stop = new AbortController();

  constructor(options: { deps: RunWorkerDeps; instanceId: string }) {
    this.#deps = options.deps;
    this.#instanceId = options.instanceId;
    this.#limits = new WaitingLimits(options.deps.config.waiting);
  }

  get stopping(): boolean {
    return this.#stop.signal.aborted;
  }

  /**
   * Writes a run down as queued by this instance, and takes it.
   *
   * @throws TooManyRunsError when too many wait
   */
  async submit(run: WaitingRun, write: () => Promise<void>): Promise<void> {
    this.#limits.enter(run, this.#retryAfterSeconds());
    try {
      await write();
    } catch (error) {
      this.#limits.leave(run);
      throw error;
    }
    if (this.stopping) {
      this.#limits.leave(run);
      await this.#endWaiting(run, 'failed');
      return;
    }
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
    const waiting = this.#queue.remove(id);
    if (waiting) {
      this.#limits.leave(waiting);
      await this.#endWaiting(waiting, 'cancelled');
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
      this.#limits.leave(run);
    }
    const ended = this.#endAllWaiting();
    const all = () =>
      Promise.all([...this.#active.values()].map(({ done }) => done));
    await within(all(), graceMs);
    for (const { control } of this.#active.values()) {
      control.abort(interrupted());
    }
    await within(Promise.all([all(), ended]), 5_000);
  }

  #fill(): void {
    while (!this.stopping && this.#active.size < this.#deps.config.workers) {
      const run = this.#queue.shift();
      if (!run) {
        return;
      }
      this.#limits.leave(run);
      const control = new AbortController();
      const began = Date.now();
      const done = this.#work(run, control).finally(() => {
        this.#active.delete(run.id);
        this.#usualMs += (Date.now() - began - this.#usualMs) / 10;
        this.#fill();
      });
      this.#active.set(run.id, { control, done });
    }
  }

  #retryAfterSeconds(): number {
    const { workers } = this.#deps.config;
    const seconds = (this.#usualMs * this.#limits.total) / workers / 1_000;
    return Math.min(MAX_RETRY_SECONDS, Math.max(1, Math.ceil(seconds)));
  }

  async #work(run: WaitingRun, control: AbortController): Promise<void> {
    const { leases, logger, config } = this.#deps;
    try {
      const claimed = await leases.claim(
        run.id,
        this.#instanceId,
        config.leaseSeconds * 1_000,
      );
      if (claimed) {
        await workOnRun(this.#deps, claimed, control, this.#stop.signal);
      }
    } catch (error) {
      logger.error(
        `Run ${run.id} could not be brought to an end`,
        error instanceof Error ? error : new Error(String(error)),
      );
      await this.#letGo(run.id);
    }
  }

  async #endWaiting(
    { id, delegationId }: WaitingRun,
    status: 'cancelled' | 'failed',
  ): Promise<void> {
    const { delegations, feeds, leases } = this.#deps;
    try {
      await retryWrite(
        () =>
          leases.end(
            { id, fence: 0 },
            status === 'cancelled'
              ? { status }
              : { status, error: interrupted().toRunError() },
          ),
        { forMs: END_WAITING_WITHIN_MS, signal: this.#stop.signal },
      );
    } catch (error) {
      await this.#letGo(id);
      throw error;
    }
    feeds.notify(id);
    await delegations.end(delegationId, 'The run has ended.');
  }

  async #endAllWaiting(): Promise<void> {
    const { delegations, feeds, leases } = this.#deps;
    const end = {
      status: 'failed',
      error: interrupted().toRunError(),
    } as const;
    const ended = await retryWrite(
      () => leases.endQueued(this.#instanceId, end),
      { forMs: END_WAITING_WITHIN_MS },
    );
    ended.forEach(({ id }) => feeds.notify(id));
    await Promise.all(
      ended.map(
        ({ delegationId }) =>
          delegationId && delegations.end(delegationId, 'The run has ended.'),
      ),
    );
  }

  /**
   * The row stays open. This process must let go of it, or its heartbeat would
   * keep a run alive that nobody works on.
   */
  async #letGo(id: string): Promise<void> {
    await retryWrite(() => this.#deps.leases.release(id), {
      forMs: Number.POSITIVE_INFINITY,
      signal: this.#stop.signal,
    }).catch(() => {});
  }
}
