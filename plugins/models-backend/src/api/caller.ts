import type {
  BackstageCredentials,
  BackstageServicePrincipal,
  BackstageUserPrincipal,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';

/** How a history and an audit trail name whoever calls. */
export function nameOf(credentials: BackstageCredentials): string {
  const principal = credentials.principal as
    | Partial<BackstageUserPrincipal>
    | Partial<BackstageServicePrincipal>
    | undefined;
  if (principal?.type === 'user') {
    return principal.userEntityRef ?? 'unknown';
  }
  return principal?.type === 'service'
    ? principal.subject ?? 'unknown'
    : 'unknown';
}

/** Says what is missing to whoever may not do something. */
export function mayNot(what: string, permission: string): NotAllowedError {
  return new NotAllowedError(
    `You may not ${what}; ask for the permission ${permission}.`,
  );
}
