import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { Autonomy } from '@agentportal/plugin-agents-common';
import { principalOf } from './principalOf';

/**
 * Request headers with which the orchestration plugin tells the gateways for
 * which agent, run and step it calls. A gateway ignores them from anyone else.
 *
 * @public
 */
export const RUN_CONTEXT_HEADERS = {
  agent: 'x-agent-portal-agent',
  run: 'x-agent-portal-run',
  step: 'x-agent-portal-step',
  session: 'x-agent-portal-session',
  autonomy: 'x-agent-portal-autonomy',
} as const;

/**
 * The agent, run and step on whose account a gateway is called.
 *
 * @public
 */
export interface RunContext {
  /** Entity ref of the agent. */
  agentRef: string;
  /** Id of the run. */
  runId: string;
  /** Number of the step in the run, from 0. */
  step?: number;
  /** Id of the conversation that the run is part of. */
  sessionId?: string;
  /**
   * The lowest autonomy among the agents that handed this work on; the agent
   * acts within it and within its own.
   */
  autonomy?: Autonomy;
}

const ORCHESTRATION_SUBJECT = 'plugin:orchestration';

/**
 * Reads the run context of a request, or `undefined` when a person or program
 * calls directly. Only the orchestration plugin is believed, be it in its own
 * name or on behalf of a person, because everyone can write a header.
 *
 * @public
 */
export function readRunContext(
  headers: Record<string, string | string[] | undefined>,
  credentials: BackstageCredentials,
): RunContext | undefined {
  if (!isOrchestration(credentials)) {
    return undefined;
  }
  const agentRef = single(headers[RUN_CONTEXT_HEADERS.agent]);
  const runId = single(headers[RUN_CONTEXT_HEADERS.run]);
  if (!agentRef || !runId) {
    return undefined;
  }
  const step = Number.parseInt(
    single(headers[RUN_CONTEXT_HEADERS.step]) ?? '',
    10,
  );
  const sessionId = single(headers[RUN_CONTEXT_HEADERS.session]);
  const autonomy = single(headers[RUN_CONTEXT_HEADERS.autonomy]);
  return {
    agentRef,
    runId,
    ...(Number.isNaN(step) ? {} : { step }),
    ...(sessionId && { sessionId }),
    ...(autonomy && { autonomy: autonomy as Autonomy }),
  };
}

function isOrchestration(credentials: BackstageCredentials): boolean {
  const principal = principalOf(credentials);
  switch (principal.type) {
    case 'service':
      return principal.subject === ORCHESTRATION_SUBJECT;
    case 'user':
      return principal.actor === ORCHESTRATION_SUBJECT;
    default:
      return false;
  }
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
