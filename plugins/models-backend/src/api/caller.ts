import { principalOf } from '@agentportal/plugin-agents-node';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';

/** How a history and an audit trail name whoever calls. */
export function nameOf(credentials: BackstageCredentials): string {
  const principal = principalOf(credentials);
  switch (principal.type) {
    case 'user':
      return principal.userEntityRef;
    case 'service':
      return principal.subject;
    default:
      return 'unknown';
  }
}

/** Says what is missing to whoever may not do something. */
export function mayNot(what: string, permission: string): NotAllowedError {
  return new NotAllowedError(
    `You may not ${what}; ask for the permission ${permission}.`,
  );
}
