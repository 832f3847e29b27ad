import type { GatewayModel } from '../directory/model';
import type { ModelDirectory, Resolution } from '../directory/ModelDirectory';
import { GatewayError } from '../errors';
import type { AccessDecision, AccessPolicy, Caller } from '../ports';

/** A target with the models of it that the caller may use. */
export interface AllowedTarget extends Resolution {
  /** Why models of the route are left out, in sentences. */
  leftOut: string[];
}

/** Finds what the caller asked for and leaves what the caller may use of it. */
export async function access<TGrant>(
  directory: ModelDirectory,
  policy: AccessPolicy<TGrant>,
  caller: Caller<TGrant>,
  name: string,
): Promise<AllowedTarget> {
  const target = directory.resolve(name);
  if (!target) {
    throw new GatewayError(
      404,
      'model_not_found',
      `There is no model or route ${name}; GET models lists what there is.`,
    );
  }
  const decision = await decide(policy, caller, target);
  const models = target.models.filter(m => decision.allowed.has(m.id));
  const leftOut = target.models.flatMap(m => decision.refusals.get(m.id) ?? []);
  if (models.length === 0 && target.models.length > 0) {
    throw new GatewayError(
      403,
      'access_denied',
      [...new Set(leftOut)].join(' ') || `You may not use ${name}.`,
    );
  }
  return { ...target, models, leftOut };
}

/** The models and routes that the caller may use. */
export async function accessibleNames<TGrant>(
  directory: ModelDirectory,
  policy: AccessPolicy<TGrant>,
  caller: Caller<TGrant>,
): Promise<{ models: GatewayModel[]; routes: string[] }> {
  const all = directory.models();
  const { allowed } = await decide(policy, caller, {
    models: all,
    unknown: [],
  });
  const routes: string[] = [];
  for (const route of directory.routes()) {
    const target = directory.resolve(route.name);
    if (target && (await decide(policy, caller, target)).allowed.size > 0) {
      routes.push(route.name);
    }
  }
  return { models: all.filter(m => allowed.has(m.id)), routes };
}

async function decide<TGrant>(
  policy: AccessPolicy<TGrant>,
  caller: Caller<TGrant>,
  target: Resolution,
): Promise<AccessDecision> {
  try {
    return await policy.decide(caller, {
      route: target.route?.name,
      modelIds: target.models.map(m => m.id),
    });
  } catch (error) {
    throw error instanceof GatewayError
      ? error
      : new GatewayError(
          503,
          'access_unavailable',
          'The portal cannot decide at the moment which models you may use; try again in a moment.',
          { retryAfter: '2', cause: error },
        );
  }
}
