import { nameOfRef } from '@agentportal/plugin-agents-react';
import {
  placeOf,
  type Run,
  type RunStep,
  type WorkflowGraphState,
} from '@agentportal/plugin-orchestration-common';
import { inWords, stepTitle } from '../run/stepWords';

/** A node of the graph of a run, and the steps that are its own. */
export type RunGraphNode = WorkflowGraphState['nodes'][0] & {
  title: string;
  steps: RunStep[];
};

/** What a run was made of, as a graph: a workflow, or agents that handed work on. */
export interface RunGraph {
  nodes: RunGraphNode[];
  edges: WorkflowGraphState['edges'];
}

/** The graph of a run; nothing of one in which one agent worked alone. */
export function graphOf(run: Run): RunGraph | undefined {
  return run.graph ? workflowGraph(run, run.graph) : handoffGraph(run);
}

/** The node in which a step happened. */
export function nodeOfStep(
  { nodes }: RunGraph,
  { steps }: Run,
  stepId: string,
): RunGraphNode | undefined {
  const byId = new Map(steps.map(step => [step.id, step]));
  let step = byId.get(stepId);
  while (step) {
    const { id } = step;
    const node = nodes.find(each => each.steps.some(own => own.id === id));
    if (node) {
      return node;
    }
    step = step.parentId === undefined ? undefined : byId.get(step.parentId);
  }
  return undefined;
}

function workflowGraph(run: Run, graph: WorkflowGraphState): RunGraph {
  const ids = new Set(graph.nodes.map(({ id }) => id));
  const byNode = Map.groupBy(
    run.steps.filter(step => step.nodePath !== undefined),
    // What a run adds by itself has its whole path as id, and others have no rounds and items in theirs.
    ({ nodePath = '' }) => (ids.has(nodePath) ? nodePath : placeOf(nodePath)),
  );
  return {
    nodes: graph.nodes.map(node => {
      const steps = byNode.get(node.id) ?? [];
      // Agents and tools have names that people know.
      const known =
        steps.length > 0 ? stepTitle(steps.at(-1)!) : inWords(node.id);
      return { ...node, title: node.title ?? known, steps };
    }),
    edges: graph.edges,
  };
}

const STATES: Record<Run['status'], RunGraphNode['state']> = {
  queued: 'pending',
  running: 'running',
  interrupted: 'waiting',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'skipped',
};

function handoffGraph(run: Run): RunGraph | undefined {
  const start: RunGraphNode = {
    id: 'start',
    type: 'agent',
    title: run.agentTitle ?? nameOfRef(run.agentRef),
    state: STATES[run.status],
    steps: [],
  };
  const nodes = new Map([[start.id, start]]);
  /** In the work of which node a step happened. */
  const within = new Map<string, string>();
  const edges: RunGraph['edges'] = [];
  for (const step of run.steps) {
    const from = within.get(step.parentId ?? '') ?? start.id;
    if (step.kind !== 'agent') {
      // The first agent's own calls are what it did.
      if (from === start.id && step.parentId === undefined) {
        start.steps.push(step);
      }
      within.set(step.id, from);
      continue;
    }
    const id = `${from} ${step.name}`;
    const node = nodes.get(id) ?? {
      id,
      type: 'agent',
      title: stepTitle(step),
      state: step.status,
      steps: [],
    };
    if (!nodes.has(id)) {
      nodes.set(id, node);
      edges.push({ from, to: id, state: 'taken' });
    }
    node.steps.push(step);
    node.state =
      node.steps.find(({ status }) => status === 'running')?.status ??
      step.status;
    node.stepId = step.id;
    within.set(step.id, id);
  }
  return nodes.size > 1 ? { nodes: [...nodes.values()], edges } : undefined;
}
