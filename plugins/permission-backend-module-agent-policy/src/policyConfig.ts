import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';

/** What `permission.agentPortal` in app-config says. */
export interface PolicyConfig {
  /** Entity refs of users who count as guests. */
  guestRefs: ReadonlySet<string>;
  /** Entity refs of users and groups that run the portal. */
  adminRefs: ReadonlySet<string>;
  /** Permissions of other plugins that members have. */
  allowedPermissions: ReadonlySet<string>;
}

const DEFAULT_GUEST_REFS = ['user:default/guest'];

/**
 * Reads the policy's settings. A ref that cannot be read stops the start: a
 * typo here would silently give a guest the rights of a member.
 */
export function readPolicyConfig(rootConfig: Config): PolicyConfig {
  const config = rootConfig.getOptionalConfig('permission.agentPortal');
  return {
    guestRefs: new Set(
      readRefs(config, 'guestRefs', 'user') ?? DEFAULT_GUEST_REFS,
    ),
    adminRefs: new Set(readRefs(config, 'adminRefs', 'group') ?? []),
    allowedPermissions: new Set(
      config?.getOptionalStringArray('allowedPermissions') ?? [],
    ),
  };
}

function readRefs(
  config: Config | undefined,
  key: string,
  defaultKind: string,
): string[] | undefined {
  return config?.getOptionalStringArray(key)?.map(ref => {
    try {
      return stringifyEntityRef(parseEntityRef(ref, { defaultKind }));
    } catch {
      throw new InputError(
        `permission.agentPortal.${key} holds "${ref}", which is not an entity ref; write it as ${defaultKind}:default/name`,
      );
    }
  });
}
