import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What every secret begins with, for those who look for secrets in code. */
export const SECRET_PREFIX = 'ap_';

const SECRET = /^(ap_([0-9a-z]{16})_[A-Za-z0-9_-]{43})_([0-9a-f]{8})$/;
const ENDING_CHARS = 4;

/** A new secret. Its text is shown once and never kept. */
export interface MintedSecret {
  text: string;
  digest: string;
  ending: string;
}

/** What the text of a secret tells. */
export interface ReadSecret {
  keyId: string;
  digest: string;
}

/** An id that sorts by time and has the same length for two hundred years. */
export function mintKeyId(now: number): string {
  const random = randomBytes(8).readBigUInt64BE().toString(36);
  return `${now.toString(36).padStart(9, '0')}${random
    .padStart(13, '0')
    .slice(-7)}`;
}

/**
 * The secret has 256 random bits, so its digest needs neither salt nor a slow
 * hash. The sum at its end lets a scanner, and us, tell it from a typing error
 * without asking anybody.
 */
export function mintSecret(keyId: string): MintedSecret {
  const body = `${SECRET_PREFIX}${keyId}_${randomBytes(32).toString(
    'base64url',
  )}`;
  const text = `${body}_${sumOf(body)}`;
  return { text, digest: digestOf(text), ending: text.slice(-ENDING_CHARS) };
}

/** `undefined` for what cannot be a secret of ours. */
export function readSecret(text: string): ReadSecret | undefined {
  const match = SECRET.exec(text);
  if (!match || sumOf(match[1]) !== match[3]) {
    return undefined;
  }
  return { keyId: match[2], digest: digestOf(text) };
}

export function digestOf(text: string): string {
  return hash('sha256', text, 'hex');
}

function sumOf(body: string): string {
  return crc32(body).toString(16).padStart(8, '0');
}
