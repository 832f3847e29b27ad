import {
  edgesOf,
  type WorkflowEdge,
  type WorkflowNode,
} from '@agentportal/plugin-orchestration-common';
import type { StoredStep } from '../store/references';

/** A node of a path such as `each[3].check`, with the round or item if it has one. */
interface PathPart {
  id: string;
  round?: number;
}

/**
 * What becomes of a place of a workflow that is repeated from another place: what came of
 * it is kept, it goes on with a part of that, or it runs anew.
 */
export type Standing = 'kept' | 'open' | 'anew';

/**
 * Says what becomes of each place of a workflow that is repeated from one of its steps.
 * What does not depend on that step is kept, whenever it was done.
 *
 * @param nodes - of the whole workflow
 * @param steps - its own, in their order
 */
export function standingFrom(
  nodes: WorkflowNode[],
  from: StoredStep,
  steps: StoredStep[],
): (step: StoredStep) => Standing {
  const first = partsOf(from.nodePath!);
  return step =>
    standing(nodes, first, partsOf(step.nodePath!), {
      // Only plans need to know when something was done: they are made while they run.
      isEarlier: step.index < from.index,
      planOf: path =>
        steps.findLast(
          ({ index, kind, nodePath = '', status }) =>
            index < from.index &&
            kind === 'node' &&
            status === 'succeeded' &&
            nodePath.startsWith(`${path}.plan[`) &&
            nodePath.endsWith(']'),
        ),
      path: '',
    });
}

function standing(
  nodes: WorkflowNode[],
  [from, ...fromInside]: PathPart[],
  [at, ...inside]: PathPart[],
  known: {
    isEarlier: boolean;
    planOf: (path: string) => StoredStep | undefined;
    path: string;
  },
): Standing {
  if (at.id !== from.id) {
    return leadsTo(edgesOf(nodes), from.id, at.id) ? 'anew' : 'kept';
  }
  const node = nodes.find(({ id }) => id === from.id);
  if (!node || (from.round === undefined && !fromInside.length)) {
    return 'anew';
  }
  if (at.round === undefined && !inside.length) {
    return 'open';
  }
  const path = `${known.path}${from.id}`;
  switch (node.type) {
    case 'loop':
    case 'parallel':
      if (at.round === from.round) {
        return standing(node.nodes, fromInside, inside, {
          ...known,
          path: `${path}[${at.round}].`,
        });
      }
      return node.type === 'parallel' || at.round! < from.round!
        ? 'kept'
        : 'anew';
    case 'swarm':
      return at.round! < from.round! ? 'kept' : 'anew';
    case 'plan':
      return inPlan(fromInside[0], inside[0], known.planOf(path), known);
    default:
      return 'anew';
  }
}

/** A plan is made, and its tasks are done, in an order that only the plan knows. */
function inPlan(
  from: PathPart,
  at: PathPart,
  plan: StoredStep | undefined,
  { isEarlier }: { isEarlier: boolean },
): Standing {
  const { tasks = [] } = (plan?.output ?? {}) as {
    tasks?: Array<{ id: string; after?: string[] }>;
  };
  const isPlan = (part: PathPart) => part.round !== undefined;
  if (isPlan(from) || isPlan(at) || tasks.every(({ id }) => id !== at.id)) {
    return isEarlier ? 'kept' : 'anew';
  }
  const edges = tasks.flatMap(({ id, after = [] }) =>
    after.map(before => ({ from: before, to: id })),
  );
  return at.id === from.id || leadsTo(edges, from.id, at.id) ? 'anew' : 'kept';
}

/** Whether one node comes after another, near or far. */
function leadsTo(edges: WorkflowEdge[], from: string, to: string): boolean {
  const reached = new Set([from]);
  for (const id of reached) {
    edges.forEach(edge => edge.from === id && reached.add(edge.to));
  }
  return from !== to && reached.has(to);
}

/** The nodes of a path from the outside in. */
export function partsOf(nodePath: string): PathPart[] {
  return nodePath.split('.').map(part => {
    const [id, round] = part.split(/[[\]]/);
    return { id, ...(round !== undefined && { round: Number(round) }) };
  });
}
