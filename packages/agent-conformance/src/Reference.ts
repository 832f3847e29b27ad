import type { ActiveAgent } from '@agentportal/plugin-agents-node';
import { OWNER } from './company';
import {
  type AgentSpec,
  LEVELS,
  type NewWork,
  type Work,
} from './rows/AgentRows';

/** Work as the reference knows it. */
export interface KnownWork extends Work {
  agentRef: string;
  parent?: KnownWork;
  ended: boolean;
}

/** What has happened in a history, and what follows of it, whatever the portal believes. */
export class Reference {
  readonly #agents: ReadonlyMap<string, AgentSpec>;
  readonly #suspended = new Set<string>();
  readonly #grants = new Map<string, Set<string>>();
  readonly work: KnownWork[] = [];

  constructor(agents: readonly AgentSpec[]) {
    this.#agents = new Map(agents.map(agent => [agent.ref, agent]));
  }

  /** Notes work that the portal agreed to; gives what it must not have agreed to. */
  note(wanted: NewWork, made: Work, now: number): string | undefined {
    const { agentRef } = wanted;
    const parent = this.work.find(({ id }) => id === wanted.parentId);
    const work: KnownWork = {
      ...made,
      agentRef,
      ended: false,
      ...(parent && { parent }),
    };
    this.work.push(work);
    const agent = this.#agents.get(agentRef)!;
    if (this.#suspended.has(agentRef)) {
      return `${agentRef} is suspended and was given work`;
    }
    if (!made.personRef && agent.identity !== 'own') {
      return `${agentRef} acts only for people and was given work for nobody`;
    }
    if (exceeds(made.autonomy, agent.autonomy)) {
      return `${agentRef} is on ${agent.autonomy} and was given work on ${made.autonomy}`;
    }
    if (!parent) {
      return undefined;
    }
    if (!this.isLive(parent, now)) {
      return 'work was handed on that had ended';
    }
    if (!this.#agents.get(parent.agentRef)!.handoffs.includes(agentRef)) {
      return `${parent.agentRef} handed work to ${agentRef}, which it does not declare`;
    }
    if (made.personRef !== parent.personRef) {
      return 'work that was handed on is for another person';
    }
    if (made.expiresAt > parent.expiresAt) {
      return 'work that was handed on lasts longer';
    }
    if (exceeds(made.autonomy, parent.autonomy)) {
      return 'work that was handed on has more autonomy';
    }
    const { tools } = parent;
    if (
      tools &&
      (!made.tools || made.tools.some(tool => !tools.includes(tool)))
    ) {
      return 'work that was handed on has more tools';
    }
    return undefined;
  }

  suspend(agentRef: string): void {
    this.#suspended.add(agentRef);
  }

  resume(agentRef: string): void {
    this.#suspended.delete(agentRef);
  }

  grant(agentRef: string, permission: string): void {
    const grants = this.#grants.get(agentRef) ?? new Set();
    this.#grants.set(agentRef, grants.add(permission));
  }

  withdraw(agentRef: string, permission: string): void {
    this.#grants.get(agentRef)?.delete(permission);
  }

  /** Whether anything at all may still be done for some work. */
  isLive(work: KnownWork, now: number): boolean {
    return (
      !work.ended &&
      work.expiresAt > now &&
      !this.#suspended.has(work.agentRef) &&
      (!work.parent || this.isLive(work.parent, now))
    );
  }

  mayActAlone(agentRef: string): boolean {
    return (
      this.#agents.get(agentRef)?.identity === 'own' &&
      !this.#suspended.has(agentRef)
    );
  }

  /** An agent as it would be if nothing kept it from acting. */
  describe(agentRef: string): ActiveAgent {
    const { identity, autonomy } = this.#agents.get(agentRef)!;
    return {
      agentRef,
      title: agentRef,
      state: 'active',
      identity,
      inOwnName: { allowed: true },
      lifecycle: 'production',
      ownerRef: OWNER,
      autonomy,
      tools: [],
      grants: [...(this.#grants.get(agentRef) ?? [])],
    };
  }
}

function exceeds(level: string, bound: string): boolean {
  return LEVELS.indexOf(level as never) > LEVELS.indexOf(bound as never);
}
