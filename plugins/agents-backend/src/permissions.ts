import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import {
  type AgentEntity,
  agentRefsOf,
  RESOURCE_TYPE_AGENT,
} from '@agentportal/plugin-agents-common';
import type { JsonObject } from '@backstage/types';
import { z } from 'zod/v4';

/**
 * Agents as the permission framework sees them: the resource ref is the entity
 * ref, the query a filter predicate of the catalog.
 *
 * @public
 */
export const agentPermissionResourceRef = createPermissionResourceRef<
  AgentEntity,
  JsonObject
>().with({ pluginId: 'agents', resourceType: RESOURCE_TYPE_AGENT });

const isAgentOwner = createPermissionRule({
  name: 'IS_AGENT_OWNER',
  description: 'Allow agents that one of the given users or groups owns',
  resourceRef: agentPermissionResourceRef,
  paramsSchema: z.object({
    claims: z
      .array(z.string())
      .describe('Entity refs of users and groups, of which one must be owner'),
  }),
  apply: (agent, { claims }) =>
    claims.map(fullRef).includes(agentRefsOf(agent).owner),
  toQuery: ({ claims }) => ({
    'relations.ownedBy': { $in: claims.map(fullRef) },
  }),
});

const isAgentSponsor = createPermissionRule({
  name: 'IS_AGENT_SPONSOR',
  description: 'Allow agents that one of the given people answers for',
  resourceRef: agentPermissionResourceRef,
  paramsSchema: z.object({
    userRefs: z.array(z.string()).describe('Entity refs of people'),
  }),
  apply: (agent, { userRefs }) => {
    const { sponsor } = agentRefsOf(agent);
    return sponsor !== undefined && userRefs.includes(sponsor);
  },
  toQuery: ({ userRefs }) => ({
    'relations.sponsoredBy': { $in: userRefs },
  }),
});

const hasLifecycle = createPermissionRule({
  name: 'HAS_LIFECYCLE',
  description: 'Allow agents in one of the given stages of life',
  resourceRef: agentPermissionResourceRef,
  paramsSchema: z.object({
    lifecycles: z
      .array(z.string())
      .describe('experimental, review, production, suspended or retired'),
  }),
  apply: (agent, { lifecycles }) => lifecycles.includes(agent.spec.lifecycle),
  toQuery: ({ lifecycles }) => ({ 'spec.lifecycle': { $in: lifecycles } }),
});

const hasAutonomy = createPermissionRule({
  name: 'HAS_AUTONOMY',
  description: 'Allow agents of one of the given levels of autonomy',
  resourceRef: agentPermissionResourceRef,
  paramsSchema: z.object({
    levels: z.array(z.string()).describe('copilot, supervised or autopilot'),
  }),
  apply: (agent, { levels }) => levels.includes(agent.spec.autonomy),
  toQuery: ({ levels }) => ({ 'spec.autonomy': { $in: levels } }),
});

/** The rules for agents. */
export const agentPermissionRules = {
  isAgentOwner,
  isAgentSponsor,
  hasLifecycle,
  hasAutonomy,
};

const conditionExports = createConditionExports({
  resourceRef: agentPermissionResourceRef,
  rules: agentPermissionRules,
});

/**
 * Conditions on agents, for authors of permission policies.
 *
 * @public
 */
export const agentConditions = conditionExports.conditions;

/**
 * Wraps conditions on agents into a decision of a permission policy.
 *
 * @public
 */
export const createAgentConditionalDecision =
  conditionExports.createConditionalDecision;

function fullRef(claim: string): string {
  return stringifyEntityRef(parseEntityRef(claim, { defaultKind: 'Group' }));
}
