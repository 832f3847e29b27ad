import { MAX_DEPTH, partsOf, tooDeep, type Role } from './refuseHugeSchema';

/**
 * A schema without the words of draft 4 that later drafts use otherwise: bounds that
 * are excluded by `true`, and `id`. OpenAPI 3.0, out of which many servers make their
 * tools, has the former as well, without naming a draft.
 */
export function fromDraft4(
  schema: Record<string, unknown>,
  { hasIds }: { hasIds: boolean },
): Record<string, unknown> {
  const convert = (node: unknown, as: Role, depth: number): unknown => {
    if (typeof node !== 'object' || node === null) {
      return node;
    }
    if (depth > MAX_DEPTH) {
      throw tooDeep();
    }
    if (Array.isArray(node)) {
      return node.map(item => convert(item, as, depth + 1));
    }
    const converted: Record<string, unknown> = { ...node };
    for (const [key, value, role] of partsOf(node, as)) {
      converted[key] = convert(value, role, depth + 1);
    }
    if (as === 'schema') {
      exclude(converted, 'minimum', 'exclusiveMinimum');
      exclude(converted, 'maximum', 'exclusiveMaximum');
      if (typeof converted.id === 'string') {
        if (hasIds && depth > 0) {
          converted.$id ??= converted.id;
        }
        delete converted.id;
      }
    }
    return converted;
  };
  return convert(schema, 'schema', 0) as Record<string, unknown>;
}

function exclude(
  schema: Record<string, unknown>,
  bound: string,
  exclusive: string,
) {
  if (typeof schema[exclusive] === 'boolean') {
    const isExcluded = schema[exclusive] && schema[bound] !== undefined;
    delete schema[exclusive];
    if (isExcluded) {
      schema[exclusive] = schema[bound];
      delete schema[bound];
    }
  }
}
