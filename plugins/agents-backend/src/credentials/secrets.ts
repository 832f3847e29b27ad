import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What every secret begins with, for those who look for secrets in code. */
export const SECRET_PREFIX = 'apa_';

const SECRET = /^(apa_([0-9a-f]{32})_[A-Za-z0-9_-]{43})_([0-9a-f]{8})$/;
const ENDING_CHARS = 4;

/**
 * A new secret of a credential. Its text is shown once and never kept.
 *
 * It has 256 random bits, so its digest needs neither salt nor a slow hash. The sum at
 * its end lets a scanner, and us, tell it from a typing error without asking anybody.
 */
export function mintSecret(credentialId: string) {
  const id = credentialId.replaceAll('-', '');
  const body = `${SECRET_PREFIX}${id}_${randomBytes(32).toString('base64url')}`;
  const text = `${body}_${sumOf(body)}`;
  return { text, digest: digestOf(text), ending: text.slice(-ENDING_CHARS) };
}

/** Which credential a text would be the secret of, if it can be one at all. */
export function readSecret(
  text: string,
): { credentialId: string; digest: string } | undefined {
  const match = SECRET.exec(text);
  if (!match || sumOf(match[1]) !== match[3]) {
    return undefined;
  }
  const credentialId = match[2].replace(
    /^(.{8})(.{4})(.{4})(.{4})(.{12})$/,
    '$1-$2-$3-$4-$5',
  );
  return { credentialId, digest: digestOf(text) };
}

/** In a time that tells nothing of where they differ. */
export function sameDigest(a: string, b: string): boolean {
  const [left, right] = [a, b].map(each => Buffer.from(each, 'hex'));
  return left.length === right.length && timingSafeEqual(left, right);
}

function digestOf(text: string): string {
  return hash('sha256', text, 'hex');
}

function sumOf(body: string): string {
  return crc32(body).toString(16).padStart(8, '0');
}
