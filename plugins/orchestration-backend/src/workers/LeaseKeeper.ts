import type { LoggerService } from '@backstage/backend-plugin-api';
import type { RunEventFeeds } from '../events/RunEventFeeds';
import { interrupted, leaseLost } from '../execution/RunFailure';
import type { LeaseStore } from '../store/LeaseStore';

/**
 * Keeps the leases of this process alive, hears of cancellations that came in
 * through another process, and ends the runs of processes that have gone.
 */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  /** Ends what an earlier process left behind, then watches. */
  async start(): Promise<void> {
    const { leaseSeconds, singleProcess } = this.#options;
    await this.#endAbandoned(singleProcess);
    // One round, in this order: a process that wakes up after a pause renews
    // its own leases before it judges those of others.
    this.#every((leaseSeconds * 1_000) / 3, async () => {
      await this.#heartbeat();
      await this.#endAbandoned(false);
    });
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
    const { leases, instanceId, cancel } = this.#options;
    for (const id of await leases.listCancelRequested(instanceId)) {
      await cancel(id);
    }
  }

  /** @param restarted - whether whatever others hold was left behind */
  async #endAbandoned(restarted: boolean): Promise<void> {
    const { endDelegation, feeds, instanceId, leaseSeconds, leases, logger } =
      this.#options;
    const abandoned = await leases.listAbandoned({
      owner: instanceId,
      restarted,
    });
    const failure = restarted ? interrupted() : leaseLost(leaseSeconds);
    for (const run of abandoned) {
      const ended = await leases.end(
        { ...run, abandoned: !restarted },
        run.cancelRequested
          ? { status: 'cancelled' }
          : { status: 'failed', error: failure.toRunError() },
      );
      if (ended) {
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
  feeds: RunEventFeeds;
  logger: LoggerService;
  instanceId: string;
  leaseSeconds: number;
  /**
   * Whether no other process can be at work on this database, as with SQLite:
   * then whatever is open at the start was left behind.
   */
  singleProcess: boolean;
  cancel(runId: string): Promise<void>;
  /** Takes the right to work from a run that has ended. Never throws. */
  endDelegation(id: string): Promise<void>;
}
