import type { AgentIdentities } from '@agentportal/plugin-agents-node';

/** Levels of autonomy, the least first. */
export const LEVELS = ['copilot', 'supervised', 'autopilot'] as const;
export type Level = (typeof LEVELS)[number];

/**
 * What an agent is in a history.
 *
 * @public
 */
export interface AgentSpec {
  ref: string;
  /** Whether it may act without a person. */
  identity: 'own' | 'person';
  autonomy: 'copilot' | 'supervised' | 'autopilot';
  /** To whom it may hand work. */
  handoffs: readonly string[];
}

/**
 * Work that somebody asks for. Of work that is handed on, what is not given is the parent's.
 *
 * @public
 */
export interface NewWork {
  agentRef: string;
  personRef?: string;
  parentId?: string;
  autonomy?: 'copilot' | 'supervised' | 'autopilot';
  tools?: readonly string[];
  /** Milliseconds since the epoch. */
  expiresAt?: number;
}

/**
 * Work that was written down.
 *
 * @public
 */
export interface Work {
  id: string;
  /** The subject of its tokens, `delegation:<namespace>/<id>`. */
  ref: string;
  personRef?: string;
  autonomy: 'copilot' | 'supervised' | 'autopilot';
  tools?: readonly string[];
  expiresAt: number;
}

/**
 * Keeps agents, what they were given, and what they work on. The kit has one in memory; give it
 * the rows of a portal to try those.
 *
 * @public
 */
export interface AgentRows {
  /** What the policy asks who acts. It must not remember answers from one question to the next. */
  identities: AgentIdentities;
  /** Begins a history. Nothing of the one before counts. */
  begin(agents: readonly AgentSpec[]): Promise<void>;
  /** @throws NotAllowedError or InputError when it may not be */
  delegate(work: NewWork): Promise<Work>;
  end(workId: string): Promise<void>;
  suspend(agentRef: string): Promise<void>;
  resume(agentRef: string): Promise<void>;
  grant(agentRef: string, permission: string): Promise<void>;
  withdraw(agentRef: string, permission: string): Promise<void>;
  /** The time, which {@link AgentRows.wait} moves; milliseconds since the epoch. */
  now(): number;
  wait(ms: number): void;
}
