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
    text = canonicalize(value);
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

/** SHA-256 of bytes or of a text in UTF-8. */
export function sha256(data: Buffer | string): Buffer {
  return hash('sha256', data, 'buffer');
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
