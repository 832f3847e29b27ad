import { RESOURCE_TYPE_AGENT } from '@agentportal/plugin-agents-common';
import { createPermission } from '@backstage/plugin-permission-common';

/**
 * May read data sets, evaluations, experiments, and what people said of an agent's answers. The resource is
 * the agent (its entity ref).
 *
 * @public
 */
export const evaluationReadPermission = createPermission({
  name: 'evals.evaluation.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_AGENT,
});

/**
 * May write data sets of an agent, evaluate it, experiment with it, judge its conversations and decide what
 * its periodic review comes to. The resource is the agent.
 *
 * @public
 */
export const evaluationManagePermission = createPermission({
  name: 'evals.evaluation.manage',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_AGENT,
});

/**
 * May see scorecards: levels and figures, no conversations.
 *
 * @public
 */
export const scorecardReadPermission = createPermission({
  name: 'evals.scorecard.read',
  attributes: { action: 'read' },
});

/**
 * All permissions of the evals plugin.
 *
 * @public
 */
export const evalsPermissions = [
  evaluationReadPermission,
  evaluationManagePermission,
  scorecardReadPermission,
];
