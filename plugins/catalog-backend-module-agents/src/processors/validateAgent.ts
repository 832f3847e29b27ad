import {
  type AgentEntity,
  agentRefsOf,
  validateAgentEntity,
} from '@agentportal/plugin-agents-common';
import { validateWorkflow } from '@agentportal/plugin-orchestration-common';
import { DEFAULT_NAMESPACE, type Entity } from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';

/** A person can mend no more at once. */
const MAX_PROBLEMS = 10;

/**
 * Whether an entity is an Agent; throws an InputError with all that is wrong with it, its
 * workflow too.
 */
export function validateAgent(entity: Entity): entity is AgentEntity {
  if (!validateAgentEntity(entity)) {
    return false;
  }
  const { type, workflow } = entity.spec;
  if (workflow === undefined) {
    return true;
  }
  if (type !== 'workflow' && type !== 'orchestrator') {
    throw new InputError(
      `spec.workflow is for agents of type workflow or orchestrator, but spec.type is ${type}`,
    );
  }
  const problems = validateWorkflow(workflow, {
    ...agentRefsOf(entity),
    namespace: entity.metadata.namespace ?? DEFAULT_NAMESPACE,
  });
  if (problems.length) {
    throw new InputError(
      problems
        .slice(0, MAX_PROBLEMS)
        .map(({ message }) => `spec.workflow: ${message}`)
        .join('; '),
    );
  }
  return true;
}
