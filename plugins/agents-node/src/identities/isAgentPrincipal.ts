import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { principalOf } from '../acting/principalOf';

/** Whose token it is when an agent acts. */
export type AgentSubject =
  | { type: 'own'; agentRef: string }
  | { type: 'delegation'; id: string; ref: string };

/** Reads the subject of a token of an agent; those of people are none. */
export function subjectOfAgent(
  userEntityRef: string,
): AgentSubject | undefined {
  let ref;
  try {
    ref = parseEntityRef(userEntityRef);
  } catch {
    return undefined;
  }
  const full = stringifyEntityRef(ref);
  switch (ref.kind.toLocaleLowerCase('en-US')) {
    case 'agent':
      return { type: 'own', agentRef: full };
    case 'delegation':
      return {
        type: 'delegation',
        id: ref.name.toLocaleLowerCase('en-US'),
        ref: full,
      };
    default:
      return undefined;
  }
}

/**
 * Whether it is an agent that calls, in its own name or for a person. It asks nobody, and
 * so does not tell whether the agent still may.
 *
 * @public
 */
export function isAgentPrincipal(credentials: BackstageCredentials): boolean {
  const principal = principalOf(credentials);
  return (
    principal.type === 'user' &&
    subjectOfAgent(principal.userEntityRef) !== undefined
  );
}
