import type { JsonObject } from '@backstage/types';
import { nearestName } from './nearestName';

/**
 * Finds fields that are not in the schema but look like one that is. A field
 * near no known one is let through, so that people can carry data of their own.
 */
export function misspeltFields(
  value: unknown,
  schema: JsonObject,
  path: string,
): string[] {
  const properties = schema.properties as JsonObject | undefined;
  if (!properties || !isMap(value)) {
    return [];
  }
  const known = Object.keys(properties);
  return Object.entries(value).flatMap(([name, child]) => {
    const childPath = `${path}.${name}`;
    if (known.includes(name)) {
      return misspeltFields(child, properties[name] as JsonObject, childPath);
    }
    const near = nearestName(name, known);
    return near
      ? [`Unknown field ${childPath}; did you mean ${path}.${near}?`]
      : [];
  });
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
