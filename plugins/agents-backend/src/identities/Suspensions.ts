import type {
  AgentIdentity,
  Resumption,
} from '@agentportal/plugin-agents-common';
import { principalOf } from '@agentportal/plugin-agents-node';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { ConflictError, InputError, NotAllowedError } from '@backstage/errors';
import type { CallContext } from '../access/AgentAccess';
import { requireRef } from './agentRef';
import { type AgentRecords, asSeen } from './AgentRecords';
import { type StateStore, toRecord } from './StateStore';

/** Stops agents, and lets them go on. */
export class Suspensions {
  readonly #states: StateStore;
  readonly #records: AgentRecords;

  constructor(options: { states: StateStore; records: AgentRecords }) {
    this.#states = options.states;
    this.#records = options.records;
  }

  /** Stops one. Who stopped it first, and why, stays written. */
  async suspend(
    agentRef: string,
    reason: string,
    by: string,
  ): Promise<AgentIdentity> {
    const now = Date.now();
    await this.#states.suspend(agentRef, { by, reason }, now);
    return this.#identity(agentRef, now);
  }

  /**
   * Lets one go on, with a new sponsor if the caller offers to be that.
   *
   * @throws NotAllowedError when somebody else stopped it, whose "no" the caller may not lift
   */
  async resume(
    agentRef: string,
    { reason, sponsorRef }: Resumption,
    by: string,
    { credentials, liftsOnlyOwn }: CallContext,
  ): Promise<AgentIdentity> {
    const now = Date.now();
    const record = (await this.#records.read([agentRef], now)).get(agentRef)!;
    const lifecycle = record.entity?.spec.lifecycle;
    if (lifecycle === 'suspended' || lifecycle === 'retired') {
      throw new ConflictError(
        `The agent's file says that it is ${lifecycle}. Change spec.lifecycle there.`,
      );
    }
    const { suspended } = toRecord(record.row);
    if (suspended && liftsOnlyOwn && suspended.by !== by) {
      throw new NotAllowedError(
        `${agentRef} was suspended by ${suspended.by}, so they or an administrator let it go on. Ask them; the reason was: ${suspended.reason}`,
      );
    }
    const orphaned = (record.row?.orphaned_since ?? null) !== null;
    if (sponsorRef && !orphaned) {
      throw new ConflictError(
        `${agentRef} has not lost its sponsor. To name another one, change spec.sponsor in its file.`,
      );
    }
    const accepted =
      sponsorRef && (await this.#requireWilling(sponsorRef, credentials));
    if (orphaned && !accepted) {
      throw new InputError(
        `${record.row?.orphaned_sponsor_ref}, who answered for ${agentRef}, has left. Whoever answers for it now must resume it themselves, with their own ref as sponsorRef.`,
      );
    }
    const resumed = await this.#states.resume(agentRef, record.row, {
      suspended_at: null,
      suspended_by: null,
      suspend_reason: null,
      resumed_at: now,
      resumed_by: by,
      resume_reason: reason,
      ...(accepted && {
        sponsor_ref: accepted,
        sponsor_instead_of: record.refs?.sponsor ?? null,
        sponsor_accepted_at: now,
        sponsor_origin: record.origin ?? '',
        seen_sponsor_ref: accepted,
        orphaned_since: null,
        orphaned_sponsor_ref: null,
        grace_over_told_at: null,
      }),
    });
    if (!resumed) {
      throw new ConflictError(
        `${agentRef} was suspended or resumed by somebody else a moment ago. Look at it again.`,
      );
    }
    return this.#identity(agentRef, now);
  }

  /** Nobody can be made to answer for an agent by somebody else. */
  async #requireWilling(
    sponsorRef: string,
    credentials: BackstageCredentials,
  ): Promise<string> {
    const ref = requireRef('sponsorRef', sponsorRef, 'User');
    const principal = principalOf(credentials);
    if (principal.type !== 'user' || principal.userEntityRef !== ref) {
      throw new NotAllowedError(
        `Only ${ref} can accept to answer for an agent. Ask them to resume it.`,
      );
    }
    if (!(await this.#records.peopleAmong([ref])).has(ref)) {
      throw new InputError(
        `The catalog has no ${ref}, so they cannot answer for an agent.`,
      );
    }
    return ref;
  }

  async #identity(agentRef: string, now: number): Promise<AgentIdentity> {
    const records = await this.#records.read([agentRef], now);
    return asSeen(this.#records.identityOf(records.get(agentRef)!, now));
  }
}
