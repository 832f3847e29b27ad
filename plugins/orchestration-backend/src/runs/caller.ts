import { fullRefOf } from '@agentportal/plugin-agents-common';
import { principalNameOf, principalOf } from '@agentportal/plugin-agents-node';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { InputError, NotAllowedError } from '@backstage/errors';

/** Rehearses for whoever has asked for an evaluation, after that request has ended. */
const EVALUATOR = 'plugin:evals';

/** Who is written down as the creator: a person, or a service by its subject. */
export function callerName(credentials: BackstageCredentials): string {
  const name = principalNameOf(credentials);
  if (!name) {
    throw new NotAllowedError('Sign in to work with runs.');
  }
  return name;
}

interface CallersForOthers {
  /** Subjects of services that the operator has listed. */
  allowedServices: string[];
  isRehearsal: boolean;
}

/**
 * The person for whom a service asks. A person speaks for nobody else, because
 * what is written down here is who answers for the run; a service speaks for
 * people only where the operator lets it, because nothing else bounds the run. A rehearsal
 * begins only if the person may start it at that moment, so the portal's own evaluations need
 * no more for theirs.
 */
export function readOnBehalfOf(
  onBehalfOf: string | undefined,
  credentials: BackstageCredentials,
  { allowedServices, isRehearsal }: CallersForOthers,
): string | undefined {
  if (onBehalfOf === undefined) {
    return undefined;
  }
  const principal = principalOf(credentials);
  if (principal.type !== 'service') {
    throw new NotAllowedError(
      'Only services may start runs for somebody else. Leave onBehalfOf out; the run is yours.',
    );
  }
  if (
    !allowedServices.includes(principal.subject) &&
    !(isRehearsal && principal.subject === EVALUATOR)
  ) {
    throw new NotAllowedError(
      `${principal.subject} may not start runs for other people. Leave onBehalfOf out, or ask the people who run the portal to list it in orchestration.onBehalfOf.allowedServices.`,
    );
  }
  const personRef = fullRefOf(onBehalfOf, 'User');
  if (!personRef) {
    throw new InputError(
      `onBehalfOf must be the entity ref of a person, such as user:default/guest, and not "${onBehalfOf}".`,
    );
  }
  return personRef;
}
