import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { createPublicLookup } from './addresses';

/**
 * Sockets of one caller, to places that other people have named.
 *
 * @param options.connectTimeoutMs - how long a connection may take to be made
 * @param options.privateHost - the error for a host with a private address; without it
 *   such hosts are called too
 * @param options.idleTimeoutMs - how long a peer may say nothing; undici's default unless given
 * @public
 */
export function createGuardedAgent(options: {
  connectTimeoutMs: number;
  privateHost?: (hostname: string) => Error;
  idleTimeoutMs?: number;
}): Dispatcher {
  const { connectTimeoutMs, idleTimeoutMs, privateHost } = options;
  const agentOptions = {
    headersTimeout: idleTimeoutMs,
    bodyTimeout: idleTimeoutMs,
    connect: {
      timeout: connectTimeoutMs,
      ...(privateHost && { lookup: createPublicLookup(privateHost) }),
    },
  };
  // A proxy looks names up itself and decides for itself where it goes.
  return process.env.NODE_USE_ENV_PROXY === '1'
    ? new EnvHttpProxyAgent(agentOptions)
    : new Agent(agentOptions);
}
