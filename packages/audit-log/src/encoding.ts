import canonicalize from 'canonicalize';
import { hash } from 'node:crypto';
import { z } from 'zod/v4';

/**
 * The one text of a JSON value: keys in order, no white space, one form of each number.
 * What is hashed and what is signed is this text in UTF-8. Source: RFC 8785.
 *
 * @throws TypeError for what JSON cannot say, such as NaN or half a surrogate pair
 * @public
 */
export function canonicalText(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(inOrder(value)) ?? canonicalize(value);
  } catch (error) {
    throw new TypeError(
      `This cannot be written as canonical JSON: ${(error as Error).message}`,
    );
  }
  if (text === undefined) {
    throw new TypeError('This cannot be written as canonical JSON.');
  }
  return text;
}

/** Neither a number, which engines put first, nor anything that has to be escaped. */
const PLAIN_KEY = /^[a-z][\w.:/-]*$/i;
const MAX_DEPTH = 50;

/**
 * A copy of which the engine's own JSON is the canonical text, which takes half the time; undefined for what
 * is not as plain as nearly all entries are.
 */
function inOrder(value: unknown, depth = 0): unknown {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? value : undefined;
    case 'number':
      return Number.isFinite(value) ? value : undefined;
    case 'boolean':
      return value;
    case 'object':
      break;
    default:
      return undefined;
  }
  if (value === null) {
    return value;
  }
  if (depth > MAX_DEPTH) {
    return undefined;
  }
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    for (const item of value) {
      const ordered = inOrder(item, depth + 1);
      if (ordered === undefined) return undefined;
      list.push(ordered);
    }
    return list;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    return undefined;
  }
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) {
    const inside = (value as Record<string, unknown>)[key];
    if (inside !== undefined) {
      const ordered = PLAIN_KEY.test(key)
        ? inOrder(inside, depth + 1)
        : undefined;
      if (ordered === undefined) return undefined;
      copy[key] = ordered;
    }
  }
  return copy;
}

/** SHA-256 of bytes or of a text in UTF-8. */
export function sha256(data: Buffer | string): Buffer {
  // Made from text it takes less than when it is asked for as a buffer.
  return Buffer.from(hash('sha256', data, 'binary'), 'binary');
}

/** Bytes as Base64url without padding. */
export function encode(bytes: Buffer): string {
  return bytes.toString('base64url');
}

/** The bytes of a text in Base64url. */
export function decode(text: string): Buffer {
  return Buffer.from(text, 'base64url');
}

/**
 * Bytes in Base64url. Decoders forgive much; here each value has one spelling, so
 * that no character can be changed unnoticed.
 */
export function bytesSchema(size?: number) {
  return z.string().refine(
    text => {
      const bytes = decode(text);
      return (
        encode(bytes) === text && (size === undefined || bytes.length === size)
      );
    },
    { message: `expected ${size ?? 'some'} bytes in Base64url` },
  );
}

export const hashSchema = bytesSchema(32);
export const countSchema = z.number().int().nonnegative();
