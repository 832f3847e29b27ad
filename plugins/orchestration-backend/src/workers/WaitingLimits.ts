import type { OrchestrationConfig } from '../config';
import { TooManyRequestsError } from '../TooManyRequestsError';

/** Whose run waits. */
export interface Waiting {
  /** The person, or the service. */
  user: string;
  agentRef: string;
  ownerRef?: string;
}

/**
 * Counts the runs that wait in this process, in all and by person, agent and
 * owner. What is beyond the limits is refused and not queued: each waiting run
 * holds a place in memory, and one person could hold them all.
 */
export class WaitingLimits {
  readonly #limits: OrchestrationConfig['waiting'];
  readonly #counts = new Map<string, number>();
  #total = 0;

  constructor(limits: OrchestrationConfig['waiting']) {
    this.#limits = limits;
  }

  /** How many wait. */
  get total(): number {
    return this.#total;
  }

  /**
   * Takes a place for a run.
   *
   * @throws TooManyRequestsError
   */
  enter(waiting: Waiting, retryAfterSeconds: number): void {
    const { user, agentRef, ownerRef } = waiting;
    const refuse = (whose: string, limit: number, who: string) => {
      throw new TooManyRequestsError(
        `${limit} runs ${whose} wait already, as many as ${who} may have waiting. Try again in ${retryAfterSeconds} seconds.`,
        retryAfterSeconds,
      );
    };
    const { perPerson, perAgent, perOwner, total } = this.#limits;
    if (this.#total >= total) {
      refuse('in all', total, 'the portal');
    }
    if (this.#count('user', user) >= perPerson) {
      refuse('of yours', perPerson, 'one person');
    }
    if (this.#count('agent', agentRef) >= perAgent) {
      refuse(`of ${agentRef}`, perAgent, 'one agent');
    }
    if (ownerRef && this.#count('owner', ownerRef) >= perOwner) {
      refuse(`of agents of ${ownerRef}`, perOwner, 'one owner');
    }
    this.#add(waiting, 1);
  }

  /** Takes a place for a run that was let in elsewhere. */
  readmit(waiting: Waiting): void {
    this.#add(waiting, 1);
  }

  /** Gives the place back, once for each time that it was taken. */
  leave(waiting: Waiting): void {
    this.#add(waiting, -1);
  }

  #add({ user, agentRef, ownerRef }: Waiting, change: number): void {
    this.#total += change;
    for (const [kind, ref] of Object.entries({
      user,
      agent: agentRef,
      owner: ownerRef,
    })) {
      if (ref) {
        const count = this.#count(kind, ref) + change;
        if (count) {
          this.#counts.set(`${kind} ${ref}`, count);
        } else {
          this.#counts.delete(`${kind} ${ref}`);
        }
      }
    }
  }

  #count(kind: string, ref: string): number {
    return this.#counts.get(`${kind} ${ref}`) ?? 0;
  }
}
