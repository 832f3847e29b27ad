import type { Delegation } from '../client/AgentIdentityClient';
import type { DataClassification } from '../kinds/AgentEntity';
import type { RiskTier } from '../kinds/riskTier';
import { autonomyCeiling, lowestAutonomy } from './autonomyCeiling';
import { DEFAULT_DATA_CLASSIFICATION, isMoreSensitive } from './dataClass';
import { type DecidedAgent, type Decision, ownerOf, refuse } from './Decision';

/**
 * What a task narrows: what was delegated, by whoever handed the work on.
 *
 * @public
 */
export type DecidedTask = Pick<Delegation, 'autonomy' | 'tools' | 'dataClass'>;

/**
 * What of a tool decides about calls of it.
 *
 * @public
 */
export interface DecidedTool {
  /** Full entity ref. */
  ref: string;
  ownerRef?: string;
  riskTier: RiskTier;
  /** The most sensitive data that it gives; `internal` unless it is known. */
  dataClassification?: DataClassification;
}

/**
 * What of a person decides about calls that are made for them.
 *
 * @public
 */
export interface DecidedPerson {
  /** Full entity ref. */
  ref: string;
  /** The most sensitive data that they may see; all of it unless it is bounded. */
  clearance?: DataClassification;
}

/**
 * Refuses a tool whose data a person may not see, whoever calls it for them.
 *
 * @public
 */
export function refuseUncleared(
  person: DecidedPerson,
  tool: Omit<DecidedTool, 'riskTier'>,
): Decision | undefined {
  const data = tool.dataClassification ?? DEFAULT_DATA_CLASSIFICATION;
  return person.clearance && isMoreSensitive(data, person.clearance)
    ? refuse(
        'data',
        `${tool.ref} gives ${data} data, and ${person.ref} may see data up to ${
          person.clearance
        }. The people who run the portal decide about that, for groups and persons (agents.clearance); about the tool ask ${ownerOfTool(
          tool,
        )}.`,
      )
    : undefined;
}

/**
 * Whether an agent may call a tool by itself: the agent declares the tool and the task
 * may need it, its autonomy reaches the tool's risk tier, and the tool gives no data that
 * is too sensitive for it, its task or the person. What else the person may do is decided
 * apart from this.
 *
 * Where the risk is all that is in the way, the refusal is `approvable`. An approval
 * counts for that alone.
 *
 * @public
 */
export function decideToolCall(options: {
  agent: DecidedAgent;
  tool: DecidedTool;
  task?: DecidedTask;
  /** For whom it acts, if for anybody. */
  person?: DecidedPerson;
  /** Whether people have approved this very call. */
  approved?: boolean;
}): Decision {
  const { agent, task, tool } = options;
  const { title: who } = agent;
  const { ref, riskTier } = tool;
  const owner = ownerOfTool(tool);
  if (agent.state !== 'active') {
    return refuse('state', agent.reason ?? `${who} may not act.`);
  }
  if (!agent.tools.includes(ref)) {
    return refuse(
      'declared',
      `${who} does not declare ${ref}. ${ownerOf(
        agent,
      )} can add it to spec.tools.`,
    );
  }
  if (task?.tools && !task.tools.includes(ref)) {
    return refuse(
      'task',
      `${ref} is not among the tools that this task was given. Whoever starts the task can name it.`,
    );
  }
  if (riskTier === 'forbidden') {
    return refuse(
      'forbidden',
      `${ref} is forbidden: nobody and nothing may call it. Ask ${owner}.`,
    );
  }
  const data = tool.dataClassification ?? DEFAULT_DATA_CLASSIFICATION;
  const clearance = agent.dataClassification ?? DEFAULT_DATA_CLASSIFICATION;
  if (isMoreSensitive(data, clearance)) {
    return refuse(
      'data',
      `${ref} gives ${data} data, and ${who} may see data up to ${clearance}. ${ownerOf(
        agent,
      )} decides about spec.dataClassification; about the tool ask ${owner}.`,
    );
  }
  if (task?.dataClass && isMoreSensitive(data, task.dataClass)) {
    return refuse(
      'data',
      `${ref} gives ${data} data, and this task was given data up to ${task.dataClass} only. Whoever starts the task, or hands it on, decides about that.`,
    );
  }
  const uncleared = options.person && refuseUncleared(options.person, tool);
  if (uncleared) {
    return uncleared;
  }
  // Last, so that whoever is asked for an approval knows that nothing else is in the way.
  if (options.approved) {
    return {
      allowed: true,
      reason: `${who} declares ${ref}, and people approved this very call.`,
      ruleIds: [],
    };
  }
  if (riskTier === 'critical') {
    return needsApproval(
      'critical',
      `${ref} is critical: every call needs an approval by people.`,
    );
  }
  const autonomy = lowestAutonomy([
    agent.autonomy,
    ...(task ? [task.autonomy] : []),
  ]);
  const ceiling = autonomyCeiling(autonomy);
  if (ceiling.includes(riskTier)) {
    return {
      allowed: true,
      reason: `${who} declares ${ref}, and ${autonomy} covers ${riskTier} tools.`,
      ruleIds: [],
    };
  }
  // Work that was handed on with less autonomy does not get back what was earned.
  const isHandedLess = autonomy !== agent.autonomy;
  const earned =
    !isHandedLess && (riskTier === 'write' || riskTier === 'external')
      ? agent.earned?.find(
          each => each.toolRef === ref && each.riskTier === riskTier,
        )
      : undefined;
  if (earned) {
    return {
      allowed: true,
      reason: `${who} declares ${ref}, and has earned to call it without an approval; people agreed, and look at some of its calls still.`,
      ruleIds: [],
      earned: { id: earned.id, askedShare: earned.askedShare },
    };
  }
  return needsApproval(
    'autonomy',
    `${who} is on ${autonomy}${
      isHandedLess ? ' for this task' : ''
    }, which covers ${inWords(
      ceiling,
    )} tools without an approval; ${ref} is ${riskTier}. ${ownerOf(
      agent,
    )} decides about its autonomy.`,
  );
}

function needsApproval(limit: string, reason: string): Decision {
  return { ...refuse(limit, reason), approvable: true };
}

function ownerOfTool({ ownerRef }: Pick<DecidedTool, 'ownerRef'>): string {
  return ownerRef ? `its owner ${ownerRef}` : 'its owner';
}

function inWords(tiers: RiskTier[]): string {
  if (tiers.length < 2) {
    return tiers.length ? `only ${tiers[0]}` : 'no';
  }
  return `${tiers.slice(0, -1).join(', ')} and ${tiers[tiers.length - 1]}`;
}
