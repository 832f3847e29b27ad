import type { RunStep } from '@agentportal/plugin-orchestration-common';

/** A step, and under how many others it happened. */
export interface TreeStep {
  step: RunStep;
  depth: number;
}

/**
 * Steps in the order in which they are read: each under the one that it happened in,
 * also when several went on at once, and otherwise in the order of time.
 */
export function stepTree(steps: readonly RunStep[]): TreeStep[] {
  const known = new Set(steps.map(({ id }) => id));
  const under = Map.groupBy(steps, ({ parentId }) =>
    parentId !== undefined && known.has(parentId) ? parentId : '',
  );
  const tree: TreeStep[] = [];
  const open = [...(under.get('') ?? [])]
    .reverse()
    .map((step): TreeStep => ({ step, depth: 0 }));
  for (let next = open.pop(); next; next = open.pop()) {
    tree.push(next);
    const { depth, step } = next;
    const inside = under.get(step.id) ?? [];
    for (const each of inside.toReversed()) {
      open.push({ step: each, depth: depth + 1 });
    }
  }
  return tree;
}

/** The steps with these ids, and all that happened in them. */
export function withInner(
  steps: readonly RunStep[],
  ids: Iterable<string>,
): RunStep[] {
  const within = new Set(ids);
  return steps.filter(({ id, parentId }) => {
    // A step comes after the one that it happened in.
    if (parentId !== undefined && within.has(parentId)) {
      within.add(id);
    }
    return within.has(id);
  });
}
