import type { LoggerService } from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import type { RunEventFeeds } from '../events/RunEventFeeds';
import type { RunApprovals } from '../execution/RunApprovals';
import type { RunDelegations } from '../execution/RunDelegations';
import { delegationEnded } from '../execution/RunFailure';
import type { InterruptedRun, InterruptStore } from '../store/InterruptStore';
import type { LeaseStore, RunEnd } from '../store/LeaseStore';

/** How often it is looked; that people have decided is heard of at once. */
const LOOK_EVERY_MS = 5_000;
/** Runs that are looked at together. */
const BATCH = 500;

/** What an {@link InterruptKeeper} needs. */
export interface InterruptKeeperOptions {
  interrupts: InterruptStore;
  leases: LeaseStore;
  approvals: RunApprovals;
  delegations: RunDelegations;
  feeds: RunEventFeeds;
  logger: LoggerService;
}

/**
 * Lets runs go on about which people have decided, and ends those whose right to work is
 * over. What people decided is a row of the agents plugin; an event about it is only a
 * hint, so nothing is lost when a portal was down at that moment.
 */
export class InterruptKeeper {
  readonly #o: InterruptKeeperOptions;
  #looking: Promise<void> | undefined;
  #isHinted = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: InterruptKeeperOptions) {
    this.#o = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.#timer.unref();
    this.look();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Looks soon. What happens during a look is seen by one more. */
  look(): void {
    if (this.#looking) {
      this.#isHinted = true;
      return;
    }
    this.#looking = this.#lookAtAll()
      .catch(error =>
        this.#o.logger.warn(
          `Whether people have decided about runs could not be found out: ${error}`,
        ),
      )
      .finally(() => {
        this.#looking = undefined;
        if (this.#isHinted) {
          this.#isHinted = false;
          this.look();
        }
      });
  }

  async #lookAtAll(): Promise<void> {
    let last: string | undefined = '';
    while (last !== undefined) {
      const runs: InterruptedRun[] = await this.#o.interrupts.list(last, BATCH);
      await this.#lookAt(runs);
      last = runs.length === BATCH ? runs.at(-1)!.id : undefined;
    }
  }

  async #lookAt(runs: InterruptedRun[]): Promise<void> {
    if (!runs.length) {
      return;
    }
    const { approvals, delegations } = this.#o;
    const [outcomes, ends] = await Promise.all([
      approvals.outcomes(
        runs.flatMap(({ waits }) => waits.map(wait => wait.approvalId)),
      ),
      delegations.reasonsOfEnd(runs.map(run => run.delegationId)),
    ]);
    for (const run of runs) {
      await this.#decide(run, outcomes, ends.get(run.delegationId)).catch(
        error => this.#o.logger.warn(`Run ${run.id} could not go on: ${error}`),
      );
    }
  }

  async #decide(
    run: InterruptedRun,
    outcomes: Awaited<ReturnType<RunApprovals['outcomes']>>,
    reason: Error | undefined,
  ): Promise<void> {
    if (run.cancelRequested) {
      await this.#end(run, { status: 'cancelled' });
    } else if (reason) {
      await this.#end(run, {
        status: 'cancelled',
        error: delegationEnded(
          new NotAllowedError(
            `${reason.message} The run was waiting for people: ${run.waits
              .map(({ title }) => title)
              .join(' ')}`,
          ),
        ).toRunError(),
      });
    } else if (
      !run.waits.length ||
      // As soon as one is decided: its grant does not last until all are.
      run.waits.some(
        wait => outcomes.get(wait.approvalId)?.status !== 'pending',
      )
    ) {
      await this.#o.interrupts.resume(run);
    }
  }

  async #end(run: InterruptedRun, end: RunEnd): Promise<void> {
    const { delegations, feeds, leases } = this.#o;
    if (await leases.end(run, end)) {
      feeds.notify(run.id);
      await delegations.end(run.delegationId, 'The run has ended.');
    }
  }
}
