import { hash } from 'node:crypto';

/**
 * By what a token is remembered when it is revoked: nobody can make a token of it. It is of
 * what is signed, because one signature can be written in several ways that all verify.
 *
 * @param token - a token, or the `Authorization` header that it comes in
 * @public
 */
export function tokenDigestOf(token: string): string {
  const jwt = token.replace(/^bearer\s+/i, '');
  return hash('sha256', jwt.replace(/\.[^.]*$/, ''), 'hex');
}
