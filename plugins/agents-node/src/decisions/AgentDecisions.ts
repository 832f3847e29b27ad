import type { HistoryNeeds } from '@agentportal/agent-rules';
import type { AgentCallDecision, AgentCallQuestion } from './decideAgentCall';

/**
 * Decides about tool calls by the rules of one moment.
 *
 * @public
 */
export interface AgentDecider {
  /** Whether some rule reads the groups of the person. */
  readonly readsPerson: boolean;
  /** What of the past has to be read before {@link AgentDecider.decide} can answer. */
  needsOf(agentRef: string, toolRef: string): HistoryNeeds | undefined;
  /** Whether some rule counts the calls of a tool, and which arguments are summed. */
  counted(toolRef: string): { counted: boolean; paths: string[] };
  decide(question: AgentCallQuestion): AgentCallDecision;
}

/**
 * The one place where it is decided whether an agent may call a tool, in process. Rules
 * are two seconds old at most; while the agents plugin is away the last ones hold.
 *
 * @public
 */
export interface AgentDecisions {
  /**
   * @throws ServiceUnavailableError when the rules have never been read and cannot be
   */
  current(): Promise<AgentDecider>;
  /** Counts what rules matched in a call, for the report. */
  note(
    decision: AgentCallDecision,
    call: { agentRef: string; toolRef: string; runId?: string },
  ): void;
}
