import type { AgentSummary } from '@agentportal/plugin-agents-common';
import type { StatusTone } from '@agentportal/plugin-agents-react';
import type {
  AgentStats,
  RunSummary,
} from '@agentportal/plugin-orchestration-common';

/** States beside those of the lifecycle; the translation of the plugin has their words. */
export const HEALTH = [
  'orphaned',
  'overBudget',
  'failing',
  'someFail',
  'working',
] as const;

/** An agent's state, with the shape of its status mark where it is no stage of the lifecycle. */
export interface AgentStatus {
  status: (typeof HEALTH)[number] | (string & {});
  tone?: StatusTone;
}

/** What decides about an agent's state, of a summary of it. */
export type StandingAgent = Pick<AgentSummary, 'lifecycle' | 'standing'>;

/** Fewer runs than this say nothing about an agent's health. */
const ENOUGH_RUNS = 3;
const OFTEN = 0.5;
const SOMETIMES = 0.1;

/**
 * How an agent is doing, from what was decided about it and those runs of its last two
 * weeks that the person may see. A decision (suspended, retired) goes before any
 * measurement, and without a run that one may see nothing is claimed.
 */
export function agentStatus(
  agent: StandingAgent,
  stats: Pick<AgentStats, 'runs' | 'succeeded' | 'failed'> | undefined,
  lastRun?: Pick<RunSummary, 'error'>,
): AgentStatus {
  const { lifecycle, standing } = agent;
  if (standing.state === 'orphaned') {
    return { status: 'orphaned', tone: 'bad' };
  }
  if (standing.state !== 'active') {
    return { status: standing.state };
  }
  if (!stats?.runs) {
    return { status: lifecycle };
  }
  if (lastRun?.error?.budget) {
    return { status: 'overBudget', tone: 'attention' };
  }
  if (stats.runs >= ENOUGH_RUNS && stats.failed / stats.runs >= OFTEN) {
    return { status: 'failing', tone: 'attention' };
  }
  if (stats.runs >= ENOUGH_RUNS && stats.failed / stats.runs >= SOMETIMES) {
    return { status: 'someFail', tone: 'attention' };
  }
  // A run that was stopped shows neither that it works nor that it does not.
  return lifecycle === 'production' && stats.succeeded > 0
    ? { status: 'working', tone: 'good' }
    : { status: lifecycle };
}
