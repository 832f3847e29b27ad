import type {
  LoggerService,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import {
  AuthorizeResult,
  Permission,
  PolicyDecision,
} from '@backstage/plugin-permission-common';
import type {
  PermissionPolicy,
  PolicyQuery,
  PolicyQueryUser,
} from '@backstage/plugin-permission-node';
import { Caller, CallerResolver, createCallerResolver } from './callers';
import type { PolicyConfig } from './policyConfig';
import { RIGHTS } from './rights';

const ALLOW: PolicyDecision = { result: AuthorizeResult.ALLOW };
const DENY: PolicyDecision = { result: AuthorizeResult.DENY };

/**
 * The default permission policy of Agent Portal.
 *
 * What it knows, it decides by its table of rights. What it does not know is
 * denied, but for reading by members and for what app-config names.
 *
 * @internal
 */
export class AgentPortalPolicy implements PermissionPolicy {
  readonly #callers: CallerResolver;
  readonly #allowedPermissions: ReadonlySet<string>;
  readonly #logger: LoggerService;
  readonly #reported = new Set<string>();

  static create(options: {
    userInfo: UserInfoService;
    config: PolicyConfig;
    logger: LoggerService;
  }): AgentPortalPolicy {
    return new AgentPortalPolicy(
      createCallerResolver(options),
      options.config.allowedPermissions,
      options.logger,
    );
  }

  private constructor(
    callers: CallerResolver,
    allowedPermissions: ReadonlySet<string>,
    logger: LoggerService,
  ) {
    this.#callers = callers;
    this.#allowedPermissions = allowedPermissions;
    this.#logger = logger;
  }

  async handle(
    request: PolicyQuery,
    user?: PolicyQueryUser,
  ): Promise<PolicyDecision> {
    const caller = user && (await this.#callers.resolve(user.credentials));
    if (!caller) {
      return DENY;
    }
    const { permission } = request;
    // Nothing that destroys is ever left to a guest, whatever the table says.
    if (
      caller.standing === 'guest' &&
      permission.attributes.action === 'delete'
    ) {
      return DENY;
    }
    const right = RIGHTS.get(permission.name);
    if (right) {
      return right[caller.standing]?.(caller) ?? DENY;
    }
    return this.#decideUnknown(permission, caller);
  }

  #decideUnknown(permission: Permission, caller: Caller): PolicyDecision {
    switch (caller.standing) {
      case 'admin':
        return ALLOW;
      case 'member':
        if (
          permission.attributes.action === 'read' ||
          this.#allowedPermissions.has(permission.name)
        ) {
          return ALLOW;
        }
        this.#report(permission.name);
        return DENY;
      default:
        return DENY;
    }
  }

  #report(name: string) {
    if (this.#reported.has(name)) {
      return;
    }
    this.#reported.add(name);
    this.#logger.warn(
      `Denied the permission ${name}, which Agent Portal's policy does not know. To give it to every member, add it to permission.agentPortal.allowedPermissions in app-config.`,
    );
  }
}
