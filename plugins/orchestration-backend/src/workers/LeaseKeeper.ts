import type { LoggerService } from '@backstage/backend-plugin-api';
import type { RunEventHub } from '../events/RunEventHub';
import type { LeaseStore } from '../store/LeaseStore';
import { interrupted } from './RunWorker';

/**
 * Keeps the leases of this process alive, hears of cancellations that came in
 * through another process, and ends the runs of processes that have gone.
 */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #timers: NodeJS.Timeout[] = [];

  static create(options: LeaseKeeperOptions): LeaseKeeper {
    return new LeaseKeeper(options);
  }

  private constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  /** Ends what an earlier process left behind, then watches. */
  async start(): Promise<void> {
    const { leases, instanceId, leaseMs, singleProcess } = this.#options;
    await this.#endAbandoned(singleProcess);
    this.#every(leaseMs / 3, () =>
      leases.heartbeat(instanceId, Date.now() + leaseMs),
    );
    this.#every(leaseMs / 3, () => this.#endAbandoned(false));
    this.#every(1_000, () => this.#hearCancellations());
  }

  stop(): void {
    this.#timers.forEach(timer => clearInterval(timer));
  }

  async #hearCancellations(): Promise<void> {
    const { leases, instanceId, cancel } = this.#options;
    for (const id of await leases.listCancelRequested(instanceId)) {
      await cancel(id);
    }
  }

  async #endAbandoned(allButOurs: boolean): Promise<void> {
    const { leases, hub, instanceId, logger } = this.#options;
    const abandoned = await leases.listAbandoned({
      now: Date.now(),
      ...(allButOurs ? { aliveOwner: instanceId } : {}),
    });
    for (const run of abandoned) {
      const ended = await leases.end(
        run,
        run.cancelRequested
          ? { status: 'cancelled' }
          : { status: 'failed', error: interrupted().toRunError() },
      );
      if (ended) {
        logger.info(
          `Ended run ${run.id}: the process that worked on it has gone`,
        );
        hub.notify(run.id);
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
  hub: RunEventHub;
  logger: LoggerService;
  instanceId: string;
  leaseMs: number;
  /**
   * Whether no other process can be at work on this database, as with SQLite:
   * then whatever is open at the start was left behind.
   */
  singleProcess: boolean;
  cancel(runId: string): Promise<void>;
}
