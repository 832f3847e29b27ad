import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import { RISK_TIERS, type RiskTier } from '@agentportal/plugin-agents-common';
import { RESOURCE_TYPE_TOOL } from '@agentportal/plugin-tools-common';
import { z } from 'zod/v4';

/**
 * What permission rules see of a tool.
 *
 * @public
 */
export interface ToolResource {
  /** Name at the gateway. */
  name: string;
  /** Entity ref of the API that serves it. */
  serverRef: string;
  /** Entity ref of its owner. */
  ownerRef: string;
  riskTier: RiskTier;
  /** Whether a trusted location or app-config vouches for its server. */
  isVouchedFor?: boolean;
}

/**
 * Tools as a resource of the permission framework.
 *
 * @public
 */
export const toolResourceRef = createPermissionResourceRef<
  ToolResource,
  never
>().with({ pluginId: 'tools', resourceType: RESOURCE_TYPE_TOOL });

const hasRiskTier = createPermissionRule({
  name: 'HAS_RISK_TIER',
  description: 'Allow tools of some risk tiers',
  resourceRef: toolResourceRef,
  paramsSchema: z.object({
    tiers: z
      .array(z.enum(RISK_TIERS as [RiskTier, ...RiskTier[]]))
      .describe('Risk tiers: read, write, external, critical, forbidden'),
  }),
  apply: (tool, { tiers }) => tiers.includes(tool.riskTier),
  // Lists are filtered in memory: the risk of a tool is not in a column alone.
  toQuery: () => unsupported(),
});

const isProvidedBy = createPermissionRule({
  name: 'IS_PROVIDED_BY',
  description: 'Allow the tools of some servers',
  resourceRef: toolResourceRef,
  paramsSchema: z.object({
    serverRefs: z
      .array(z.string())
      .describe('Entity refs of APIs with spec.type mcp-server'),
  }),
  apply: (tool, { serverRefs }) =>
    serverRefs.some(ref => ref.toLocaleLowerCase('en-US') === tool.serverRef),
  toQuery: () => unsupported(),
});

const isToolOwner = createPermissionRule({
  name: 'IS_TOOL_OWNER',
  description: 'Allow tools that a user or one of their groups owns',
  resourceRef: toolResourceRef,
  paramsSchema: z.object({
    claims: z
      .array(z.string())
      .describe('Entity refs, as in the ownership of the user'),
  }),
  apply: (tool, { claims }) =>
    claims.some(ref => ref.toLocaleLowerCase('en-US') === tool.ownerRef),
  toQuery: () => unsupported(),
});

const isVouchedForToolOwner = createPermissionRule({
  name: 'IS_VOUCHED_FOR_TOOL_OWNER',
  description:
    'Allow tools that a user or one of their groups owns, of servers that somebody vouches for',
  resourceRef: toolResourceRef,
  paramsSchema: z.object({
    claims: z
      .array(z.string())
      .describe('Entity refs, as in the ownership of the user'),
  }),
  apply: (tool, { claims }) =>
    tool.isVouchedFor === true &&
    claims.some(ref => ref.toLocaleLowerCase('en-US') === tool.ownerRef),
  toQuery: () => unsupported(),
});

/**
 * Rules for tools.
 *
 * @public
 */
export const toolRules = {
  hasRiskTier,
  isProvidedBy,
  isToolOwner,
  isVouchedForToolOwner,
};

const exported = createConditionExports({
  resourceRef: toolResourceRef,
  rules: toolRules,
});

/**
 * Conditions on tools, for permission policies.
 *
 * @public
 */
export const toolConditions = exported.conditions;

/**
 * Makes the decision that a tool permission depends on conditions.
 *
 * @public
 */
export const createToolConditionalDecision = exported.createConditionalDecision;

function unsupported(): never {
  throw new Error('Tools are filtered in memory, not by queries');
}
