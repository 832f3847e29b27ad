import { principalNameOf } from '@agentportal/plugin-agents-node';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';

/** How a history and an audit trail name whoever calls. */
export function nameOf(credentials: BackstageCredentials): string {
  return principalNameOf(credentials) ?? 'unknown';
}

/** Says what is missing to whoever may not do something. */
export function mayNot(what: string, permission: string): NotAllowedError {
  return new NotAllowedError(
    `You may not ${what}; ask for the permission ${permission}.`,
  );
}
