import type { AccessRequest } from '@agentportal/model-gateway';
import { ALL_MODELS } from './key';
import type { VerifiedKey } from './VerifiedKeys';

/**
 * Tells why a key may not use a model, if it may not. A route that a key has
 * opens all that the route leads to, but only by the name of the route, and only
 * where somebody answers for where it leads: of others, whoever writes their file
 * could give the key more than they may use.
 *
 * @param isVouchedFor - whether the route that is asked for comes from a trusted
 * location, or was saved in the portal by one who may use its models
 */
export function keyLimits(
  verified: VerifiedKey,
  request: AccessRequest,
  isVouchedFor: boolean,
): (id: string) => string | undefined {
  const { key, models } = verified;
  const { route } = request;
  const hasRoute = route !== undefined && models.has(route);
  if (models.has(ALL_MODELS) || (hasRoute && isVouchedFor)) {
    return () => undefined;
  }
  const refusal = (id: string) =>
    hasRoute
      ? `The route ${route} comes from a location that is not trusted, so the key ${key.title} (${key.id}) may use only those of its models that the key names itself; ${key.ownerRef} can add ${id} to it.`
      : `The key ${key.title} (${key.id}) is for ${key.models.join(
          ', ',
        )}, not for ${route ?? id}; ${key.ownerRef} can change it.`;
  return id => (models.has(id) ? undefined : refusal(id));
}
