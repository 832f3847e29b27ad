import {
  evaluate,
  evaluateText,
  type WorkflowNode,
  type WorkflowNodeOf,
} from '@agentportal/plugin-orchestration-common';
import {
  AIMessage,
  HumanMessage,
  SystemMessage,
  type ToolMessage,
} from '@langchain/core/messages';
import type { StructuredToolInterface } from '@langchain/core/tools';
import { hash } from 'node:crypto';
import { agentTitle } from '../agents/snapshot';
import type { Handoff } from '../execution/handoffs';
import { findRunFailure } from '../execution/RunFailure';
import { agentOutput, modelOutput, toolOutput } from './outputs';
import { nodePathOf } from './withStep';
import {
  nodeFailed,
  type NodeHandler,
  type NodeResult,
  type Place,
  type WorkflowContext,
} from './WorkflowContext';

/** Asks an agent, which works under a delegation of its own. */
export const agentNode: NodeHandler<WorkflowNodeOf<'agent'>> = (
  context,
  node,
  place,
  scope,
) => askAgent(context, node, place, node.agent, evaluateText(node.task, scope));

/** Runs a workflow that is an agent of its own. */
export const subWorkflowNode: NodeHandler<WorkflowNodeOf<'sub-workflow'>> = (
  context,
  node,
  place,
  scope,
) =>
  askAgent(
    context,
    node,
    place,
    node.workflow,
    evaluateText(node.message, scope),
  );

/** Asks an agent that the workflow may hand work to. */
export async function askAgent(
  context: WorkflowContext,
  node: WorkflowNode,
  place: Place,
  agentRef: string,
  task: string,
): Promise<NodeResult & { output: { text: string; agent: string } }> {
  const ref = context.refOf(agentRef, 'Agent');
  const known = context.agents.get(ref);
  if (!known) {
    throw nodeFailed(
      node,
      `${ref} cannot be asked: it is not in the catalog, cannot be run now, or whoever started this may not run it`,
    );
  }
  const { name, handoff } = known;
  const message = await callTool(context, node, place, {
    name,
    tool: handoff.tool,
    args: { task },
  });
  return { output: agentOutput(message.text, agentTitle(handoff.agent)) };
}

/** Calls a tool through the tool gateway. */
export const toolNode: NodeHandler<WorkflowNodeOf<'tool'>> = async (
  context,
  node,
  place,
  scope,
) => {
  const ref = context.refOf(node.tool, 'Tool');
  const known = context.tools.get(ref);
  if (!known) {
    throw nodeFailed(
      node,
      `${ref} cannot be called: the tool gateway does not offer it to this agent now`,
    );
  }
  const args = evaluate(node.input ?? {}, scope) as Record<string, unknown>;
  const message = await callTool(context, node, place, { ...known, args });
  return {
    output: toolOutput(message.text),
    call: { id: message.tool_call_id, name: known.name, args },
  };
};

/** Asks the model of the workflow's agent, through the model gateway. */
export const modelNode: NodeHandler<WorkflowNodeOf<'model'>> = async (
  context,
  node,
  place,
  scope,
) => {
  const { chatModel, systemPrompt } = context;
  const system = node.system ? evaluateText(node.system, scope) : systemPrompt;
  const steps = context.steps(taskAt(context, place), { silent: true });
  const answer = (await Promise.resolve(
    steps.wrapModelCall!(
      {
        model: chatModel,
        systemMessage: new SystemMessage(system),
        messages: [
          new HumanMessage({
            // Of its own, so that two nodes that ask the same are two calls.
            id: callIdOf(context, place),
            content: evaluateText(node.prompt, scope),
          }),
        ],
        tools: [],
        state: { messages: [] },
        runtime: {},
      } as never,
      (async ({ messages, systemMessage }: any) =>
        chatModel.invoke([systemMessage, ...messages], {
          signal: context.task.signal,
        })) as never,
    ),
  ).catch((error: unknown) => {
    const failure = findRunFailure(error);
    throw failure?.name === 'ModelCallFailed'
      ? nodeFailed(node, failure.message, failure)
      : error;
  })) as AIMessage;
  return { output: modelOutput(node, answer.text) };
};

/**
 * Makes a call with everything that stands round the calls of agents.
 *
 * @throws RunFailure of the node, when the call failed
 */
export async function callTool(
  context: WorkflowContext,
  node: WorkflowNode,
  place: Place,
  options: {
    name: string;
    tool: StructuredToolInterface;
    args: Record<string, unknown>;
    agents?: Map<string, Handoff>;
  },
): Promise<ToolMessage> {
  const { agents, args, name, tool } = options;
  const id = callIdOf(context, place);
  const toolCall = { id, name, args, type: 'tool_call' as const };
  const steps = context.steps(taskAt(context, place), {
    agents,
    silent: context.task.depth > 0,
  });
  const message = (await steps.wrapToolCall!(
    {
      toolCall,
      tool,
      state: {
        messages: [
          ...place.said(),
          new AIMessage({
            id: `${id} asked`,
            content: '',
            tool_calls: [toolCall],
          }),
        ],
      },
      runtime: {},
    } as never,
    (async (request: { toolCall: typeof toolCall }) =>
      tool.invoke(
        { ...request.toolCall, type: 'tool_call' },
        { signal: context.task.signal },
      )) as never,
  )) as ToolMessage;
  if (message.status === 'error') {
    throw nodeFailed(node, message.text);
  }
  return message;
}

/** The same for the same place in the same run, whatever process comes to it. */
function callIdOf({ task }: WorkflowContext, { path }: Place): string {
  return task.depth === 0
    ? path
    : `${hash('sha256', task.checkpoints, 'base64url').slice(0, 10)}.${path}`;
}

function taskAt(context: WorkflowContext, place: Place) {
  const { started, task } = context;
  const path = nodePathOf(task, place);
  started.add(path);
  return {
    ...task,
    parentStepId: place.parentStepId ?? task.parentStepId,
    node: { path, depth: task.depth },
  };
}
