import { RunCancelled, RunLetGo } from '../execution/RunFailure';
import { FairQueue } from './FairQueue';
import { isLate } from './isLate';
import { retryWrite } from './retryWrite';
import { type RunWorkerDeps, workOnRun } from './RunWorker';
import { type Waiting, WaitingLimits } from './WaitingLimits';
import { within } from './within';

/** Longest time after which a caller that was refused is told to try again. */
const MAX_RETRY_SECONDS = 60;
/**
 * How many times as many runs as usual a process works on while it goes on with those of
 * processes that have gone: somebody has waited for these long enough.
 */
const ADOPTED_FACTOR = 2;
/**
 * How many of those are on their way to their first step at once: all that a process of usual size
 * takes, so that none waits for what others do after theirs. Each has a record, a state and tools
 * to read first; hundreds at once would make a process late that has just taken them.
 */
const GOING_ON_AT_ONCE = 16;
/** Where that takes longer, something else is waited for, and the next one begins. */
const BEGUN_PATIENCE_MS = 250;
/** When it is looked again whether an agent of which as many as may be are worked on has room. */
const LOOK_FOR_ROOM_MS = 1_000;
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
  /** Those that had begun elsewhere; they come first. */
  readonly #begun = new FairQueue<WaitingRun>();
  readonly #limits: WaitingLimits;
  /** How long runs take of late, weighted towards the latest. */
  #usualMs = 5_000;
  readonly #active = new Map<
    string,
    { control: AbortController; done: Promise<void> }
  >();
  readonly #stop = new AbortController();
  #isFilling = false;
  /** Runs that had begun elsewhere, until their first step here. */
  readonly #goingOn = new Set<Promise<void>>();
  /** Agents of which no further run may be worked on, until it is looked again. */
  readonly #full = new Set<string>();

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
   * @throws TooManyRequestsError when too many wait
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
      // Whoever comes next finds it.
      this.#limits.leave(run);
      await this.#letGo(run.id);
      return;
    }
    this.#queue.push(run);
    void this.#fill();
  }

  /**
   * For how many more runs of other processes there is room: for those that had begun,
   * whatever waits here, and for those that had not, as long as the queue has places.
   */
  get room(): { begun: number; waiting: number } {
    const { waiting, workers } = this.#deps.config;
    const left = (most: number, taken: number) =>
      this.stopping ? 0 : Math.max(0, most - taken);
    return {
      begun: left(
        ADOPTED_FACTOR * workers,
        this.#active.size + this.#begun.size,
      ),
      // A few at a time, so that all processes get some.
      waiting: Math.min(workers, left(waiting.total, this.#limits.total)),
    };
  }

  /** Takes a run that waits for this instance already. */
  take(run: WaitingRun, options: { hasBegun: boolean }): void {
    this.#limits.readmit(run);
    (options.hasBegun ? this.#begun : this.#queue).push(run);
    void this.#fill();
  }

  /** Stops a run of this process; others are left to their own process. */
  async cancel(id: string): Promise<void> {
    const active = this.#active.get(id);
    if (active) {
      active.control.abort(new RunCancelled());
      return;
    }
    const waiting = this.#queue.remove(id) ?? this.#begun.remove(id);
    if (waiting) {
      this.#limits.leave(waiting);
      await this.#cancelWaiting(waiting);
    }
  }

  /** Resolves when a run of this process has ended, or after the time. */
  async settled(id: string, timeoutMs: number): Promise<void> {
    await within(this.#active.get(id)?.done ?? Promise.resolve(), timeoutMs);
  }

  /**
   * Takes no more runs, lets the steps that are under way finish for a moment,
   * and lets go of all runs: they go on in another process, or in the next one.
   */
  async stop(graceMs: number): Promise<void> {
    this.#stop.abort();
    for (const queue of [this.#begun, this.#queue]) {
      for (let run = queue.shift(); run; run = queue.shift()) {
        this.#limits.leave(run);
      }
    }
    const released = retryWrite(
      () => this.#deps.leases.releaseQueued(this.#instanceId),
      { forMs: END_WAITING_WITHIN_MS },
    );
    const all = () =>
      Promise.all([...this.#active.values()].map(({ done }) => done));
    await within(all(), graceMs);
    for (const { control } of this.#active.values()) {
      control.abort(new RunLetGo());
    }
    await within(Promise.all([all(), released]), 5_000);
  }

  /** Begins one run after the other, no faster than the process can carry them. */
  async #fill(): Promise<void> {
    if (this.#isFilling) {
      return;
    }
    this.#isFilling = true;
    for (let next = this.#next(); next; next = this.#next()) {
      const { run, hasBegun } = next;
      this.#limits.leave(run);
      const control = new AbortController();
      const began = Date.now();
      const underWay = Promise.withResolvers<void>();
      const done = this.#work(next, control, underWay.resolve).then(worked => {
        underWay.resolve();
        this.#active.delete(run.id);
        if (worked) {
          this.#usualMs += (Date.now() - began - this.#usualMs) / 10;
        }
        void this.#fill();
      });
      this.#active.set(run.id, { control, done });
      if (hasBegun) {
        await this.#roomToGoOn(underWay.promise);
      }
      while (
        !hasBegun &&
        this.#active.size &&
        !this.#begun.size &&
        (await isLate())
      ) {
        // Whoever the runs ask, often this process itself, would answer too late.
      }
    }
    this.#isFilling = false;
  }

  /** Runs that had begun elsewhere have waited already: a late process holds up none of them. */
  async #roomToGoOn(underWay: Promise<void>): Promise<void> {
    this.#goingOn.add(underWay);
    void underWay.then(() => this.#goingOn.delete(underWay));
    if (this.#goingOn.size >= GOING_ON_AT_ONCE) {
      await within(Promise.race(this.#goingOn), BEGUN_PATIENCE_MS);
    }
  }

  /** The run to begin with. */
  #next(): { run: WaitingRun; hasBegun: boolean } | undefined {
    const { workers } = this.#deps.config;
    const active = this.#active.size;
    if (this.stopping || active >= ADOPTED_FACTOR * workers) {
      return undefined;
    }
    const mayGo = ({ agentRef }: WaitingRun) => !this.#full.has(agentRef);
    const begun = this.#begun.shift(mayGo);
    if (begun) {
      return { run: begun, hasBegun: true };
    }
    const run = active < workers ? this.#queue.shift(mayGo) : undefined;
    return run && { run, hasBegun: false };
  }

  /** Of its agent or owner as many as may be are worked on, here or elsewhere. */
  #waitLonger({ run, hasBegun }: { run: WaitingRun; hasBegun: boolean }): void {
    if (this.stopping) {
      return;
    }
    this.#limits.readmit(run);
    (hasBegun ? this.#begun : this.#queue).putBack(run);
    this.#full.add(run.agentRef);
    setTimeout(() => {
      this.#full.delete(run.agentRef);
      void this.#fill();
    }, LOOK_FOR_ROOM_MS).unref();
  }

  #retryAfterSeconds(): number {
    const { workers } = this.#deps.config;
    const seconds = (this.#usualMs * this.#limits.total) / workers / 1_000;
    return Math.min(MAX_RETRY_SECONDS, Math.max(1, Math.ceil(seconds)));
  }

  /** @returns whether it could be worked on */
  async #work(
    next: { run: WaitingRun; hasBegun: boolean },
    control: AbortController,
    onStep: () => void,
  ): Promise<boolean> {
    const { leases, logger, config } = this.#deps;
    const { run } = next;
    try {
      const claimed = await leases.claim(
        run.id,
        this.#instanceId,
        config.leaseSeconds * 1_000,
      );
      if (!claimed) {
        if (await leases.isQueued(run.id, this.#instanceId)) {
          this.#waitLonger(next);
        }
        return false;
      }
      const hasEnded = await workOnRun(this.#deps, claimed, {
        control,
        stopping: this.#stop.signal,
        onStep,
      });
      this.#full.delete(run.agentRef);
      if (!hasEnded) {
        await this.#letGo(run.id);
      }
    } catch (error) {
      logger.error(
        `Run ${run.id} could not be brought to an end`,
        error instanceof Error ? error : new Error(String(error)),
      );
      await this.#letGo(run.id);
    }
    return true;
  }

  async #cancelWaiting({ id, delegationId }: WaitingRun): Promise<void> {
    const { delegations, feeds, leases, runs } = this.#deps;
    try {
      await retryWrite(
        async () => {
          // A run that goes on after a restart has been claimed before.
          const run = await runs.get(id);
          return leases.end(
            { id, fence: run?.fence ?? 0 },
            { status: 'cancelled' },
          );
        },
        { forMs: END_WAITING_WITHIN_MS, signal: this.#stop.signal },
      );
    } catch (error) {
      await this.#letGo(id);
      throw error;
    }
    feeds.notify(id);
    await delegations.end(delegationId, 'The run has ended.');
  }

  /**
   * The row stays open. This process must let go of it, or its heartbeat would
   * keep a run alive that nobody works on.
   */
  async #letGo(id: string): Promise<void> {
    await retryWrite(() => this.#deps.leases.release(id, this.#instanceId), {
      forMs: Number.POSITIVE_INFINITY,
      signal: this.#stop.signal,
    }).catch(() => {});
  }
}
