import { createPermission } from '@backstage/plugin-permission-common';

/**
 * Resource type of runs; its refs are run ids.
 *
 * @public
 */
export const RESOURCE_TYPE_RUN = 'orchestration-run';

/**
 * May start a run of an agent. The resource is the agent (type `agents-agent`,
 * ref such as `agent:default/x`), because that is what a policy decides about.
 *
 * @public
 */
export const runCreatePermission = createPermission({
  name: 'orchestration.run.create',
  attributes: { action: 'create' },
  resourceType: 'agents-agent',
});

/**
 * May read a run: its conversation, its steps and what it cost.
 *
 * @public
 */
export const runReadPermission = createPermission({
  name: 'orchestration.run.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_RUN,
});

/**
 * May stop a run that is under way.
 *
 * @public
 */
export const runCancelPermission = createPermission({
  name: 'orchestration.run.cancel',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_RUN,
});

/**
 * May pause, resume and fire the triggers of an agent, and make secrets of its webhooks.
 * The resource is the agent, as with `orchestration.run.create`.
 *
 * @public
 */
export const triggerManagePermission = createPermission({
  name: 'orchestration.trigger.manage',
  attributes: { action: 'update' },
  resourceType: 'agents-agent',
});

/**
 * May rehearse an agent with other instructions or another model. The resource is the agent,
 * as with `orchestration.run.create`; it is for those who may change the agent.
 *
 * @public
 */
export const candidateRunPermission = createPermission({
  name: 'orchestration.candidate.run',
  attributes: { action: 'update' },
  resourceType: 'agents-agent',
});

/**
 * All permissions of the orchestration plugin.
 *
 * @public
 */
export const orchestrationPermissions = [
  runCreatePermission,
  runReadPermission,
  runCancelPermission,
  triggerManagePermission,
  candidateRunPermission,
];
