import type { JsonObject, JsonValue } from '@backstage/types';

/** The keywords of JSON Schema that begin with a dollar sign. */
const SCHEMA_KEYWORDS = new Set([
  '$anchor',
  '$comment',
  '$defs',
  '$dynamicAnchor',
  '$dynamicRef',
  '$id',
  '$ref',
  '$schema',
  '$vocabulary',
]);

/**
 * Removes from a schema that a server sent whatever the catalog would take
 * for a placeholder: `{ $text: … }` makes the catalog read a URL, and a remote
 * server shall not be able to order that.
 */
export function inertSchema(schema: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !key.startsWith('$') || SCHEMA_KEYWORDS.has(key))
      .map(([key, value]) => [key, inertValue(value)]),
  );
}

function inertValue(value: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(value)) {
    return value.map(item => inertValue(item) ?? null);
  }
  return typeof value === 'object' && value !== null
    ? inertSchema(value)
    : value;
}
