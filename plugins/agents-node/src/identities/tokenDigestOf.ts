import { hash } from 'node:crypto';

/**
 * By what a token is remembered when it is revoked: nobody can make a token of it.
 *
 * @param token - a token, or the `Authorization` header that it comes in
 * @public
 */
export function tokenDigestOf(token: string): string {
  return hash('sha256', token.replace(/^bearer\s+/i, ''), 'hex');
}
