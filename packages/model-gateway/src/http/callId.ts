import { randomFillSync } from 'node:crypto';

const RANDOM_BYTES = 6;
const pool = Buffer.alloc(RANDOM_BYTES * 256);
let used = pool.length;

/**
 * A new id of 16 characters. Ids sort by their millisecond, so that the ledger's
 * index grows at its end instead of everywhere. Randomness is fetched for many
 * ids at once, because each fetch costs as much as the rest of an id.
 */
export function newCallId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.toString('base64url', used, used + RANDOM_BYTES);
  used += RANDOM_BYTES;
  return `${Date.now().toString(36).padStart(8, '0')}${random}`;
}
