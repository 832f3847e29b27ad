import { createHmac } from 'node:crypto';
import canonicalize from 'canonicalize';

/**
 * A digest of JSON values that two different lists of values never share. With a
 * secret nobody who reads the store can find out by guessing what was digested.
 */
export function digestOf(secret: string, values: unknown[]): string {
  return createHmac('sha256', secret)
    .update(textOf(values))
    .digest('base64url');
}

/** What people send may hold halves of characters, which have no canonical form and still have this one. */
function textOf(values: unknown[]): string {
  try {
    return canonicalize(values)!;
  } catch {
    return JSON.stringify(values);
  }
}
