import type { AccessRequest } from '@agentportal/model-gateway';
import { ALL_MODELS } from './key';
import type { VerifiedKey } from './VerifiedKeys';

/**
 * Tells why a key may not use a model, if it may not. A route that a key has
 * opens all that the route leads to, but only by the name of the route.
 */
export function keyLimits(
  verified: VerifiedKey,
  request: AccessRequest,
): (id: string) => string | undefined {
  const { key, models } = verified;
  if (
    models.has(ALL_MODELS) ||
    (request.route !== undefined && models.has(request.route))
  ) {
    return () => undefined;
  }
  return id =>
    models.has(id)
      ? undefined
      : `The key ${key.title} (${key.id}) is for ${key.models.join(
          ', ',
        )}, not for ${request.route ?? id}; ${key.ownerRef} can change it.`;
}
