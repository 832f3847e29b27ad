import { createHmac } from 'node:crypto';
import canonicalize from 'canonicalize';

/**
 * A digest of JSON values that two different lists of values never share. With a
 * secret nobody who reads the store can find out by guessing what was digested.
 */
export function digestOf(secret: string, values: unknown[]): string {
  return createHmac('sha256', secret)
    .update(canonicalize(values)!)
    .digest('base64url');
}
