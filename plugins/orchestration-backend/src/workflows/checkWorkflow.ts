import { fullRefOf } from '@agentportal/plugin-agents-common';
import {
  allNodes,
  describeGraph,
  expandWorkflow,
  namedIn,
  validateWorkflow,
  type ValidateWorkflowRequest,
  type Workflow,
  type WorkflowValidation,
} from '@agentportal/plugin-orchestration-common';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { AgentDirectory } from '../agents/AgentDirectory';

/**
 * Everything that is wrong with a workflow, with the agents and tools that are not in the
 * catalog for whoever asks.
 */
export async function checkWorkflow(
  agents: AgentDirectory,
  { workflow, tools, handoffs }: ValidateWorkflowRequest,
  credentials: BackstageCredentials,
): Promise<WorkflowValidation> {
  const refs = (list: string[], kind: string) =>
    list.map(ref => fullRefOf(ref, kind) ?? ref);
  const problems = validateWorkflow(workflow, {
    tools: tools && refs(tools, 'Tool'),
    handoffs: handoffs && refs(handoffs, 'Agent'),
  });
  const graph = describeGraph(workflow);
  if (!graph) {
    return { problems };
  }
  const named = allNodes(
    expandWorkflow(workflow as unknown as Workflow).nodes,
  ).flatMap(node =>
    namedIn(node).flatMap(({ field, kind, ref }) => {
      const full = fullRefOf(ref, kind);
      return full ? [{ nodeId: node.id, field, full }] : [];
    }),
  );
  const missing = await agents.missing(
    [...new Set(named.map(({ full }) => full))],
    credentials,
  );
  return {
    problems: [
      ...problems,
      ...named
        .filter(({ full }) => missing.has(full))
        .map(({ nodeId, field, full }) => ({
          path: '',
          nodeId,
          message: `${field} (node ${nodeId}) names ${full}, which is not in the catalog, or you may not see it`,
        })),
    ],
    graph,
  };
}
