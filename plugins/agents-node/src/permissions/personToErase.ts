import { auditErasePermission } from '@agentportal/plugin-governance-common';
import type {
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { InputError, NotAllowedError } from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { principalOf } from '../acting/principalOf';
import { isAgentPrincipal } from '../identities/isAgentPrincipal';

/**
 * The person whom somebody asks to be forgotten, in lower case. People erase themselves, and
 * some erase others.
 *
 * @throws InputError when it is no person
 * @throws NotAllowedError when they may not
 * @public
 */
export async function personToErase(
  text: string,
  {
    credentials,
    permissions,
  }: { credentials: BackstageCredentials; permissions: PermissionsService },
): Promise<string> {
  const principal = principalOf(credentials);
  if (principal.type !== 'user' || isAgentPrincipal(credentials)) {
    throw new NotAllowedError(
      'People are erased by people, not by agents and services.',
    );
  }
  const person = text.toLowerCase();
  if (!person.startsWith('user:')) {
    throw new InputError(
      `"${text}" is not the ref of a person. Write user:default/<name>.`,
    );
  }
  if (principal.userEntityRef !== person) {
    const [{ result }] = await permissions.authorize(
      [{ permission: auditErasePermission }],
      { credentials },
    );
    if (result !== AuthorizeResult.ALLOW) {
      throw new NotAllowedError(
        `You may erase yourself only. Ask the people who set the permissions of the portal for ${auditErasePermission.name}.`,
      );
    }
  }
  return person;
}
