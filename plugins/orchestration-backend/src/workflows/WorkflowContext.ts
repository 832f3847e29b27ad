import type {
  WorkflowNode,
  WorkflowScope,
} from '@agentportal/plugin-orchestration-common';
import type { BaseMessage } from '@langchain/core/messages';
import type { StructuredToolInterface } from '@langchain/core/tools';
import type { ChatOpenAI } from '@langchain/openai';
import type {
  AgentTask,
  ExecuteAgent,
  ExecutionDeps,
} from '../execution/AgentTask';
import type { Handoff } from '../execution/handoffs';
import { RunFailure } from '../execution/RunFailure';
import type { createStepMiddleware } from '../execution/stepMiddleware';

/** What the nodes of one workflow work with. */
export interface WorkflowContext {
  deps: ExecutionDeps;
  task: AgentTask;
  execute: ExecuteAgent;
  /** Tools that may be called now, by the ref of their entity. */
  tools: Map<string, { name: string; tool: StructuredToolInterface }>;
  /** Agents that may be asked now, by ref, with the name of the tool that asks them. */
  agents: Map<string, { name: string; handoff: Handoff }>;
  chatModel: ChatOpenAI;
  systemPrompt: string;
  /**
   * What stands round each call of a model, a tool or an agent: budget, journal, people.
   *
   * @param options.agents - to be asked instead of those of the workflow
   * @param options.silent - what is said is not the answer of the run
   */
  steps(
    task: AgentTask,
    options: { agents?: Map<string, Handoff>; silent: boolean },
  ): ReturnType<typeof createStepMiddleware>;
  /** Paths of the nodes that have steps; one that fails before has none. */
  started: Set<string>;
  /** Full form of a ref that a node names. */
  refOf(ref: string, kind: 'Agent' | 'Tool'): string;
}

/** Where in a run a node is. */
export interface Place {
  /** Ids of the nodes from the outside in, with the round or item, such as `each[3].check`. */
  path: string;
  parentStepId?: string;
  /** What tools have said before, for who asks where an argument comes from. */
  said: () => BaseMessage[];
  /** Aborted with its failure when a node beside it, or beside what it is in, has failed. */
  over?: AbortSignal;
}

/** What a node gives to those after it. */
export interface NodeResult {
  output: unknown;
  /** The case that a condition has chosen. */
  handle?: string;
  /** The call that it made, with whose answer later arguments may be compared. */
  call?: { id: string; name: string; args: Record<string, unknown> };
}

/** Does what nodes of one type do. */
export type NodeHandler<T extends WorkflowNode = WorkflowNode> = (
  context: WorkflowContext,
  node: T,
  place: Place,
  scope: WorkflowScope,
) => Promise<NodeResult>;

/** The failure of a node, which ends the run unless an `error` edge leads on. */
export function nodeFailed(
  node: WorkflowNode,
  reason: string,
  cause?: unknown,
): RunFailure {
  const begins = `The node ${node.id} of the workflow failed: `;
  // Said once, also of a node that tells what failed inside it.
  const sentence = reason.replaceAll(begins, '').trim().replace(/\.+$/, '');
  return new RunFailure('NodeFailed', `${begins}${sentence}.`, { cause });
}

/** Why a node failed, without saying again which one. */
export function reasonOf(message: string): string {
  return message.replace(/^The node \S+ of the workflow failed: /, '');
}

/** Whether what was thrown is the failure of a node, which others may go on after. */
export function isNodeFailure(
  failure: RunFailure | undefined,
): failure is RunFailure {
  return failure?.name === 'NodeFailed';
}
