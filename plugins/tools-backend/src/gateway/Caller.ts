import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  principalNameOf,
  principalOf,
  readRunContext,
  type RunContext,
} from '@agentportal/plugin-agents-node';

/** Who asks the gateway, and on whose account. */
export interface Caller {
  credentials: BackstageCredentials;
  type: 'user' | 'service';
  /** Entity ref of the person, or subject of the service. */
  ref: string;
  /** What a permission decision may be remembered by for some seconds. */
  token?: string;
  /** Present when an agent calls within a run. */
  run?: RunContext;
}

/**
 * Reads who is calling from credentials and headers.
 *
 * @throws NotAllowedError when nobody is signed in.
 */
export function callerOf(
  credentials: BackstageCredentials,
  headers: Record<string, string | string[] | undefined> = {},
): Caller {
  const { type } = principalOf(credentials);
  const ref = principalNameOf(credentials);
  if (type === 'none' || !ref) {
    throw new NotAllowedError('Sign in to use tools.');
  }
  return {
    credentials,
    type,
    ref,
    token: [headers.authorization].flat()[0],
    run: readRunContext(headers, credentials),
  };
}
