import { RESOURCE_TYPE_APPROVAL } from '@agentportal/plugin-agents-common';
import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import { z } from 'zod/v4';
import type { PartyFilter } from './ApprovalLists';

/**
 * A request that people decide, as permission rules see it.
 *
 * @public
 */
export interface ApprovalResource {
  /** Refs of people, groups and agents that it concerns or is asked of. */
  parties: string[];
}

/**
 * Requests that people decide, as a resource that permissions decide about; refs are ids.
 *
 * @public
 */
export const approvalPermissionResourceRef = createPermissionResourceRef<
  ApprovalResource,
  PartyFilter
>().with({ pluginId: 'agents', resourceType: RESOURCE_TYPE_APPROVAL });

const isApprovalParty = createPermissionRule({
  name: 'IS_APPROVAL_PARTY',
  description:
    'Allow requests that are asked of, or concern, one of the given users and groups',
  resourceRef: approvalPermissionResourceRef,
  paramsSchema: z.object({
    claims: z
      .array(z.string())
      .describe('Entity refs of users and groups, of which one is a party'),
  }),
  apply: ({ parties }, { claims }) => parties.some(ref => claims.includes(ref)),
  toQuery: ({ claims }) => ({ claims }),
});

/** The rules for requests that people decide. */
export const approvalPermissionRules = { isApprovalParty };

const conditionExports = createConditionExports({
  resourceRef: approvalPermissionResourceRef,
  rules: approvalPermissionRules,
});

/**
 * Conditions on requests that people decide, for authors of permission policies.
 *
 * @public
 */
export const approvalConditions = conditionExports.conditions;

/**
 * Wraps conditions on requests that people decide into a decision of a permission policy.
 *
 * @public
 */
export const createApprovalConditionalDecision =
  conditionExports.createConditionalDecision;
