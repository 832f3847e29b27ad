/** How deep schemas may be nested. */
export const MAX_DEPTH = 100;
/** How many schemas there are when each $ref is written out. */
const MAX_SCHEMAS = 5_000;

const REFERENCES = new Set(['$ref', '$dynamicRef', '$recursiveRef']);
/** Keywords with schemas by name, whatever the names are. */
const MAPS = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  'dependencies',
  '$defs',
  'definitions',
]);
/** Keywords with values that are no schemas. */
const VALUES = new Set(['const', 'enum', 'default', 'example', 'examples']);
const METASCHEMA = /^https?:\/\/json-schema\.org\//;

/**
 * Refuses schemas that are small as texts and endless at work: nested too deep, or
 * with definitions that refer to each other several times over.
 *
 * @throws Error that says what is too much
 */
export function refuseHugeSchema(root: Record<string, unknown>): void {
  const sizes = {
    schema: new Map<object, number>(),
    map: new Map<object, number>(),
  };
  const open = new Set<object>();
  const targetOf = referencesOf(root);

  const sizeOf = (node: unknown, depth: number, as: Role): number => {
    if (typeof node !== 'object' || node === null) {
      return 0;
    }
    if (depth > MAX_DEPTH) {
      throw tooDeep();
    }
    const known = sizes[as].get(node);
    if (known !== undefined) {
      return known;
    }
    if (open.has(node)) {
      // It refers to itself, as trees do: then values bound it.
      return 1;
    }
    open.add(node);
    let size = 1;
    for (const [key, value, role] of partsOf(node, as)) {
      if (as === 'schema' && REFERENCES.has(key) && typeof value === 'string') {
        const target = targetOf(node, value);
        // What is not counted here would be written out elsewhere.
        if (target === undefined && !METASCHEMA.test(value)) {
          throw new Error(`can't resolve reference ${value}`);
        }
        size += sizeOf(target, depth + 1, 'schema');
      } else if (as === 'map' || !/^(\$defs|definitions)$/.test(key)) {
        size += sizeOf(value, depth + 1, role);
      }
    }
    open.delete(node);
    if (size > MAX_SCHEMAS) {
      throw new Error(
        `its $refs, written out, make more than ${MAX_SCHEMAS} schemas`,
      );
    }
    sizes[as].set(node, size);
    return size;
  };
  sizeOf(root, 0, 'schema');
}

/** Whether the keys of an object are keywords or names. */
export type Role = 'schema' | 'map';

/** What is in a schema, without the values that may look like schemas. */
export function* partsOf(
  node: object,
  as: Role,
): Generator<[string, unknown, Role]> {
  for (const [key, value] of Object.entries(node)) {
    if (as === 'map') {
      yield [key, value, 'schema'];
    } else if (!VALUES.has(key)) {
      yield [key, value, MAPS.has(key) ? 'map' : 'schema'];
    }
  }
}

/** Finds what references within a schema point to, by pointer, anchor or `$id`. */
function referencesOf(root: object) {
  /** The nearest schema around each that has an `$id`, which its pointers begin at. */
  const resources = new Map<object, object>();
  const named = new Map<string, object>();
  const anchors = new Map<object, Map<string, object>>();
  const visit = (node: unknown, around: object, depth: number, as: Role) => {
    if (typeof node !== 'object' || node === null) {
      return;
    }
    if (depth > MAX_DEPTH) {
      throw tooDeep();
    }
    const { $id, $anchor, $dynamicAnchor } = (
      as === 'schema' ? node : {}
    ) as Record<string, unknown>;
    // In older drafts an $id that is a fragment is an anchor.
    const isAnchor = typeof $id === 'string' && $id.startsWith('#');
    const resource = typeof $id === 'string' && !isAnchor ? node : around;
    resources.set(node, resource);
    if (typeof $id === 'string' && !isAnchor) {
      named.set($id.replace(/#$/, ''), node);
    }
    for (const name of [
      $anchor,
      $dynamicAnchor,
      isAnchor ? $id.slice(1) : undefined,
    ]) {
      if (typeof name === 'string') {
        const known = anchors.get(resource) ?? new Map<string, object>();
        anchors.set(resource, known.set(name, node));
      }
    }
    for (const [, value, role] of partsOf(node, as)) {
      visit(value, resource, depth + 1, role);
    }
  };
  visit(root, root, 0, 'schema');

  return (from: object, ref: string): unknown => {
    const [base, fragment = ''] = ref.split('#', 2);
    const resource = base ? named.get(base) : resources.get(from);
    if (!resource) {
      return undefined;
    }
    const name = decode(fragment);
    return name && !name.startsWith('/')
      ? anchors.get(resource)?.get(name)
      : pointedAt(resource, fragment);
  };
}

function pointedAt(resource: object, pointer: string): unknown {
  let node: unknown = resource;
  for (const part of pointer.split('/').filter(Boolean)) {
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

export function tooDeep(): Error {
  return new Error(`it is nested deeper than ${MAX_DEPTH} levels`);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
