import { RESOURCE_TYPE_TRACE } from '@agentportal/plugin-traces-common';
import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import { z } from 'zod/v4';

/**
 * What permission rules see of a trace.
 *
 * @public
 */
export interface TraceResource {
  /** Who owned the agent when the trace began. */
  ownerRef?: string;
  /** The person for whom the agent worked. */
  userRef?: string;
}

/**
 * A condition on traces as a query.
 *
 * @public
 */
export interface TraceCriterion {
  key: 'owner' | 'user';
  values: string[];
}

/**
 * Traces as a resource that permissions decide about; refs are their ids.
 *
 * @public
 */
export const traceResourceRef = createPermissionResourceRef<
  TraceResource,
  TraceCriterion
>().with({ pluginId: 'traces', resourceType: RESOURCE_TYPE_TRACE });

const isTraceUser = createPermissionRule({
  name: 'IS_TRACE_USER',
  description: 'Allow traces of what agents did for a person',
  resourceRef: traceResourceRef,
  paramsSchema: z.object({
    userRef: z.string().describe('Entity ref of the person'),
  }),
  apply: (trace, { userRef }) => trace.userRef === userRef.toLowerCase(),
  toQuery: ({ userRef }) => ({ key: 'user', values: [userRef.toLowerCase()] }),
});

const isTraceAgentOwner = createPermissionRule({
  name: 'IS_TRACE_AGENT_OWNER',
  description: 'Allow traces of agents to those who owned the agent then',
  resourceRef: traceResourceRef,
  paramsSchema: z.object({
    claims: z
      .array(z.string())
      .describe('Entity refs, of which one must own the agent'),
  }),
  apply: ({ ownerRef }, { claims }) =>
    ownerRef !== undefined && claims.includes(ownerRef),
  toQuery: ({ claims }) => ({ key: 'owner', values: claims }),
});

/**
 * The rules on traces.
 *
 * @public
 */
export const traceRules = { isTraceUser, isTraceAgentOwner };

const exported = createConditionExports({
  resourceRef: traceResourceRef,
  rules: traceRules,
});

/**
 * Conditions on traces, for authors of permission policies.
 *
 * @public
 */
export const traceConditions = exported.conditions;

/**
 * Makes a conditional decision about traces, for authors of permission policies.
 *
 * @public
 */
export const createTraceConditionalDecision =
  exported.createConditionalDecision;
