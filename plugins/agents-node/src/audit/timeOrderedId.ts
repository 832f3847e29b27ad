import { randomUUID } from 'node:crypto';

/**
 * A UUID that sorts by the time when it was made, so that rows with it are added at
 * the end of their index. Source: RFC 9562 section 5.7 (version 7).
 *
 * @public
 */
export function timeOrderedId(now: number = Date.now()): string {
  // Version 4 has its random bits in the same places, and they come in large pieces.
  const random = randomUUID();
  const time = now.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`;
}
