import type { HistoryNeeds, RuledTool } from '@agentportal/agent-rules';
import type { DecidedAgent, Decision } from '@agentportal/plugin-agents-common';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { PolicyDecision } from '@backstage/plugin-permission-common';
import type { ActiveAgent } from '../identities/AgentIdentities';
import type { AgentCallDecision, AgentCallQuestion } from './decideAgentCall';

/**
 * Decides about tool calls by the rules of one moment.
 *
 * @public
 */
export interface AgentDecider {
  /** Changes with the rules, and only then. */
  readonly version: string;
  /** Whether some rule reads the groups of the person. */
  readonly readsPerson: boolean;
  /** What of the past has to be read before {@link AgentDecider.decide} can answer. */
  needsOf(
    agentRef: string,
    tool: Pick<RuledTool, 'ref' | 'serverRef'>,
  ): HistoryNeeds | undefined;
  /** Whether some rule counts the calls of a tool, and which arguments are summed. */
  counted(toolRef: string): { counted: boolean; paths: string[] };
  decide(question: AgentCallQuestion): AgentCallDecision;
}

/**
 * What a permission policy gives to each half of whoever acts.
 *
 * @public
 */
export interface PermissionHalves {
  person(personRef: string): PolicyDecision | Promise<PolicyDecision>;
  /** Asked for what the agent was not granted by itself. */
  agent(agent: ActiveAgent): PolicyDecision;
}

/**
 * The one place where it is decided what an agent may do, in process: which permissions
 * it has, which model it may use, which tools it may call with what. Rules are two
 * seconds old at most; while the agents plugin is away the last ones hold.
 *
 * @public
 */
export interface AgentDecisions {
  /**
   * Whether whoever acts has a permission. An agent that acts for a person has what both
   * have; one that may not act has nothing, and a service is not for this to decide.
   *
   * @throws ServiceUnavailableError when nobody knows whether the agent may act
   */
  permission(
    name: string,
    credentials: BackstageCredentials,
    halves: PermissionHalves,
  ): Promise<PolicyDecision>;
  /** Whether an agent may use a model. */
  model(question: {
    agent: DecidedAgent;
    /** An entity ref, a gateway id or the name of a route. */
    model: string;
    /** What the agent's route leads to, as gateway ids or refs, if it is one. */
    routeCandidates?: string[];
  }): Decision;
  /**
   * For tool calls.
   *
   * @throws ServiceUnavailableError when the rules have never been read and cannot be
   */
  current(): Promise<AgentDecider>;
  /** Counts what rules matched in a call, for the report. */
  note(
    decision: AgentCallDecision,
    call: { agentRef: string; toolRef: string; runId?: string },
  ): void;
}
