import {
  PermissionDecisions,
  principalOf,
} from '@agentportal/plugin-agents-node';
import {
  type CostDimension,
  costReadPermission,
} from '@agentportal/plugin-models-common';
import type {
  BackstageCredentials,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import {
  type ConditionTransformer,
  createConditionTransformer,
} from '@backstage/plugin-permission-node';
import { mayNot } from '../api/caller';
import { findCall } from '../ledger/calls';
import type { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import { toFilter } from './criteria';
import {
  type CallResource,
  callResourceRef,
  callRules,
  type CallVisibility,
} from './rules';

/** Which calls a caller may see: `undefined` is all of them. */
export type VisibleCalls = PermissionCriteria<CallVisibility> | undefined;

/** Who may see which calls, and so what is in sums over calls. */
export class CallRights {
  readonly #decisions: PermissionDecisions<CallResource>;
  readonly #toCriteria: ConditionTransformer<CallVisibility>;

  constructor(options: {
    permissions: PermissionsService;
    permissionsRegistry: PermissionsRegistryService;
  }) {
    this.#decisions = new PermissionDecisions({
      ...options,
      resourceRef: callResourceRef,
    });
    this.#toCriteria = createConditionTransformer(
      options.permissionsRegistry.getPermissionRuleset(callResourceRef),
    );
  }

  /** Which calls the caller may see. */
  async seen(
    credentials: BackstageCredentials,
  ): Promise<{ never: boolean; criteria?: VisibleCalls }> {
    return toFilter(
      await this.#decisions.decide(costReadPermission, credentials),
      this.#toCriteria,
    );
  }

  /** The same; throws for whoever may see no call at all. */
  async visible(
    credentials: BackstageCredentials,
    what = 'see what model calls cost',
  ): Promise<VisibleCalls> {
    const { criteria, never } = await this.seen(credentials);
    if (never) {
      throw mayNot(what, costReadPermission.name);
    }
    return criteria;
  }

  /**
   * A query over the calls that the caller may see. Who else called the agents of
   * one's groups is their own affair: only those who may see all calls may ask by
   * person, and everybody about themselves.
   */
  async narrowed<
    T extends {
      userRef?: string;
      groupBy?: CostDimension;
      splitBy?: CostDimension;
    },
  >(
    query: T,
    credentials: BackstageCredentials,
  ): Promise<T & { among: VisibleCalls }> {
    const among = await this.visible(credentials);
    if (!among) {
      return { ...query, among };
    }
    const self = selfOf(credentials);
    if (query.userRef !== undefined && query.userRef !== self) {
      throw mayNot(
        `see what the calls of ${query.userRef} cost`,
        costReadPermission.name,
      );
    }
    const byPerson = query.groupBy === 'user' || query.splitBy === 'user';
    return { ...query, ...(byPerson && { userRef: self }), among };
  }

  /** Whether the caller may see one call. */
  async maySee(
    call: CallResource,
    credentials: BackstageCredentials,
  ): Promise<boolean> {
    const { allows } = await this.#decisions.allower(
      costReadPermission,
      credentials,
    );
    return allows(call);
  }
}

/** Tells the permission framework of calls, and decides about them. */
export function createCallRights(options: {
  ledger: DatabaseCallLedger;
  permissions: PermissionsService;
  permissionsRegistry: PermissionsRegistryService;
}): CallRights {
  const { ledger, permissions, permissionsRegistry } = options;
  permissionsRegistry.addResourceType({
    resourceRef: callResourceRef,
    permissions: [costReadPermission],
    rules: Object.values(callRules),
    getResources: ids => Promise.all(ids.map(id => findCall(ledger, id))),
  });
  return new CallRights({ permissions, permissionsRegistry });
}

/** The ref by which calls of the caller are booked; of programs there are none. */
export function selfOf(credentials: BackstageCredentials): string {
  const principal = principalOf(credentials);
  return principal.type === 'user' ? principal.userEntityRef : '';
}
