import {
  handlesOf,
  incomingOf,
  type Outcome,
  outcomesOf,
  type WorkflowEdge,
} from './graph';
import type { WorkflowNode } from './schema';

/** How many combinations of cases are gone through, times nodes. */
const MAX_WORK = 30_000;

/** One of the ways that a run can take. */
export interface Way {
  outcomes: Map<string, Outcome>;
  /** What conditions have chosen and what has failed on it. */
  words: string;
}

/** The ways that a run can take, all of them or as many as are looked at in no time. */
export function waysThrough(
  order: WorkflowNode[],
  edges: WorkflowEdge[],
): Way[] {
  const ends = new Map(
    order.map(node => [
      node.id,
      node.type === 'condition'
        ? handlesOf(node).map((handle): Outcome => ({ status: 'done', handle }))
        : [
            { status: 'done' } as Outcome,
            ...(edges.some(
              ({ from, handle }) => from === node.id && handle === 'error',
            )
              ? [{ status: 'failed' } as Outcome]
              : []),
          ],
    ]),
  );
  const incoming = incomingOf(edges);
  const total = [...ends.values()].reduce((n, { length }) => n * length, 1);
  const most = Math.min(total, Math.ceil(MAX_WORK / order.length));
  return Array.from({ length: most }, (_, way) => {
    // Spread over all of them where there are too many.
    let rest = Math.floor((way * total) / most);
    const words: string[] = [];
    const outcomes = outcomesOf(order, incoming, node => {
      const own = ends.get(node.id)!;
      const outcome = own[rest % own.length];
      rest = Math.floor(rest / own.length);
      if (own.length > 1) {
        words.push(
          `${node.id} ${
            outcome.handle
              ? `is ${outcome.handle}`
              : `has ${outcome.status === 'done' ? 'not failed' : 'failed'}`
          }`,
        );
      }
      return outcome;
    });
    return { outcomes, words: words.join(' and ') };
  });
}
