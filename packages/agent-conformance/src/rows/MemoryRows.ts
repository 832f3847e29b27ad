import {
  type ActingParty,
  type AgentIdentities,
  type ActiveAgent,
  principalOf,
} from '@agentportal/plugin-agents-node';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { InputError, NotAllowedError } from '@backstage/errors';
import { OWNER } from '../company';
import {
  type AgentRows,
  type AgentSpec,
  LEVELS,
  type NewWork,
  type Work,
} from './AgentRows';

interface Row extends Work {
  agentRef: string;
  parent?: Row;
  ended: boolean;
}

/** The rules of the agents plugin, in as few words as possible. */
export class MemoryRows implements AgentRows {
  #agents = new Map<string, AgentSpec>();
  #work = new Map<string, Row>();
  #suspended = new Set<string>();
  #grants = new Map<string, Set<string>>();
  #now = Date.now();
  #made = 0;

  readonly identities: AgentIdentities = {
    resolve: async credentials => this.#resolve(credentials),
    watch: () => () => {},
  };

  async begin(agents: readonly AgentSpec[]): Promise<void> {
    this.#agents = new Map(agents.map(agent => [agent.ref, agent]));
    this.#work.clear();
    // The same ids again, so that their tokens need not be made again.
    this.#made = 0;
    this.#suspended.clear();
    this.#grants = new Map(agents.map(({ ref }) => [ref, new Set()]));
  }

  async delegate(wanted: NewWork): Promise<Work> {
    const agent = this.#agents.get(wanted.agentRef)!;
    const parent = wanted.parentId
      ? this.#work.get(wanted.parentId)
      : undefined;
    if (parent) {
      const { handoffs } = this.#agents.get(parent.agentRef)!;
      const widens =
        (wanted.personRef ?? parent.personRef) !== parent.personRef ||
        (wanted.expiresAt ?? 0) > parent.expiresAt ||
        above(wanted.autonomy, parent.autonomy) ||
        wanted.tools?.some(tool => parent.tools?.includes(tool) === false);
      if (!this.#isLive(parent) || !handoffs.includes(agent.ref) || widens) {
        throw new NotAllowedError('It would go further than its parent.');
      }
    }
    const personRef = wanted.personRef ?? parent?.personRef;
    const expiresAt = wanted.expiresAt ?? parent?.expiresAt;
    if (expiresAt === undefined || expiresAt <= this.#now) {
      throw new InputError('It needs an end that is still to come.');
    }
    if (
      this.#suspended.has(agent.ref) ||
      (!personRef && agent.identity !== 'own')
    ) {
      throw new NotAllowedError(`${agent.ref} may not act.`);
    }
    const id = `${(this.#made += 1)}`.padStart(12, '0');
    const ceiling = wanted.autonomy ?? parent?.autonomy ?? agent.autonomy;
    const row: Row = {
      id: `00000000-0000-4000-8000-${id}`,
      ref: `delegation:default/00000000-0000-4000-8000-${id}`,
      agentRef: agent.ref,
      ...(personRef && { personRef }),
      ...(parent && { parent }),
      autonomy: above(ceiling, agent.autonomy) ? agent.autonomy : ceiling,
      tools: wanted.tools ?? parent?.tools,
      expiresAt,
      ended: false,
    };
    this.#work.set(row.id, row);
    return row;
  }

  async end(workId: string): Promise<void> {
    this.#work.get(workId)!.ended = true;
  }

  async suspend(agentRef: string): Promise<void> {
    this.#suspended.add(agentRef);
  }

  async resume(agentRef: string): Promise<void> {
    this.#suspended.delete(agentRef);
  }

  async grant(agentRef: string, permission: string): Promise<void> {
    this.#grants.get(agentRef)!.add(permission);
  }

  async withdraw(agentRef: string, permission: string): Promise<void> {
    this.#grants.get(agentRef)!.delete(permission);
  }

  now(): number {
    return this.#now;
  }

  wait(ms: number): void {
    this.#now += ms;
  }

  #isLive(row: Row): boolean {
    return (
      !row.ended &&
      row.expiresAt > this.#now &&
      !this.#suspended.has(row.agentRef) &&
      (!row.parent || this.#isLive(row.parent))
    );
  }

  #resolve(credentials: BackstageCredentials): ActingParty {
    const principal = principalOf(credentials);
    if (principal.type !== 'user') {
      return principal;
    }
    const { userEntityRef } = principal;
    if (userEntityRef.startsWith('agent:')) {
      const spec = this.#agents.get(userEntityRef);
      if (spec?.identity !== 'own' || this.#suspended.has(userEntityRef)) {
        throw new NotAllowedError(`${userEntityRef} may not act alone.`);
      }
      return {
        type: 'agent',
        agentRef: userEntityRef,
        agent: this.#describe(spec),
      };
    }
    if (!userEntityRef.startsWith('delegation:')) {
      return { type: 'person', personRef: userEntityRef };
    }
    const row = this.#work.get(userEntityRef.split('/')[1]);
    if (!row || !this.#isLive(row)) {
      throw new NotAllowedError('The work has ended.');
    }
    const { agentRef, personRef } = row;
    const agent = this.#describe(this.#agents.get(agentRef)!);
    return {
      type: 'agent',
      agentRef,
      agent,
      ...(personRef && { personRef }),
      delegation: {
        id: row.id,
        ref: row.ref,
        agentRef,
        agent,
        personRef,
        startedBy: personRef ?? agentRef,
        taskId: row.id,
        parentId: row.parent?.id,
        chain: chainOf(row),
        autonomy: row.autonomy,
        tools: row.tools && [...row.tools],
        createdAt: new Date(this.#now).toISOString(),
        expiresAt: new Date(row.expiresAt).toISOString(),
        state: 'active',
      },
    };
  }

  #describe({ ref, identity, autonomy }: AgentSpec): ActiveAgent {
    return {
      agentRef: ref,
      title: ref,
      state: 'active',
      identity,
      inOwnName: { allowed: identity === 'own' },
      lifecycle: 'production',
      ownerRef: OWNER,
      autonomy,
      tools: [],
      grants: [...this.#grants.get(ref)!],
    };
  }
}

function above(level: string | undefined, bound: string): boolean {
  return (
    level !== undefined &&
    LEVELS.indexOf(level as never) > LEVELS.indexOf(bound as never)
  );
}

function chainOf(row: Row): string[] {
  return [...(row.parent ? chainOf(row.parent) : []), row.agentRef];
}
