import { isAgentPrincipal, principalOf } from '@agentportal/plugin-agents-node';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';

/**
 * The person who calls.
 *
 * @param what - what only people do, such as `Answers are rated by people`
 * @throws NotAllowedError when it is an agent, a service, or nobody
 */
export function personOf(
  credentials: BackstageCredentials,
  what: string,
): string {
  const principal = principalOf(credentials);
  if (principal.type !== 'user' || isAgentPrincipal(credentials)) {
    throw new NotAllowedError(`${what}, not by agents and services.`);
  }
  return principal.userEntityRef;
}
