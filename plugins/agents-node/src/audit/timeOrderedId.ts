import { randomBytes } from 'node:crypto';

/**
 * A UUID that sorts by the time when it was made, so that rows with it are added at
 * the end of their index. Source: RFC 9562 section 5.7 (version 7).
 *
 * @public
 */
export function timeOrderedId(now: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  // Four bits say the version, two the variant.
  bytes[6] = 0x70 + (bytes[6] % 16);
  bytes[8] = 0x80 + (bytes[8] % 64);
  return bytes
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
