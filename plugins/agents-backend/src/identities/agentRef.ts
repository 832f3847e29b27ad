import {
  type AgentEntity,
  type AgentRefs,
  agentRefsOf,
  fullRefOf,
} from '@agentportal/plugin-agents-common';
import type { Entity } from '@backstage/catalog-model';
import { InputError, NotFoundError } from '@backstage/errors';

/** Whether text is the ref of an agent; what is none, the catalog cannot be asked for. */
export function isAgentRef(text: string): boolean {
  return fullRefOf(text, 'Agent') !== undefined;
}

/**
 * The full form of the ref of an agent that a path names.
 *
 * @throws NotFoundError for what is no name, and so no agent's
 */
export function agentRefOf(ref: { namespace: string; name: string }): string {
  const text = `agent:${ref.namespace}/${ref.name}`;
  const full = fullRefOf(text, 'Agent');
  if (!full) {
    throw new NotFoundError(
      `There is no ${text}: names are letters, digits, dashes, dots and underscores.`,
    );
  }
  return full;
}

/**
 * The full form of a ref that must be of one kind.
 *
 * @throws InputError for what is none, which names the field
 */
export function requireRef(field: string, text: string, kind: string): string {
  const ref = fullRefOf(text, kind);
  if (!ref) {
    throw new InputError(
      `${field} must be the ref of an entity of kind ${kind}, such as ${kind.toLocaleLowerCase(
        'en-US',
      )}:default/name, and "${text}" is not.`,
    );
  }
  return ref;
}

/** The refs of an agent. One that cannot be read has none, and costs the others nothing. */
export function readAgentRefs(agent: Entity): AgentRefs | undefined {
  try {
    return agentRefsOf(agent as AgentEntity);
  } catch {
    return undefined;
  }
}
