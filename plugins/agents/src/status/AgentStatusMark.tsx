import { StatusMark } from '@agentportal/plugin-agents-react';
import type {
  AgentStats,
  RunSummary,
} from '@agentportal/plugin-orchestration-common';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { agentsTranslationRef } from '../translation';
import { HEALTH, agentStatus, type StandingAgent } from './agentStatus';

/** How an agent is doing, in words and a shape. */
export function AgentStatusMark(props: {
  agent: StandingAgent;
  stats: Pick<AgentStats, 'runs' | 'succeeded' | 'failed'> | undefined;
  lastRun?: Pick<RunSummary, 'error'>;
}) {
  const { agent, lastRun, stats } = props;
  const { t } = useTranslationRef(agentsTranslationRef);
  const { status, tone } = agentStatus(agent, stats, lastRun);
  const ours = HEALTH.find(each => each === status);
  const numbers = {
    failed: String(stats?.failed ?? 0),
    runs: String(stats?.runs ?? 0),
  };
  return (
    <StatusMark
      status={status}
      tone={tone}
      label={ours && t(`health.${ours}`, numbers)}
    />
  );
}
