import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { AuthenticationError } from '@backstage/errors';

/**
 * Who made a request.
 *
 * @public
 */
export type Principal =
  | {
      type: 'user';
      /** Entity ref of the person. */
      userEntityRef: string;
      /** Subject of the service that calls on behalf of the person, such as `plugin:orchestration`. */
      actor?: string;
    }
  | {
      type: 'service';
      /** Such as `plugin:orchestration` or `external:ci`. */
      subject: string;
    }
  | { type: 'none' };

/**
 * Reads who made a request from its credentials. Nothing else in the portal looks
 * into `credentials.principal`, whose type Backstage leaves open.
 *
 * @throws AuthenticationError for a kind of principal that the portal does not know
 * @public
 */
export function principalOf(credentials: BackstageCredentials): Principal {
  const principal = credentials.principal as {
    type?: string;
    userEntityRef?: string;
    subject?: string;
    actor?: { subject?: string };
  };
  if (principal?.type === 'user' && principal.userEntityRef) {
    const actor = principal.actor?.subject;
    return {
      type: 'user',
      userEntityRef: principal.userEntityRef,
      ...(actor && { actor }),
    };
  }
  if (principal?.type === 'service' && principal.subject) {
    return { type: 'service', subject: principal.subject };
  }
  if (principal?.type === 'none') {
    return { type: 'none' };
  }
  throw new AuthenticationError(
    `A principal of type "${principal?.type}" cannot be used here. Sign in as a person, or use a service token.`,
  );
}

/**
 * What records call whoever made a request: the entity ref of a person or the subject
 * of a service. Nobody has none.
 *
 * @public
 */
export function principalNameOf(
  credentials: BackstageCredentials,
): string | undefined {
  const principal = principalOf(credentials);
  switch (principal.type) {
    case 'user':
      return principal.userEntityRef;
    case 'service':
      return principal.subject;
    default:
      return undefined;
  }
}
