import type { Autonomy } from '@agentportal/plugin-agents-common';
import type { ActingParty } from '../identities/AgentIdentities';

/**
 * Request header with which whoever runs an agent says for which step it calls. Agent,
 * run and conversation are not said: they come from the token.
 *
 * @public
 */
export const RUN_STEP_HEADER = 'x-agent-portal-step';

const MAX_STEP = 1_000_000;

/**
 * The agent on whose account a gateway is called, and in what work.
 *
 * @public
 */
export interface RunContext {
  /** Entity ref of the agent. */
  agentRef: string;
  /** Id of the run; absent when the agent calls with a token of its own. */
  runId?: string;
  /** Number of the step in the run, from 0. */
  step?: number;
  /** Id of the conversation that the run is part of. */
  sessionId?: string;
  /** Entity refs of the agents that the work went through, this one last. */
  chain: string[];
  /** The lowest autonomy of the task, of those that handed it on and of the agent. */
  autonomy: Autonomy;
  /** Refs of the tools that the task is held to; absent when only the agent's own count. */
  tools?: string[];
}

/**
 * On whose account a call of an agent goes; `undefined` for people and services, who call
 * for themselves.
 *
 * @public
 */
export function runContextOf(
  party: ActingParty,
  headers: Record<string, string | string[] | undefined> = {},
): RunContext | undefined {
  if (party.type !== 'agent') {
    return undefined;
  }
  const { agentRef, agent, delegation } = party;
  if (!delegation) {
    return { agentRef, chain: [agentRef], autonomy: agent.autonomy };
  }
  const { taskId, sessionId, chain, autonomy, tools } = delegation;
  const step = stepOf(headers[RUN_STEP_HEADER]);
  return {
    agentRef,
    runId: taskId,
    chain,
    autonomy,
    ...(step !== undefined && { step }),
    ...(sessionId && { sessionId }),
    ...(tools && { tools }),
  };
}

function stepOf(header: string | string[] | undefined): number | undefined {
  const text = [header].flat()[0];
  const step = text && /^\d{1,7}$/.test(text) ? Number(text) : undefined;
  return step !== undefined && step <= MAX_STEP ? step : undefined;
}
