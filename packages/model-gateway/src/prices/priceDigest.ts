import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Price } from './price';

/**
 * A price with a version that tells where it comes from and, by a digest of all
 * of its numbers, which price it is: two prices of one source have one version
 * only if they are the same.
 *
 * @public
 */
export function versioned(
  source: string,
  price: Omit<Price, 'version'>,
): Price {
  const digest = createHash('sha256')
    .update(canonicalize(price)!)
    .digest('hex')
    .slice(0, 8);
  return { ...price, version: `${source} ${digest}` };
}
