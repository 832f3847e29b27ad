import type { StatusTone } from '@agentportal/plugin-agents-react';
import type {
  AgentStats,
  RunSummary,
} from '@agentportal/plugin-orchestration-common';

/** An agent's state as people say it. */
export interface AgentStatus {
  /** Left out where only the lifecycle is known, which has words of its own. */
  word?: string;
  tone?: StatusTone;
}

/** Fewer runs than this say nothing about an agent's health. */
const ENOUGH_RUNS = 3;
const OFTEN = 0.5;

/** How the gateway begins when a budget has no room for a call. */
const OVER_BUDGET = /^The budget of /;

/**
 * How an agent is doing, from its lifecycle and those runs of its last two weeks
 * that the person may see. A person's decision (suspended, retired) goes before any
 * measurement, and without a run that one may see nothing is claimed.
 */
export function agentStatus(
  lifecycle: string,
  stats: Pick<AgentStats, 'runs' | 'failed'> | undefined,
  lastRun?: Pick<RunSummary, 'error'>,
): AgentStatus {
  if (lifecycle === 'suspended' || lifecycle === 'retired' || !stats?.runs) {
    return {};
  }
  if (lastRun?.error && OVER_BUDGET.test(lastRun.error.message)) {
    return { word: 'Last call was over budget', tone: 'attention' };
  }
  if (stats.runs >= ENOUGH_RUNS && stats.failed / stats.runs >= OFTEN) {
    return { word: 'Failing often', tone: 'attention' };
  }
  return lifecycle === 'production' && stats.failed < stats.runs
    ? { word: 'Working normally', tone: 'good' }
    : {};
}
