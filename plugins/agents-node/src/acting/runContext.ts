import type { DecidedTask } from '@agentportal/plugin-agents-common';
import type { ActingParty, ActiveAgent } from '../identities/AgentIdentities';

/**
 * Request header with which whoever runs an agent says for which step it calls. Agent,
 * run and conversation are not said: they come from the token.
 *
 * @public
 */
export const RUN_STEP_HEADER = 'x-agent-portal-step';

/**
 * Request header, of any value, of a call that is only rehearsed: the tool gateway decides as
 * ever and lets nothing happen. Whoever sends it gives up power, so nobody has to be believed.
 *
 * @public
 */
export const REHEARSAL_HEADER = 'x-agent-portal-rehearsal';

const MAX_STEP = 1_000_000;

/**
 * The agent on whose account a gateway is called, and in what work.
 *
 * @public
 */
export interface RunContext {
  /** Entity ref of the agent. */
  agentRef: string;
  /** The agent as it stands now, which decides what it may do. */
  agent: ActiveAgent;
  /** Id of the run; absent when the agent calls with a token of its own. */
  runId?: string;
  /** Id of the delegation; absent when the agent calls with a token of its own. */
  delegationId?: string;
  /** Number of the step in the run, from 0. */
  step?: number;
  /** Id of the conversation that the run is part of. */
  sessionId?: string;
  /** Entity refs of the agents that the work went through, this one last. */
  chain: string[];
  /** What the task is held to; absent when the agent calls with a token of its own. */
  task?: DecidedTask;
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
    return { agentRef, agent, chain: [agentRef] };
  }
  const { id, taskId, sessionId, chain } = delegation;
  const step = stepOf(headers[RUN_STEP_HEADER]);
  return {
    agentRef,
    agent,
    runId: taskId,
    delegationId: id,
    chain,
    task: delegation,
    ...(step !== undefined && { step }),
    ...(sessionId && { sessionId }),
  };
}

function stepOf(header: string | string[] | undefined): number | undefined {
  const text = [header].flat()[0];
  const step = text && /^\d{1,7}$/.test(text) ? Number(text) : undefined;
  return step !== undefined && step <= MAX_STEP ? step : undefined;
}
