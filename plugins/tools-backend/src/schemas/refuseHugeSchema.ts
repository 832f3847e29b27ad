const MAX_DEPTH = 100;
/** How many schemas there are when each $ref is written out. */
const MAX_SCHEMAS = 5_000;

/**
 * Refuses schemas that are small as texts and endless at work: nested too deep, or
 * with definitions that refer to each other several times over.
 *
 * @throws Error that says what is too much
 */
export function refuseHugeSchema(root: Record<string, unknown>): void {
  const sizes = new Map<object, number>();
  const open = new Set<object>();

  const sizeOf = (node: unknown, depth: number): number => {
    if (typeof node !== 'object' || node === null) {
      return 0;
    }
    if (depth > MAX_DEPTH) {
      throw new Error(`it is nested deeper than ${MAX_DEPTH} levels`);
    }
    const known = sizes.get(node);
    if (known !== undefined) {
      return known;
    }
    if (open.has(node)) {
      // It refers to itself, as trees do: then values bound it.
      return 1;
    }
    open.add(node);
    let size = 1;
    for (const [key, value] of Object.entries(node)) {
      if (key === '$ref' && typeof value === 'string') {
        size += sizeOf(targetOf(root, value), depth + 1);
      } else if (key !== '$defs' && key !== 'definitions') {
        size += sizeOf(value, depth + 1);
      }
    }
    open.delete(node);
    if (size > MAX_SCHEMAS) {
      throw new Error(
        `its $refs, written out, make more than ${MAX_SCHEMAS} schemas`,
      );
    }
    sizes.set(node, size);
    return size;
  };
  sizeOf(root, 0);
}

/** What a reference within the schema points to. */
function targetOf(root: object, ref: string): unknown {
  if (!ref.startsWith('#')) {
    return undefined;
  }
  let node: unknown = root;
  for (const part of ref.slice(1).split('/').filter(Boolean)) {
    const key = decode(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (
      typeof node !== 'object' ||
      node === null ||
      !Object.hasOwn(node, key)
    ) {
      return undefined;
    }
    node = (node as Record<string, unknown>)[key];
  }
  return node;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
