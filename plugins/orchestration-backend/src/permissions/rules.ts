import {
  RESOURCE_TYPE_RUN,
  type RunSummary,
} from '@agentportal/plugin-orchestration-common';
import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import { z } from 'zod/v4';
import type { RunFilter } from '../store/runFilter';

/**
 * A run as permission rules see it.
 *
 * @public
 */
export interface RunResource {
  summary: RunSummary;
  /** Owner of the agent when the run began. */
  agentOwnerRef?: string;
}

/**
 * Runs, as a resource that permissions decide about; refs are run ids.
 *
 * @public
 */
export const runPermissionResourceRef = createPermissionResourceRef<
  RunResource,
  RunFilter
>().with({ pluginId: 'orchestration', resourceType: RESOURCE_TYPE_RUN });

const isRunCreator = createPermissionRule({
  name: 'IS_RUN_CREATOR',
  description: 'Allow the person who asked for the run, or for whom it was',
  resourceRef: runPermissionResourceRef,
  paramsSchema: z.object({
    userRef: z.string().describe('Entity ref of the person'),
  }),
  apply: ({ summary }, { userRef }) =>
    summary.createdBy === userRef || summary.onBehalfOf === userRef,
  toQuery: ({ userRef }) => ({ key: 'creator', values: [userRef] }),
});

const isRunAgentOwner = createPermissionRule({
  name: 'IS_RUN_AGENT_OWNER',
  description: 'Allow those who own the agent that ran',
  resourceRef: runPermissionResourceRef,
  paramsSchema: z.object({
    claims: z
      .array(z.string())
      .describe('Entity refs, of which one must own the agent'),
  }),
  apply: ({ agentOwnerRef }, { claims }) =>
    agentOwnerRef !== undefined && claims.includes(agentOwnerRef),
  toQuery: ({ claims }) => ({ key: 'agentOwner', values: claims }),
});

/**
 * The rules on runs.
 *
 * @public
 */
export const runPermissionRules = { isRunCreator, isRunAgentOwner };

const exported = createConditionExports({
  resourceRef: runPermissionResourceRef,
  rules: runPermissionRules,
});

/**
 * Conditions on runs, for authors of permission policies.
 *
 * @public
 */
export const runConditions = exported.conditions;

/**
 * Makes a conditional decision about runs, for authors of permission policies.
 *
 * @public
 */
export const createRunConditionalDecision = exported.createConditionalDecision;
