import type { ActionBinding } from '@agentportal/plugin-agents-common';
import { InputError } from '@backstage/errors';
import canonicalize from 'canonicalize';
import { hash } from 'node:crypto';

/**
 * The digest of exactly what people are asked about, and of what is about to be done: a
 * grant is good where both are the same. It is SHA-256 of the one text that RFC 8785
 * gives the binding.
 *
 * @throws InputError for what JSON cannot say: numbers beyond all bounds, halves of characters
 * @public
 */
export function actionDigest(binding: ActionBinding): string {
  return digestOf(binding);
}

/**
 * The same of any JSON value.
 *
 * @param what - names it in a sentence
 * @public
 */
export function digestOf(value: unknown, what = 'This'): string {
  let text;
  try {
    text = canonicalize(value);
  } catch (error) {
    throw new InputError(
      `${what} cannot be written as JSON: ${(error as Error).message}.`,
    );
  }
  return `sha256:${hash('sha256', text ?? '')}`;
}
