import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { InputError, NotAllowedError } from '@backstage/errors';

/** Who is written down as the creator: a person, or a service by its subject. */
export function callerName(credentials: BackstageCredentials): string {
  const principal = credentials.principal as {
    type?: string;
    userEntityRef?: string;
    subject?: string;
  };
  if (principal.type === 'user' && principal.userEntityRef) {
    return principal.userEntityRef;
  }
  if (principal.type === 'service' && principal.subject) {
    return principal.subject;
  }
  throw new NotAllowedError('Sign in to work with runs.');
}

/**
 * The person for whom a service asks. A person speaks for nobody else, because
 * what is written down here is who answers for the run.
 */
export function readOnBehalfOf(
  onBehalfOf: string | undefined,
  credentials: BackstageCredentials,
): string | undefined {
  if (onBehalfOf === undefined) {
    return undefined;
  }
  const principal = credentials.principal as { type?: string };
  if (principal.type !== 'service') {
    throw new NotAllowedError(
      'Only services may start runs for somebody else. Leave onBehalfOf out; the run is yours.',
    );
  }
  let parsed;
  try {
    parsed = parseEntityRef(onBehalfOf);
  } catch {
    parsed = undefined;
  }
  if (parsed?.kind.toLocaleLowerCase('en-US') !== 'user') {
    throw new InputError(
      `onBehalfOf must be the entity ref of a person, such as user:default/guest, and not "${onBehalfOf}".`,
    );
  }
  return stringifyEntityRef(parsed);
}
