import { createHmac } from 'node:crypto';

/**
 * A digest of JSON values that two different lists of values never share. With a
 * secret nobody who reads the store can find out by guessing what was digested.
 */
export function digestOf(secret: string, values: unknown[]): string {
  return createHmac('sha256', secret)
    .update(canonicalJson(values))
    .digest('base64url');
}

/** JSON in which the order of members does not show. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(canonicalJson).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.keys(value)
      .filter(name => (value as Record<string, unknown>)[name] !== undefined)
      .sort()
      .map(
        name =>
          `${JSON.stringify(name)}:${canonicalJson(
            (value as Record<string, unknown>)[name],
          )}`,
      );
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}
