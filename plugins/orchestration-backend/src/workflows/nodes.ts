import {
  evaluate,
  holds,
  type WorkflowNode,
  type WorkflowNodeOf,
  type WorkflowNodeType,
} from '@agentportal/plugin-orchestration-common';
import { setTimeout as sleep } from 'node:timers/promises';
import { RunLetGo } from '../execution/RunFailure';
import { agentNode, modelNode, subWorkflowNode, toolNode } from './calls';
import { decide, failuresOf } from './choices';
import { loopNode, parallelNode } from './repeated';
import { planNode } from './plan';
import { humanNode, supervisorNode, swarmNode } from './teams';
import { readVote } from './ballots';
import { nodeFailed, type NodeHandler } from './WorkflowContext';
import { withStep } from './withStep';

const conditionNode: NodeHandler<WorkflowNodeOf<'condition'>> = async (
  context,
  node,
  place,
  scope,
) => {
  const { taken } = await withStep(context, node, place, null, async () => ({
    taken: node.cases.find(({ when }) => holds(when, scope))?.id ?? 'else',
  }));
  return { output: { taken }, handle: taken };
};

const transformNode: NodeHandler<WorkflowNodeOf<'transform'>> = async (
  context,
  node,
  place,
  scope,
) => ({
  output: await withStep(context, node, place, null, async () =>
    evaluate(node.set, scope),
  ),
});

const waitNode: NodeHandler<WorkflowNodeOf<'wait'>> = async (
  context,
  node,
  place,
) => {
  const { signal, stopping } = context.task;
  const over = place.over!;
  const output = await withStep(
    context,
    node,
    place,
    { seconds: node.seconds },
    async step => {
      // From when it began, also when another process waits for the rest.
      const until = Date.parse(step.startedAt) + node.seconds * 1_000;
      try {
        await sleep(Math.max(0, until - Date.now()), undefined, {
          signal: AbortSignal.any([signal, stopping, over]),
        });
      } catch {
        signal.throwIfAborted();
        throw over.aborted
          ? nodeFailed(node, 'a node beside it has failed')
          : new RunLetGo();
      }
      return { until: new Date(until).toISOString() };
    },
  );
  return { output };
};

const decideNode: NodeHandler<WorkflowNodeOf<'decide'>> = async (
  context,
  node,
  place,
  scope,
) => {
  const said = node.votes.map(({ by, says, weight = 1 }) => ({
    by,
    ...readVote(says, scope),
    weight,
  }));
  return {
    output: await withStep(context, node, place, { votes: said }, async () => {
      // What nobody was asked for with success is no decision, not even the usual one.
      if (said.every(({ failure }) => failure !== undefined)) {
        throw nodeFailed(node, `nobody could vote: ${failuresOf(said)}`);
      }
      return decide(node, said);
    }),
  };
};

const HANDLERS: Record<WorkflowNodeType, NodeHandler> = {
  agent: agentNode,
  tool: toolNode,
  model: modelNode,
  condition: conditionNode,
  loop: loopNode,
  parallel: parallelNode,
  human: humanNode,
  transform: transformNode,
  'sub-workflow': subWorkflowNode,
  wait: waitNode,
  supervisor: supervisorNode,
  swarm: swarmNode,
  decide: decideNode,
  plan: planNode,
} as Record<WorkflowNodeType, NodeHandler<any>>;

/** What does the work of nodes of a type. */
export function handlerOf(type: WorkflowNode['type']): NodeHandler {
  return HANDLERS[type];
}
