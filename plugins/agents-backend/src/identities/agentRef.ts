import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { NotFoundError } from '@backstage/errors';

/** Whether text can be the name of an entity or of a namespace. */
export function isEntityName(text: string): boolean {
  return /^[A-Za-z0-9][-A-Za-z0-9_.]*$/.test(text);
}

/** Whether text is the ref of an agent; what is none, the catalog cannot be asked for. */
export function isAgentRef(text: string): boolean {
  try {
    const ref = parseEntityRef(text, { defaultKind: 'Agent' });
    return (
      ref.kind.toLocaleLowerCase('en-US') === 'agent' &&
      isEntityName(ref.namespace) &&
      isEntityName(ref.name)
    );
  } catch {
    return false;
  }
}

/**
 * The full form of the ref of an agent.
 *
 * @throws NotFoundError for what is no name, and so no agent's
 */
export function agentRefOf(ref: { namespace: string; name: string }): string {
  if (!isEntityName(ref.namespace) || !isEntityName(ref.name)) {
    throw new NotFoundError(
      `There is no agent:${ref.namespace}/${ref.name}: names are letters, digits, dashes, dots and underscores.`,
    );
  }
  return stringifyEntityRef({ kind: 'Agent', ...ref });
}

/** The full form of what {@link isAgentRef} accepts. */
export function fullAgentRef(text: string): string {
  return stringifyEntityRef(parseEntityRef(text, { defaultKind: 'Agent' }));
}
