import type { RiskTier } from '@agentportal/plugin-agents-common';

/** Figures of a UTC day, `YYYY-MM-DD`. */
export interface RunDay {
  day: string;
  /** Runs that ended by themselves. */
  ended: number;
  failed: number;
  costNanoUsd: number;
  p95Ms?: number;
}

/**
 * What is known of an agent, by where it was read. Each part has its own time, because it
 * stays when whoever tells it is away. Periods are of 30 days, `before` the 30 before.
 */
export interface Evidence {
  /** Of the catalog. */
  people?: { at: number; owner: boolean; sponsor: boolean };
  /** Of the tools plugin; `unsound` are those that are not there or cannot be used. */
  tools?: { at: number; declared: number; unsound: string[]; tier?: RiskTier };
  /** Of the orchestration plugin. */
  runs?: {
    at: number;
    now: Omit<RunDay, 'day'> & { timed: number };
    before: Omit<RunDay, 'day'>;
    days: RunDay[];
  };
  /** Of the models plugin: the budget of the agent with the least left. */
  budget?: {
    at: number;
    limitNanoUsd?: number;
    /** What it will have spent of its limit at the end of the window, if it goes on so. */
    course?: number;
  };
  /** In how many runs the guard took what tools returned for instructions, or could not look. */
  guard?: {
    at: number;
    runs: number;
    before: number;
    days: Array<{ day: string; runs: number }>;
  };
  /** Of this plugin. */
  ratings?: {
    at: number;
    up: number;
    down: number;
    before: { up: number; down: number };
    days: Array<{ day: string; up: number; down: number }>;
  };
  /** Conversations that were drawn at random, in 90 days. */
  drawn?: { at: number; judged: number; bad: number; waiting: number };
  /** The newest evaluation of what is in force, and the shares of those before. */
  evaluation?: {
    at: number;
    newest?: { id: string; finishedAt: number; passed: number; cases: number };
    /** Newest first. */
    earlier: Array<{ finishedAt: number; passed: number; cases: number }>;
    /** When another version came into force last, as far as that was seen. */
    changedAt?: number;
    regressions?: number;
  };
  /** The last decision of the periodic review. */
  decision?: { at: number; decidedAt?: number };
}

/** What a source tells of some agents. */
export interface EvidenceSource {
  /** What it is called when it is away. */
  name: string;
  read(agents: KnownAgent[], now: number): Promise<Map<string, Evidence>>;
}

/** An agent as the agents plugin tells it. */
export interface KnownAgent {
  ref: string;
  title: string;
  description: string;
  ownerRef: string;
  sponsorRef?: string;
  lifecycle: string;
  /** Such as `active` or `suspended`. */
  state: string;
  /** Why it is not active, in a sentence. */
  stateReason?: string;
  toolRefs: string[];
}
