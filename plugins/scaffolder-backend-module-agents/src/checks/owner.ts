import type {
  BackstageCredentials,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { InputError, NotAllowedError } from '@backstage/errors';

/**
 * Makes sure that people create agents only for themselves and for their own
 * groups. The catalog believes whatever owner a file names, so the golden path
 * is the place to ask.
 *
 * @returns the owner as a full entity ref.
 */
export async function checkOwner(options: {
  owner: string;
  credentials: BackstageCredentials;
  userInfo: UserInfoService;
}): Promise<string> {
  const owner = fullRef(options.owner, 'group', 'owner');
  const { ownershipEntityRefs, userEntityRef } =
    await options.userInfo.getUserInfo(options.credentials);
  const mine = [...new Set([userEntityRef, ...ownershipEntityRefs])];
  if (!mine.includes(owner)) {
    throw new NotAllowedError(
      `You cannot create an agent that ${owner} owns, because you are not in that group. Choose one of ${mine.join(
        ', ',
      )} as the owner, or ask someone of ${owner} to create it.`,
    );
  }
  return owner;
}

/** Reads an entity ref that a person gave. */
export function fullRef(
  ref: string,
  defaultKind: string,
  field: string,
): string {
  try {
    return stringifyEntityRef(parseEntityRef(ref, { defaultKind }));
  } catch {
    throw new InputError(
      `The ${field} "${ref}" is not an entity ref; write it as ${defaultKind}:default/name`,
    );
  }
}
