/** How much one policy may hold; what people write has a tenth of it. */
const MAX_NODES = 3_000;

/** Thrown for a policy that is too large to be judged quickly. */
export class PolicyTooLargeError extends Error {
  override name = 'PolicyTooLargeError';
}

/**
 * What of the context a policy reads: `context.args.amount` is `['args', 'amount']`,
 * and the whole context `[]`. And how many parts it has, letters of patterns included.
 */
export function contextPaths(policy: { conditions: unknown[] }): {
  paths: string[][];
  parts: number;
} {
  const paths: string[][] = [];
  const stack: unknown[] = [...policy.conditions];
  let nodes = 0;
  while (stack.length) {
    const node = stack.pop();
    if (typeof node !== 'object' || node === null) {
      continue;
    }
    nodes += 1;
    if (nodes > MAX_NODES) {
      throw new PolicyTooLargeError(
        `It has more than ${MAX_NODES} parts. Make several rules of it.`,
      );
    }
    const read = pathOf(node);
    if (read) {
      paths.push(read);
    } else {
      stack.push(...Object.values(node));
    }
  }
  return { paths, parts: nodes };
}

function pathOf(node: object): string[] | undefined {
  const path: string[] = [];
  let at = node as Record<string, any>;
  for (;;) {
    if (at.Var === 'context') {
      return path;
    }
    const step = at['.'] ?? at.has;
    if (!step?.left) {
      return undefined;
    }
    path.unshift(...[step.attr].flat());
    at = step.left;
  }
}
