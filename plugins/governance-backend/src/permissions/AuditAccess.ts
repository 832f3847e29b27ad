import {
  PermissionDecisions,
  principalOf,
} from '@agentportal/plugin-agents-node';
import {
  type AuditEntry,
  auditReadPermission,
} from '@agentportal/plugin-governance-common';
import type {
  BackstageCredentials,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  AuthorizeResult,
  type BasicPermission,
  type PermissionCriteria,
} from '@backstage/plugin-permission-common';
import {
  type ConditionTransformer,
  createConditionTransformer,
} from '@backstage/plugin-permission-node';
import type { AuditCriterion } from '../store/filter';
import { auditEntryPermissionResourceRef } from './rules';

/** Decides what callers may do with the audit log. */
export class AuditAccess {
  readonly #permissions: PermissionsService;
  readonly #decisions: PermissionDecisions<AuditEntry>;
  readonly #toFilter: ConditionTransformer<AuditCriterion>;
  readonly #writers: ReadonlySet<string>;

  constructor(options: {
    permissions: PermissionsService;
    permissionsRegistry: PermissionsRegistryService;
    /** Services other than plugins that may record. */
    writers: string[];
  }) {
    this.#permissions = options.permissions;
    this.#writers = new Set(options.writers);
    this.#decisions = new PermissionDecisions({
      ...options,
      resourceRef: auditEntryPermissionResourceRef,
    });
    this.#toFilter = createConditionTransformer(
      options.permissionsRegistry.getPermissionRuleset(
        auditEntryPermissionResourceRef,
      ),
    );
  }

  /**
   * What the caller may read; `undefined` is everything.
   *
   * @throws NotAllowedError when it is nothing
   */
  async readable(
    credentials: BackstageCredentials,
  ): Promise<PermissionCriteria<AuditCriterion> | undefined> {
    const decision = await this.#decisions.decide(
      auditReadPermission,
      credentials,
    );
    switch (decision.result) {
      case AuthorizeResult.ALLOW:
        return undefined;
      case AuthorizeResult.CONDITIONAL:
        return this.#toFilter(decision.conditions);
      default:
        throw new NotAllowedError(
          'You may not read the audit log. Ask the people who set the permissions of the portal for governance.audit.read.',
        );
    }
  }

  /** @throws NotAllowedError when the caller does not have the permission */
  async require(
    permission: BasicPermission,
    credentials: BackstageCredentials,
  ): Promise<void> {
    const [decision] = await this.#permissions.authorize([{ permission }], {
      credentials,
    });
    if (decision.result !== AuthorizeResult.ALLOW) {
      throw new NotAllowedError(
        `You need the permission ${permission.name}. Ask the people who set the permissions of the portal.`,
      );
    }
  }

  /**
   * The service that records.
   *
   * @throws NotAllowedError when it is somebody who may not
   */
  requireWriter(credentials: BackstageCredentials): string {
    const principal = principalOf(credentials);
    if (
      principal.type === 'service' &&
      (principal.subject.startsWith('plugin:') ||
        this.#writers.has(principal.subject))
    ) {
      return principal.subject;
    }
    throw new NotAllowedError(
      'Only the plugins of this portal record in the audit log, and the services that governance.audit.writers names.',
    );
  }
}
