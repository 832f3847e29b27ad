import type { RuleEngine, RuleHit, RuledCall } from '@agentportal/agent-rules';
import {
  builtInLimit,
  type DecidedAgent,
  type DecidedPerson,
  type DecidedTask,
  type DecidedTool,
  type Decision,
  decideToolCall,
  lowestAutonomy,
} from '@agentportal/plugin-agents-common';
import { createHash } from 'node:crypto';
import { digestOf } from '../approvals/actionDigest';

/**
 * A tool call of an agent. Without `args` the question is whether the tool belongs into
 * the agent's list, which only what needs no call decides.
 *
 * @public
 */
export interface AgentCallQuestion
  extends Pick<RuledCall, 'args' | 'history' | 'provenance' | 'now'> {
  agent: DecidedAgent & { lifecycle?: string };
  /** For whom it acts, if for anybody. */
  person?: RuledCall['person'] & DecidedPerson;
  /** What the task narrows, if it is work that was delegated. */
  task?: DecidedTask;
  /** Whether people have approved this very call. */
  approved?: boolean;
  tool: RuledCall['tool'] & DecidedTool;
  /** Nothing comes of it, so whoever asks shall not learn about which calls people are asked by chance. */
  isTrial?: boolean;
}

/**
 * What is decided, in a sentence, and by which rules.
 *
 * @public
 */
export interface AgentCallDecision extends Decision {
  /** Rules that would refuse, but only write it down. */
  logOnly: RuleHit[];
}

/**
 * The decision about a call: what the agent declares, the task and its autonomy and data
 * cover, and then the rules. Rules only take away: one that allowed more than the table
 * would be a way round the owner of the tool, who set its tier, and of the agent, who
 * declared it. Nor does an approval stand over a rule, so nobody is asked for one where a
 * rule refuses.
 *
 * @public
 */
export function decideAgentCall(
  engine: RuleEngine,
  question: AgentCallQuestion,
): AgentCallDecision {
  const { agent, task } = question;
  const table = askedStill(question, decideToolCall(question));
  if (!table.allowed && !table.approvable) {
    return { ...table, logOnly: [] };
  }
  const { allowed, refusedBy, logOnly } = engine.judge({
    ...question,
    agent: {
      ref: agent.agentRef,
      ownerRef: agent.ownerRef ?? '',
      autonomy: lowestAutonomy([
        agent.autonomy,
        ...(task ? [task.autonomy] : []),
      ]),
      lifecycle: agent.lifecycle ?? '',
      ...(agent.dataClassification && {
        classification: agent.dataClassification,
      }),
    },
  });
  return allowed
    ? { ...table, logOnly }
    : {
        allowed,
        reason: refusedBy.map(({ reason }) => reason).join(' '),
        ruleIds: refusedBy.map(({ ruleId }) => ruleId),
        logOnly,
      };
}

/**
 * Of the calls that an agent has earned, people are asked about a share still, or nobody would
 * see that it is not what it was. Which ones is told by a hash that nobody can choose, since
 * the id is known to the portal alone, and that is the same each time the call is decided.
 */
function askedStill(
  { agent, args, isTrial, tool }: AgentCallQuestion,
  table: Decision,
): Decision {
  if (!table.earned || args === undefined || isTrial) {
    return table;
  }
  const { id, askedShare } = table.earned;
  const drawn =
    createHash('sha256')
      .update(`${id} ${digestOf(args)}`)
      .digest()
      .readUInt32BE() /
    2 ** 32;
  return drawn < askedShare
    ? {
        allowed: false,
        approvable: true,
        reason: `${agent.title} has earned to call ${tool.ref} without an approval, and this call is one of those about which people are asked still.`,
        ruleIds: [builtInLimit('earned')],
      }
    : table;
}
