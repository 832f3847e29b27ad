import { RESOURCE_TYPE_MODEL } from '@agentportal/plugin-models-common';
import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import { z } from 'zod/v4';

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
  type: 'chat' | 'embedding' | 'route';
}

/**
 * Filter that rules translate to. Models are few and in memory, so it names the
 * field and its allowed values.
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

const hasProvider = createPermissionRule({
  name: 'HAS_PROVIDER',
  description: 'Allow models of these providers',
  resourceRef: modelResourceRef,
  paramsSchema: z.object({
    providers: z.array(z.string()).describe('Ids of providers'),
  }),
  apply: (model, { providers }) => providers.includes(model.provider),
  toQuery: ({ providers }) => ({ field: 'provider', values: providers }),
});

const hasModelType = createPermissionRule({
  name: 'HAS_MODEL_TYPE',
  description: 'Allow models of these types',
  resourceRef: modelResourceRef,
  paramsSchema: z.object({
    types: z.array(z.enum(['chat', 'embedding', 'route'])),
  }),
  apply: (model, { types }) => types.includes(model.type),
  toQuery: ({ types }) => ({ field: 'type', values: types }),
});

/**
 * The rules on models.
 *
 * @public
 */
export const modelRules = { hasProvider, hasModelType };

/**
 * Conditions and decisions for authors of permission policies.
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
