import type { components } from '../generated/openapi';
import { expandWorkflow } from './expand';
import { edgesOf, incomingOf, inOrder, isTaken, type Outcome } from './graph';
import { type Workflow, type WorkflowNode, workflowSchema } from './schema';

type Schemas = components['schemas'];
type Step = Schemas['RunStep'];

/**
 * The graph of a workflow as a run has it: nodes and edges with the state of each.
 *
 * @public
 */
export type WorkflowGraphState = Schemas['WorkflowGraph'];

type GraphNode = Schemas['WorkflowGraphNode'];
type GraphEdge = Schemas['WorkflowGraphEdge'];

/**
 * Draws up the graph of a workflow, whatever its pattern, with what the steps of a run say
 * of each node. What a run adds by itself, such as the tasks of a plan, is in it too.
 *
 * @returns nothing for what is no workflow
 * @public
 */
export function describeGraph(
  workflow: unknown,
  steps: Step[] = [],
): WorkflowGraphState | undefined {
  const parsed = workflowSchema.safeParse(workflow);
  if (!parsed.success) {
    return undefined;
  }
  const { nodes } = expandWorkflow(workflow as Workflow);
  const own = steps.filter(isOfWorkflow);
  const known = new Map<string, Step[]>();
  const added: Step[] = [];
  const places = placesOf(nodes, '');
  for (const step of own) {
    const place = placeOf(step.nodePath!);
    const isNode = places.has(place) && !step.nodePath!.endsWith(']');
    if (isNode) {
      known.set(place, [...(known.get(place) ?? []), step]);
    } else {
      added.push(step);
    }
  }
  const graph: WorkflowGraphState = { nodes: [], edges: [] };
  draw(nodes, '', known, graph);
  drawAdded(added, places, graph);
  return graph;
}

/**
 * Whether a step is of the workflow that a run is of. What agents do has no path, and a
 * workflow inside this one has paths of its own.
 *
 * @public
 */
export function isOfWorkflow({ nodePath }: { nodePath?: string }): boolean {
  return nodePath !== undefined && !nodePath.includes('/');
}

/**
 * The path of a node without rounds and items, which are of one node.
 *
 * @public
 */
export function placeOf(path: string): string {
  return path.replaceAll(/\[\d+\]/g, '');
}

function placesOf(nodes: WorkflowNode[], prefix: string): Set<string> {
  return new Set(
    nodes.flatMap(node => [
      `${prefix}${node.id}`,
      ...('nodes' in node ? placesOf(node.nodes, `${prefix}${node.id}.`) : []),
    ]),
  );
}

function draw(
  nodes: WorkflowNode[],
  prefix: string,
  known: Map<string, Step[]>,
  graph: WorkflowGraphState,
  parent?: GraphNode,
): void {
  const edges = edgesOf(nodes);
  const incoming = incomingOf(edges);
  const outcomes = new Map<string, Outcome>();
  const drawn = new Map<string, GraphEdge>();
  const stateOf = (edge: (typeof edges)[0]): GraphEdge['state'] => {
    const outcome = outcomes.get(edge.from);
    if (!outcome) {
      return 'pending';
    }
    return isTaken(edge, outcome) ? 'taken' : 'skipped';
  };
  for (const node of inOrder(nodes, edges).order) {
    const id = `${prefix}${node.id}`;
    const steps = known.get(id) ?? [];
    const into = (incoming.get(node.id) ?? []).map(edge => {
      const state = stateOf(edge);
      drawn.set(JSON.stringify(edge), { ...edge, state });
      return state;
    });
    // Inside a loop or map each round and item may go another way.
    const isSkipped =
      !steps.length &&
      (parent
        ? parent.state === 'succeeded' || parent.state === 'skipped'
        : into.length > 0 && into.every(state => state === 'skipped'));
    const state = isSkipped ? 'skipped' : stateIn(steps);
    if (state === 'skipped' || state === 'failed' || state === 'succeeded') {
      const { taken } = (steps.at(-1)?.output ?? {}) as { taken?: string };
      outcomes.set(node.id, {
        status: state === 'succeeded' ? 'done' : state,
        handle: taken,
      });
    }
    const graphNode: GraphNode = {
      id,
      type: node.type,
      state,
      ...(node.title && { title: node.title }),
      ...(node.position && { position: node.position }),
      ...(parent && { parentId: parent.id }),
      ...countsOf(steps),
    };
    graph.nodes.push(graphNode);
    if ('nodes' in node) {
      draw(node.nodes, `${id}.`, known, graph, graphNode);
    }
  }
  graph.edges.push(
    ...[...drawn.values()].map(edge => ({
      ...edge,
      from: `${prefix}${edge.from}`,
      to: `${prefix}${edge.to}`,
    })),
  );
}

function stateIn(steps: Step[]): GraphNode['state'] {
  const has = (status: Step['status']) =>
    steps.some(step => step.status === status);
  if (has('running')) {
    return 'running';
  }
  return has('waiting') ? 'waiting' : steps.at(-1)?.status ?? 'pending';
}

function countsOf(steps: Step[]): Partial<GraphNode> {
  if (!steps.length) {
    return {};
  }
  const count = (status: Step['status']) =>
    steps.filter(step => step.status === status).length;
  return {
    stepId: steps.at(-1)!.id,
    ...(steps.length > 1 && {
      counts: {
        running: count('running') + count('waiting'),
        succeeded: count('succeeded'),
        failed: count('failed'),
      },
    }),
  };
}

/** Hand-offs of a swarm, and plans with their tasks, as far as they are known. */
function drawAdded(
  steps: Step[],
  places: Set<string>,
  graph: WorkflowGraphState,
): void {
  const byPath = Map.groupBy(steps, ({ nodePath }) => nodePath!);
  let before: string | undefined;
  const ids = new Set(byPath.keys());
  /** The latest plan of each node that plans. */
  const plans = new Map<string, { path: string; tasks: Set<string> }>();
  for (const [path, of] of byPath) {
    const step = of.at(-1)!;
    const parentId = [...places]
      .filter(
        place =>
          placeOf(path) === place || placeOf(path).startsWith(`${place}.`),
      )
      .sort((a, b) => b.length - a.length)[0];
    graph.nodes.push({
      id: path,
      type: step.kind === 'node' ? 'plan' : step.kind,
      state: stateIn(of),
      title: step.title ?? step.name,
      ...(parentId && { parentId }),
      ...countsOf(of),
    });
    if (placeOf(path) === parentId) {
      if (before) {
        graph.edges.push({ from: before, to: path, state: 'taken' });
      }
      before = path;
    }
    const { tasks } = (step.output ?? {}) as {
      tasks?: Array<{ id: string; after?: string[] }>;
    };
    if (!tasks || parentId === undefined) {
      continue;
    }
    const earlier = plans.get(parentId);
    const planned = tasks.map(({ id }) => `${parentId}.${id}`);
    const given = new Set(planned);
    if (earlier) {
      reviseIn(graph, earlier, { path, tasks: given });
    }
    plans.set(parentId, { path, tasks: given });
    for (const [i, to] of planned.entries()) {
      const { after = [] } = tasks[i];
      const from = after.length
        ? after.map(each => `${parentId}.${each}`)
        : [path];
      if (!ids.has(to)) {
        ids.add(to);
        graph.nodes.push({
          id: to,
          type: 'agent',
          state: 'pending',
          parentId,
        });
      }
      graph.edges.push(
        ...from
          // What a task of the plan before follows is drawn already.
          .filter(
            each =>
              !earlier?.tasks.has(to) ||
              (each !== path && !earlier.tasks.has(each)),
          )
          .map((each): GraphEdge => ({ from: each, to, state: 'taken' })),
      );
    }
  }
}

/** A plan that was made anew: what of the one before it does not hold any more led to it. */
function reviseIn(
  graph: WorkflowGraphState,
  before: { path: string; tasks: Set<string> },
  now: { path: string; tasks: Set<string> },
): void {
  const left = [...before.tasks].filter(task => !now.tasks.has(task));
  for (const node of graph.nodes) {
    if (node.id === before.path || left.includes(node.id)) {
      node.state = 'revised';
    }
  }
  graph.edges = graph.edges.filter(({ from }) => !left.includes(from));
  graph.edges.push(
    ...(left.length ? left : [before.path]).map(
      (from): GraphEdge => ({ from, to: now.path, state: 'taken' }),
    ),
  );
}
