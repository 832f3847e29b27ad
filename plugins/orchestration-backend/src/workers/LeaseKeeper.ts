import type { LoggerService } from '@backstage/backend-plugin-api';
import type { RunEventFeeds } from '../events/RunEventFeeds';
import { workersLost } from '../execution/RunFailure';
import type { AbandonedRun, LeaseStore, RunEnd } from '../store/LeaseStore';
import type { WorkerPool } from './WorkerPool';

/** A run that ends its process each time, before a step has ended, is not tried for ever. */
const MAX_CLAIMS = 5;
/** How often a lease is renewed while it lasts, so that a process may be late and lose none. */
const RENEWALS = 8;

/**
 * Keeps the leases of this process alive, hears of cancellations that came in
 * through another process, and takes up the runs of processes that have gone.
 */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  /** Takes up what an earlier process left behind, then watches. */
  async start(): Promise<void> {
    const { leaseSeconds, singleProcess } = this.#options;
    const leaseMs = leaseSeconds * 1_000;
    // Told once, because a run that waits for room must not be forgotten.
    let restarted = singleProcess;
    let renewAt = 0;
    let began = Date.now();
    let isLate = false;
    // One round, in this order: a process that wakes up after a pause renews
    // its own leases before it judges those of others.
    const round = async () => {
      const last = began;
      began = Date.now();
      if (began >= renewAt) {
        await this.#heartbeat();
        renewAt = began + leaseMs / RENEWALS;
      }
      // What held up this process, such as a busy machine or a database that was away, may
      // have held up others as well, which are not dead for it: they have one round more.
      isLate = !restarted && !isLate && began - last > leaseMs / 2;
      if (!isLate) {
        const left = await this.#takeUp(restarted);
        restarted &&= left;
      }
    };
    await round();
    this.#every(Math.min(1_000, leaseMs / RENEWALS), round);
    this.#every(1_000, () => this.#pollCancellations());
  }

  stop(): void {
    this.#timers.forEach(timer => clearInterval(timer));
  }

  async #heartbeat(): Promise<void> {
    const { leases, instanceId, leaseSeconds } = this.#options;
    await leases.heartbeat(instanceId, leaseSeconds * 1_000);
  }

  async #pollCancellations(): Promise<void> {
    const { leases, instanceId, pool } = this.#options;
    for (const id of await leases.listCancelRequested(instanceId)) {
      await pool.cancel(id);
    }
  }

  /**
   * Goes on with what others began or let wait, as far as there is room.
   *
   * @param restarted - whether whatever others hold was left behind
   * @returns whether something is left
   */
  async #takeUp(restarted: boolean): Promise<boolean> {
    const { instanceId, leases, pool } = this.#options;
    const abandoned = await leases.listAbandoned({
      owner: instanceId,
      restarted,
    });
    const ending = abandoned.filter(
      run => run.cancelRequested || run.claims >= MAX_CLAIMS,
    );
    const { begun = [], waiting = [] } = Object.groupBy(
      abandoned.filter(run => !ending.includes(run)),
      ({ fence }) => (fence > 0 ? 'begun' : 'waiting'),
    );
    const { room } = pool;
    let left = await this.#adopt(begun, room.begun, restarted);
    left = (await this.#adopt(waiting, room.waiting, restarted)) || left;
    for (const run of ending) {
      await this.#end(
        run,
        restarted,
        run.cancelRequested
          ? { status: 'cancelled' }
          : { status: 'failed', error: workersLost(run.claims).toRunError() },
      );
    }
    return left;
  }

  /**
   * Makes runs wait here, as many as there is room for. Where another process was faster
   * with some, the next ones are tried.
   *
   * @returns whether some are left for want of room
   */
  async #adopt(
    runs: AbandonedRun[],
    room: number,
    restarted: boolean,
  ): Promise<boolean> {
    const { instanceId, leaseSeconds, leases, logger, pool } = this.#options;
    const queue = [...runs];
    let free = room;
    while (queue.length && free > 0) {
      const adopted = await leases.adopt(
        queue.splice(0, free),
        instanceId,
        leaseSeconds * 1_000,
        restarted,
      );
      free -= adopted.length;
      for (const run of adopted) {
        const hasBegun = run.fence > 0;
        if (hasBegun) {
          logger.info(
            `Run ${run.id} goes on here: no process works on it any more`,
          );
        }
        pool.take(run, { hasBegun });
      }
    }
    return queue.length > 0;
  }

  async #end(
    run: AbandonedRun,
    restarted: boolean,
    end: RunEnd,
  ): Promise<void> {
    const { endDelegation, feeds, leases, logger } = this.#options;
    if (await leases.end({ ...run, abandoned: !restarted }, end)) {
      logger.info(
        `Ended run ${run.id}: the process that worked on it has gone`,
      );
      feeds.notify(run.id);
      if (run.delegationId) {
        // Not waited for: when a portal starts, the agents plugin may come after.
        void endDelegation(run.delegationId);
      }
    }
  }

  /** A round that fails is told and tried again; rounds never overlap. */
  #every(ms: number, round: () => Promise<void>): void {
    let busy = false;
    const timer = setInterval(async () => {
      if (busy) {
        return;
      }
      busy = true;
      try {
        await round();
      } catch (error) {
        this.#options.logger.warn(
          `Keeping the leases of runs failed: ${error}`,
        );
      } finally {
        busy = false;
      }
    }, ms);
    timer.unref();
    this.#timers.push(timer);
  }
}

/** What a {@link LeaseKeeper} needs. */
export interface LeaseKeeperOptions {
  leases: LeaseStore;
  pool: WorkerPool;
  feeds: RunEventFeeds;
  logger: LoggerService;
  instanceId: string;
  leaseSeconds: number;
  /**
   * Whether no other process can be at work on this database, as with SQLite:
   * then whatever is open at the start was left behind.
   */
  singleProcess: boolean;
  /** Takes the right to work from a run that has ended. Never throws. */
  endDelegation(id: string): Promise<void>;
}
