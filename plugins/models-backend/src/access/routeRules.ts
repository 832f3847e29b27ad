import { RESOURCE_TYPE_ROUTE } from '@agentportal/plugin-models-common';
import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import { z } from 'zod/v4';

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
 * Filter that rules translate to. Routes are in memory, so it names the owners.
 *
 * @public
 */
export interface RouteFilter {
  ownerRefs: string[];
}

/**
 * The resource that the permission to change routes is about.
 *
 * @public
 */
export const routeResourceRef = createPermissionResourceRef<
  RouteResource,
  RouteFilter
>().with({ pluginId: 'models', resourceType: RESOURCE_TYPE_ROUTE });

const isRouteOwner = createPermissionRule({
  name: 'IS_ROUTE_OWNER',
  description: 'Allow routes that the caller, or one of its groups, owns',
  resourceRef: routeResourceRef,
  paramsSchema: z.object({
    claims: z
      .array(z.string())
      .describe('Entity refs of the caller and its groups'),
  }),
  apply: (route, { claims }) =>
    route.ownerRefs.some(ref => claims.includes(ref)),
  toQuery: ({ claims }) => ({ ownerRefs: claims }),
});

/**
 * The rules on routes.
 *
 * @public
 */
export const routeRules = { isRouteOwner };

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
