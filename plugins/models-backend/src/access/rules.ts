import { MODEL_TYPES, type ModelType } from '@agentportal/model-gateway';
import {
  RESOURCE_TYPE_BUDGET,
  RESOURCE_TYPE_CALL,
  RESOURCE_TYPE_KEY,
  RESOURCE_TYPE_MODEL,
  RESOURCE_TYPE_ROUTE,
} from '@agentportal/plugin-models-common';
import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import { z } from 'zod/v4';
import type { BudgetScope } from '../budgets/budget';

// Every resource of this plugin that permissions are about, with the rules that a
// policy may put on it.

/**
 * Filter that rules about owners translate to.
 *
 * @public
 */
export interface OwnerFilter {
  /** Entity refs of groups and users. */
  ownerRefs: string[];
}

const ownerParams = z.object({
  claims: z
    .array(z.string())
    .describe('Entity refs of the caller and its groups'),
});

/** What rules have in common that let owners through. */
function byOwners<TResource>(ownersOf: (resource: TResource) => string[]) {
  type Params = z.infer<typeof ownerParams>;
  return {
    paramsSchema: ownerParams,
    apply: (resource: TResource, { claims }: Params) =>
      ownersOf(resource).some(ref => claims.includes(ref)),
    toQuery: ({ claims }: Params): OwnerFilter => ({ ownerRefs: claims }),
  };
}

/**
 * What permission rules see of a model or route.
 *
 * @public
 */
export interface ModelResource {
  /** Gateway id, or the name of a route. */
  id: string;
  /** Id of the provider; `route` for routes. */
  provider: string;
  type: ModelType | 'route';
}

/**
 * Filter that rules on models translate to. Models are few and in memory, so it
 * names the field and its allowed values.
 *
 * @public
 */
export interface ModelFilter {
  field: 'provider' | 'type';
  values: string[];
}

/**
 * The resource that the permissions on models are about.
 *
 * @public
 */
export const modelResourceRef = createPermissionResourceRef<
  ModelResource,
  ModelFilter
>().with({ pluginId: 'models', resourceType: RESOURCE_TYPE_MODEL });

/**
 * The rules on models.
 *
 * @public
 */
export const modelRules = {
  hasProvider: createPermissionRule({
    name: 'HAS_PROVIDER',
    description: 'Allow models of these providers',
    resourceRef: modelResourceRef,
    paramsSchema: z.object({
      providers: z.array(z.string()).describe('Ids of providers'),
    }),
    apply: (model, { providers }) => providers.includes(model.provider),
    toQuery: ({ providers }) => ({ field: 'provider', values: providers }),
  }),
  hasModelType: createPermissionRule({
    name: 'HAS_MODEL_TYPE',
    description: 'Allow models of these types',
    resourceRef: modelResourceRef,
    paramsSchema: z.object({
      types: z.array(z.enum([...MODEL_TYPES, 'route'])),
    }),
    apply: (model, { types }) => types.includes(model.type),
    toQuery: ({ types }) => ({ field: 'type', values: types }),
  }),
};

/**
 * Conditions and decisions on models for authors of permission policies.
 *
 * @public
 */
export const {
  conditions: modelConditions,
  createConditionalDecision: createModelConditionalDecision,
} = createConditionExports({
  resourceRef: modelResourceRef,
  rules: modelRules,
});

/**
 * What permission rules see of a call and of what it cost.
 *
 * @public
 */
export interface CallResource {
  /** Whom it was made for. */
  userRef?: string;
  /** Whom it is booked on: who owns the agent or the key that made it. */
  ownerRef?: string;
}

/**
 * Filter that rules on calls translate to.
 *
 * @public
 */
export type CallVisibility = OwnerFilter | { userRef: string };

/**
 * The resource that the permission to see costs is about.
 *
 * @public
 */
export const callResourceRef = createPermissionResourceRef<
  CallResource,
  CallVisibility
>().with({ pluginId: 'models', resourceType: RESOURCE_TYPE_CALL });

/**
 * The rules on calls.
 *
 * @public
 */
export const callRules = {
  isCallUser: createPermissionRule({
    name: 'IS_CALL_USER',
    description: 'Allow calls that were made for this person',
    resourceRef: callResourceRef,
    paramsSchema: z.object({
      userRef: z.string().describe('Entity ref of the caller'),
    }),
    apply: (call, { userRef }) => call.userRef === userRef,
    toQuery: ({ userRef }) => ({ userRef }),
  }),
  isCallOwner: createPermissionRule({
    name: 'IS_CALL_OWNER',
    description:
      'Allow calls of agents and keys that the caller, or one of its groups, owns',
    resourceRef: callResourceRef,
    ...byOwners<CallResource>(({ ownerRef }) => (ownerRef ? [ownerRef] : [])),
  }),
};

/**
 * Conditions and decisions on calls for authors of permission policies.
 *
 * @public
 */
export const {
  conditions: callConditions,
  createConditionalDecision: createCallConditionalDecision,
} = createConditionExports({ resourceRef: callResourceRef, rules: callRules });

/**
 * What permission rules see of a budget.
 *
 * @public
 */
export interface BudgetResource {
  /** Absent for a budget that is to be made. */
  id?: string;
  scope: BudgetScope;
  /** Who answers for the scope: entity refs of groups and users. */
  ownerRefs: string[];
}

/**
 * The resource that the permissions on budgets are about.
 *
 * @public
 */
export const budgetResourceRef = createPermissionResourceRef<
  BudgetResource,
  OwnerFilter
>().with({ pluginId: 'models', resourceType: RESOURCE_TYPE_BUDGET });

/**
 * The rules on budgets.
 *
 * @public
 */
export const budgetRules = {
  isBudgetScopeOwner: createPermissionRule({
    name: 'IS_BUDGET_SCOPE_OWNER',
    description: 'Allow budgets of what the caller, or one of its groups, owns',
    resourceRef: budgetResourceRef,
    ...byOwners<BudgetResource>(({ ownerRefs }) => ownerRefs),
  }),
};

/**
 * Conditions and decisions on budgets for authors of permission policies.
 *
 * @public
 */
export const {
  conditions: budgetConditions,
  createConditionalDecision: createBudgetConditionalDecision,
} = createConditionExports({
  resourceRef: budgetResourceRef,
  rules: budgetRules,
});

/**
 * What permission rules see of a route.
 *
 * @public
 */
export interface RouteResource {
  name: string;
  /** Entity refs of groups and users. */
  ownerRefs: string[];
}

/**
 * The resource that the permission to change routes is about.
 *
 * @public
 */
export const routeResourceRef = createPermissionResourceRef<
  RouteResource,
  OwnerFilter
>().with({ pluginId: 'models', resourceType: RESOURCE_TYPE_ROUTE });

/**
 * The rules on routes.
 *
 * @public
 */
export const routeRules = {
  isRouteOwner: createPermissionRule({
    name: 'IS_ROUTE_OWNER',
    description: 'Allow routes that the caller, or one of its groups, owns',
    resourceRef: routeResourceRef,
    ...byOwners<RouteResource>(({ ownerRefs }) => ownerRefs),
  }),
};

/**
 * Conditions and decisions on routes for authors of permission policies.
 *
 * @public
 */
export const {
  conditions: routeConditions,
  createConditionalDecision: createRouteConditionalDecision,
} = createConditionExports({
  resourceRef: routeResourceRef,
  rules: routeRules,
});

/**
 * What permission rules see of a key of a program.
 *
 * @public
 */
export interface KeyResource {
  /** Absent for a key that is to be made. */
  id?: string;
  /** Entity ref of the group or user that answers for it. */
  ownerRef: string;
}

/**
 * The resource that the permissions on keys are about.
 *
 * @public
 */
export const keyResourceRef = createPermissionResourceRef<
  KeyResource,
  OwnerFilter
>().with({ pluginId: 'models', resourceType: RESOURCE_TYPE_KEY });

/**
 * The rules on keys.
 *
 * @public
 */
export const keyRules = {
  isKeyOwner: createPermissionRule({
    name: 'IS_KEY_OWNER',
    description: 'Allow keys that belong to the caller or one of its groups',
    resourceRef: keyResourceRef,
    ...byOwners<KeyResource>(({ ownerRef }) => [ownerRef]),
  }),
};

/**
 * Conditions and decisions on keys for authors of permission policies.
 *
 * @public
 */
export const {
  conditions: keyConditions,
  createConditionalDecision: createKeyConditionalDecision,
} = createConditionExports({ resourceRef: keyResourceRef, rules: keyRules });
