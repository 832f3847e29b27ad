import {
  coreServices,
  createServiceFactory,
  type BackstageUserPrincipal,
} from '@backstage/backend-plugin-api';
import {
  AuthorizeResult,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';

/** A policy in place of the permission backend, which gives services everything too. */
export function policy(
  decide: (permission: string, userRef: string) => PolicyDecision,
) {
  const answer = (permission: string, principal: unknown): PolicyDecision => {
    const { type, userEntityRef } = principal as BackstageUserPrincipal;
    return type === 'user'
      ? decide(permission, userEntityRef)
      : { result: AuthorizeResult.ALLOW };
  };
  return createServiceFactory({
    service: coreServices.permissions,
    deps: {},
    factory: () => ({
      authorize: async (requests, { credentials }: any) =>
        requests.map(
          ({ permission }) =>
            answer(permission.name, credentials.principal) as {
              result: AuthorizeResult.ALLOW | AuthorizeResult.DENY;
            },
        ),
      authorizeConditional: async (requests, { credentials }: any) =>
        requests.map(({ permission }) =>
          answer(permission.name, credentials.principal),
        ),
    }),
  });
}
