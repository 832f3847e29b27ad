import type {
  LoggerService,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import {
  AuthorizeResult,
  isResourcePermission,
  type Permission,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import type {
  PermissionPolicy,
  PolicyQuery,
  PolicyQueryUser,
} from '@backstage/plugin-permission-node';
import type { AgentDecisions } from '@agentportal/plugin-agents-node';
import { type Caller, Callers } from './callers';
import type { PolicyConfig } from './policyConfig';
import { RIGHTS } from './rights';

const ALLOW: PolicyDecision = { result: AuthorizeResult.ALLOW };
const DENY: PolicyDecision = { result: AuthorizeResult.DENY };

/**
 * The default permission policy of Agent Portal.
 *
 * What it knows, it decides by its table of rights. What it does not know is
 * denied, but for reading by members and for what app-config names. Who acts, and what
 * becomes of the two halves when an agent acts for a person, is decided by the decision
 * service.
 *
 * @internal
 */
export class AgentPortalPolicy implements PermissionPolicy {
  readonly #callers: Callers;
  readonly #decisions: AgentDecisions;
  readonly #allowedPermissions: ReadonlySet<string>;
  readonly #logger: LoggerService;
  readonly #reported = new Set<string>();

  constructor(options: {
    userInfo: UserInfoService;
    decisions: AgentDecisions;
    config: PolicyConfig;
    logger: LoggerService;
  }) {
    this.#callers = new Callers(options);
    this.#decisions = options.decisions;
    this.#allowedPermissions = options.config.allowedPermissions;
    this.#logger = options.logger;
  }

  async handle(
    request: PolicyQuery,
    user?: PolicyQueryUser,
  ): Promise<PolicyDecision> {
    if (!user) {
      return DENY;
    }
    const { permission } = request;
    const { credentials } = user;
    return this.#decisions.permission(permission.name, credentials, {
      person: async ref =>
        this.#decide(permission, await this.#callers.person(ref, credentials)),
      agent: ({ agentRef }) =>
        this.#decide(permission, {
          ref: agentRef,
          standing: 'agent',
          ownershipRefs: [agentRef],
        }),
    });
  }

  #decide(permission: Permission, caller: Caller): PolicyDecision {
    // Nothing that destroys is ever left to a guest, whatever the table says.
    if (
      caller.standing === 'guest' &&
      permission.attributes.action === 'delete'
    ) {
      return DENY;
    }
    const right = RIGHTS.get(permission.name);
    if (!right) {
      return this.#decideUnknown(permission, caller);
    }
    const decision = right[caller.standing]?.(caller) ?? DENY;
    // Whoever asks about another type of resource than the permission has, or
    // about none, gets a "no"; the framework would fail on conditions.
    return decision.result === AuthorizeResult.CONDITIONAL &&
      !isResourcePermission(permission, decision.resourceType)
      ? DENY
      : decision;
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
