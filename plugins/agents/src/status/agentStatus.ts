import type { StatusTone } from '@agentportal/plugin-agents-react';
import type { AgentStats } from '@agentportal/plugin-orchestration-common';

/** An agent's state as people say it. */
export interface AgentStatus {
  word: string;
  tone: StatusTone;
}

/** Fewer runs than this say nothing about an agent's health. */
const ENOUGH_RUNS = 3;
const OFTEN = 0.5;

/**
 * How an agent is doing, from its lifecycle and its last two weeks. A person's
 * decision (suspended, retired) goes before any measurement.
 */
export function agentStatus(
  lifecycle: string,
  stats: Pick<AgentStats, 'runs' | 'failed'> | undefined,
): AgentStatus {
  if (lifecycle === 'suspended') {
    return { word: 'Suspended', tone: 'bad' };
  }
  if (lifecycle === 'retired') {
    return { word: 'Retired', tone: 'off' };
  }
  if (
    stats &&
    stats.runs >= ENOUGH_RUNS &&
    stats.failed / stats.runs >= OFTEN
  ) {
    return { word: 'Failing often', tone: 'attention' };
  }
  if (lifecycle === 'review') {
    return { word: 'In review', tone: 'waiting' };
  }
  if (lifecycle === 'experimental') {
    return { word: 'Experimental', tone: 'waiting' };
  }
  if (stats && stats.runs === 0) {
    return { word: 'No runs lately', tone: 'waiting' };
  }
  return { word: 'Working normally', tone: 'good' };
}
