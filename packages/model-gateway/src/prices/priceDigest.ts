import { createHash } from 'node:crypto';
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
    .update(canonical(price))
    .digest('hex')
    .slice(0, 8);
  return { ...price, version: `${source} ${digest}` };
}

/** JSON with sorted members, so that the order of writing does not matter. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(
          Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : member,
  );
}
