import type { OwnerNotices } from '@agentportal/plugin-agents-node';
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  ConflictError,
  InputError,
  NotAllowedError,
  NotFoundError,
  toError,
} from '@backstage/errors';
import { randomUUID } from 'node:crypto';
import { DAY_MS } from '../config';
import { type OwnRun, TriggerNotApproved } from '../runs/DefaultRuns';
import { type FiringCause, wordingOf } from './TriggerSources';
import { type FiringRow, isFailure } from './FiringStore';
import type { StoredTrigger, TriggerStore } from './TriggerStore';

/** After this others take over what waits for a trigger, from a process that has died. */
const LEASE_MS = 60_000;
/** What cannot be started by then, because the portal is busy or something is away, has failed. */
const START_WITHIN_MS = 15 * 60_000;
const DEFAULT_PER_DAY = 200;
const DEFAULT_FAILURES = 5;

/** What runs are started and stopped with. */
export interface RunStarter {
  /** Starts the run of this id, once. */
  startInOwnName(run: OwnRun): Promise<unknown>;
  stop(runId: string): Promise<unknown>;
}

/**
 * Starts runs for what waits, as triggers say, and looks how they ended. A run has the
 * id of its firing, so whoever begins anew in the middle starts none twice.
 */
export class TriggerDispatcher {
  readonly #store: TriggerStore;
  readonly #runs: RunStarter;
  readonly #notices: OwnerNotices;
  readonly #logger: LoggerService;
  readonly #owner = randomUUID();
  readonly #leaseMs: number;

  constructor(options: {
    store: TriggerStore;
    runs: RunStarter;
    notices: OwnerNotices;
    logger: LoggerService;
    leaseMs?: number;
  }) {
    this.#store = options.store;
    this.#runs = options.runs;
    this.#notices = options.notices;
    this.#logger = options.logger;
    this.#leaseMs = options.leaseMs ?? LEASE_MS;
  }

  async dispatch(now: number): Promise<void> {
    await this.#lookAtEnds(now);
    for (const id of await this.#store.firings.triggersWithWaiting()) {
      const hold = () => this.#store.lease(id, this.#owner, this.#leaseMs);
      if (await hold()) {
        // One start may take longer than all of the lease.
        const holding = setInterval(
          () => hold().catch(() => {}),
          this.#leaseMs / 3,
        );
        try {
          await this.#work(id, now, hold);
        } catch (error) {
          this.#logger.error(
            `What waits for the trigger ${id} could not be started`,
            toError(error),
          );
        } finally {
          clearInterval(holding);
          await this.#store.release(id, this.#owner);
        }
      }
    }
  }

  /** Tells the owner of a trigger. */
  async tell(
    { agent_ref: agentRef, id, name, owner_ref: ownerRef }: StoredTrigger,
    what: string,
    description: string,
    severity: 'high' | 'normal' = 'normal',
  ): Promise<void> {
    await this.#notices.send({
      entityRef: agentRef,
      ownerRef,
      title: `The trigger ${name} of ${agentRef} ${what}`,
      description,
      scope: `trigger ${id} ${what}`,
      severity,
    });
  }

  async #work(
    id: string,
    now: number,
    hold: () => Promise<boolean>,
  ): Promise<void> {
    for (const firing of await this.#store.firings.waiting(id)) {
      // A process that stood still for long may have lost it.
      if (!(await hold())) {
        return;
      }
      const trigger = await this.#store.get(id);
      if (trigger?.state !== 'active') {
        await this.#skip(firing, 'The trigger is not at work any more.');
      } else if (!(await this.#startOrSkip(trigger, firing, now))) {
        return;
      }
    }
  }

  /** @returns false when it, and what came after it, has to wait */
  async #startOrSkip(
    trigger: StoredTrigger,
    firing: FiringRow,
    now: number,
  ): Promise<boolean> {
    const { declared } = trigger;
    const most = declared.maxPerDay ?? DEFAULT_PER_DAY;
    const today = now - (now % DAY_MS);
    if ((await this.#store.firings.startedSince(trigger.id, today)) >= most) {
      const why = `It has started ${most} runs today (UTC), the most that it may (maxPerDay).`;
      await this.#skip(firing, why);
      await this.tell(trigger, 'starts no more runs today', why);
      return true;
    }
    const open = await this.#store.firings.openRuns(trigger.id);
    if (open.length && !open.includes(firing.id)) {
      switch (declared.ifRunning) {
        case 'queue':
          return false;
        case 'cancel':
          await Promise.all(open.map(runId => this.#runs.stop(runId)));
          break;
        default:
          await this.#skip(firing, `Run ${open[0]} was still under way.`);
          return true;
      }
    }
    const { wording, ...cause } = JSON.parse(firing.cause) as FiringCause;
    // People approve a trigger as it is, and this one waits with the words of another.
    if (wording && wording !== wordingOf(trigger)) {
      await this.#skip(
        firing,
        'What the trigger tells its agent has changed since then.',
      );
      return true;
    }
    return this.#start(trigger, firing, cause, now);
  }

  async #start(
    trigger: StoredTrigger,
    firing: FiringRow,
    { madeBy, ...cause }: Omit<FiringCause, 'wording'>,
    now: number,
  ): Promise<boolean> {
    try {
      await this.#runs.startInOwnName({
        id: firing.id,
        agentRef: trigger.agent_ref,
        message: firing.message ?? '',
        trigger: trigger.declared,
        behind: cause.firedBy ?? madeBy,
        startedBy: {
          ...cause,
          type: trigger.type,
          id: trigger.id,
          name: trigger.name,
        },
      });
    } catch (error) {
      const reason = toError(error).message;
      if (error instanceof TriggerNotApproved) {
        // That people have not decided yet is no failure of it.
        await this.#skip(firing, reason);
        return true;
      }
      const forGood = [
        ConflictError,
        InputError,
        NotAllowedError,
        NotFoundError,
      ].some(kind => kind.is(error));
      if (!forGood && now - Number(firing.at) < START_WITHIN_MS) {
        this.#logger.warn(
          `The trigger ${trigger.name} of ${trigger.agent_ref} tries again later: ${reason}`,
        );
        return false;
      }
      await this.#ended(firing, 'waiting', { status: 'refused', reason }, now);
      return true;
    }
    await this.#store.firings.settle(firing, 'waiting', { status: 'started' });
    return true;
  }

  async #lookAtEnds(now: number): Promise<void> {
    for (const firing of await this.#store.firings.ended()) {
      await this.#ended(firing, 'started', firing, now);
    }
  }

  async #ended(
    firing: { id: string; trigger_id: string },
    from: 'waiting' | 'started',
    end: Pick<FiringRow, 'status' | 'reason'>,
    now: number,
  ): Promise<void> {
    const failures = await this.#store.firings.settle(firing, from, end);
    const trigger = await this.#store.get(firing.trigger_id);
    if (!failures || !isFailure(end.status) || !trigger) {
      return;
    }
    const most = trigger.declared.offAfterFailures ?? DEFAULT_FAILURES;
    const last = `The last time: ${end.reason ?? 'the run failed.'}`;
    if (failures < most) {
      await this.tell(trigger, 'has failed', last);
      return;
    }
    const reason = `It has failed ${failures} times in a row. ${last}`;
    if (await this.#store.setState(trigger.id, 'off', { reason }, now)) {
      await this.tell(
        trigger,
        'was switched off',
        `${reason} Resume it on the agent's page when that is mended.`,
        'high',
      );
    }
  }

  async #skip(firing: FiringRow, reason: string): Promise<void> {
    await this.#store.firings.settle(firing, 'waiting', {
      status: 'skipped',
      reason,
    });
  }
}
