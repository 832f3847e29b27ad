import type { WorkflowNode } from './schema';

/**
 * A way from one node to another.
 *
 * @public
 */
export interface WorkflowEdge {
  from: string;
  to: string;
  /** The case of a condition, or `error`; none when it is taken whenever the node has ended well. */
  handle?: string;
}

/**
 * How a node ended, as far as others depend on it.
 *
 * @public
 */
export interface Outcome {
  status: 'done' | 'failed' | 'skipped';
  /** The case that a condition has chosen. */
  handle?: string;
}

/**
 * What a node can end in that others may follow apart: cases, else `error`.
 *
 * @public
 */
export function handlesOf(node: WorkflowNode): string[] {
  switch (node.type) {
    case 'condition':
      return [...node.cases.map(({ id }) => id), 'else'];
    case 'transform':
    case 'wait':
    case 'decide':
      return [];
    default:
      return ['error'];
  }
}

/** Splits `decide.late` into node and handle. */
export function readAfter(after: string): { from: string; handle?: string } {
  const [from, ...handle] = after.split('.');
  return { from, ...(handle.length && { handle: handle.join('.') }) };
}

/**
 * The edges of a graph: what nodes say they follow, and the node above where they say nothing.
 *
 * @public
 */
export function edgesOf(nodes: WorkflowNode[]): WorkflowEdge[] {
  return nodes.flatMap((node, i) => {
    const after = node.after ?? (i === 0 ? [] : [nodes[i - 1].id]);
    return [...new Set([after].flat())].map(each => ({
      ...readAfter(each),
      to: node.id,
    }));
  });
}

/**
 * Whether an edge is taken once its node has ended so.
 *
 * @public
 */
export function isTaken({ handle }: WorkflowEdge, outcome: Outcome): boolean {
  return outcome.status === 'failed'
    ? handle === 'error'
    : outcome.status === 'done' &&
        (handle === undefined || handle === outcome.handle);
}

/**
 * The nodes in an order in which each comes after those that it follows, and those that
 * are in no such order because they go in circles.
 *
 * @public
 */
export function inOrder(
  nodes: WorkflowNode[],
  edges: WorkflowEdge[],
): { order: WorkflowNode[]; circular: WorkflowNode[] } {
  const order: WorkflowNode[] = [];
  const placed = new Set<string>();
  let rest = nodes;
  while (rest.length) {
    const ready = rest.filter(({ id }) =>
      edges.every(({ from, to }) => to !== id || placed.has(from)),
    );
    if (!ready.length) {
      break;
    }
    ready.forEach(node => {
      placed.add(node.id);
      order.push(node);
    });
    rest = rest.filter(({ id }) => !placed.has(id));
  }
  return { order, circular: rest };
}

/** All nodes that come before each one, near and far. */
export function ancestorsOf(
  order: WorkflowNode[],
  edges: WorkflowEdge[],
): Map<string, Set<string>> {
  const ancestors = new Map<string, Set<string>>();
  for (const { id } of order) {
    const own = new Set<string>();
    for (const { from, to } of edges) {
      if (to === id) {
        own.add(from);
        ancestors.get(from)?.forEach(each => own.add(each));
      }
    }
    ancestors.set(id, own);
  }
  return ancestors;
}

/**
 * Which nodes run when conditions choose and nodes fail in a certain way. A node without
 * predecessors runs; any other when at least one edge to it is taken.
 *
 * @param order - see {@link inOrder}
 * @param incoming - see {@link incomingOf}
 *
 * @public
 */
export function outcomesOf(
  order: WorkflowNode[],
  incoming: Map<string, WorkflowEdge[]>,
  ends: (node: WorkflowNode) => Outcome,
): Map<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  for (const node of order) {
    const edges = incoming.get(node.id);
    const runs =
      !edges || edges.some(edge => isTaken(edge, outcomes.get(edge.from)!));
    outcomes.set(node.id, runs ? ends(node) : { status: 'skipped' });
  }
  return outcomes;
}

/**
 * The edges that lead to each node; nothing for one that nothing leads to.
 *
 * @public
 */
export function incomingOf(edges: WorkflowEdge[]): Map<string, WorkflowEdge[]> {
  return Map.groupBy(edges, ({ to }) => to);
}

/**
 * Every node, those inside loops and maps too.
 *
 * @public
 */
export function allNodes(nodes: WorkflowNode[]): WorkflowNode[] {
  return nodes.flatMap(node => [
    node,
    ...('nodes' in node ? allNodes(node.nodes) : []),
  ]);
}

const WITHOUT_MODELS = new Set([
  'condition',
  'decide',
  'human',
  'loop',
  'parallel',
  'tool',
  'transform',
  'wait',
]);

/**
 * Whether a node of this type asks a model, or agents that do; those inside it are nodes
 * themselves.
 *
 * @public
 */
export function asksModel({ type }: { type: string }): boolean {
  return !WITHOUT_MODELS.has(type);
}

/**
 * What a node names in the catalog, with the field that names it.
 *
 * @public
 */
export function namedIn(
  node: WorkflowNode,
): Array<{ field: string; kind: 'Agent' | 'Tool'; ref: string }> {
  const agents = (refs: string[]) =>
    refs.map((ref, i) => ({
      field: `agents[${i}]`,
      kind: 'Agent' as const,
      ref,
    }));
  switch (node.type) {
    case 'agent':
      return [{ field: 'agent', kind: 'Agent', ref: node.agent }];
    case 'tool':
      return [{ field: 'tool', kind: 'Tool', ref: node.tool }];
    case 'sub-workflow':
      return [{ field: 'workflow', kind: 'Agent', ref: node.workflow }];
    case 'supervisor':
    case 'swarm':
      return agents(node.agents);
    case 'plan':
      return [
        ...agents(node.agents),
        ...(node.planner
          ? [
              {
                field: 'planner',
                kind: 'Agent' as const,
                ref: node.planner,
              },
            ]
          : []),
      ];
    default:
      return [];
  }
}
