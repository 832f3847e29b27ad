import { RESOURCE_TYPE_KEY } from '@agentportal/plugin-models-common';
import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import { z } from 'zod/v4';

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
 * Filter that rules translate to: keys of these owners.
 *
 * @public
 */
export interface KeyFilter {
  ownerRefs: string[];
}

/**
 * The resource that the permissions on keys are about.
 *
 * @public
 */
export const keyResourceRef = createPermissionResourceRef<
  KeyResource,
  KeyFilter
>().with({ pluginId: 'models', resourceType: RESOURCE_TYPE_KEY });

const isKeyOwner = createPermissionRule({
  name: 'IS_KEY_OWNER',
  description: 'Allow keys that belong to the caller or one of its groups',
  resourceRef: keyResourceRef,
  paramsSchema: z.object({
    claims: z
      .array(z.string())
      .describe('Entity refs of the caller and its groups'),
  }),
  apply: (key, { claims }) => claims.includes(key.ownerRef),
  toQuery: ({ claims }) => ({ ownerRefs: claims }),
});

/**
 * The rules on keys.
 *
 * @public
 */
export const keyRules = { isKeyOwner };

/**
 * Conditions and decisions on keys for authors of permission policies.
 *
 * @public
 */
export const {
  conditions: keyConditions,
  createConditionalDecision: createKeyConditionalDecision,
} = createConditionExports({ resourceRef: keyResourceRef, rules: keyRules });
