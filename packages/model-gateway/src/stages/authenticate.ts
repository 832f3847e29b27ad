import type { IncomingMessage } from 'node:http';
import { ownFault } from '../errors';
import type { Authenticator, Caller } from '../ports';

/** Finds out who calls. A fault of the authenticator is ours, not the caller's. */
export async function authenticate<TGrant>(
  authenticator: Authenticator<TGrant>,
  request: IncomingMessage,
): Promise<Caller<TGrant>> {
  try {
    return await authenticator.authenticate(request);
  } catch (error) {
    throw ownFault(error);
  }
}
