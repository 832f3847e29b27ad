import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import {
  authProvidersExtensionPoint,
  createProxyAuthProviderFactory,
} from '@backstage/plugin-auth-node';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import Router from 'express-promise-router';
import { createExampleAuthenticator } from './authenticator';
import { describePeople, readPeople } from './people';
import { RequestGuard } from './RequestGuard';

/**
 * The sign-in provider `example`: `GET /api/auth/example/people` says who can be chosen, and
 * `/api/auth/example/refresh` with the header `x-example-person` issues the identity.
 *
 * @public
 */
export const authModuleExampleProvider = createBackendModule({
  pluginId: 'auth',
  moduleId: 'example-provider',
  register(env) {
    env.registerInit({
      deps: {
        providers: authProvidersExtensionPoint,
        httpRouter: coreServices.httpRouter,
        config: coreServices.rootConfig,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
      },
      async init({ providers, httpRouter, config, auth, catalog }) {
        const people = readPeople(config);
        if (!people) {
          return;
        }
        const guard = RequestGuard.fromConfig(config);
        providers.registerProvider({
          providerId: 'example',
          factory: createProxyAuthProviderFactory({
            authenticator: createExampleAuthenticator({ people, guard }),
            signInResolver: ({ result }, context) =>
              context.signInWithCatalogUser({ entityRef: result.entityRef }),
          }),
        });
        const router = Router();
        router.get('/example/people', async (req, res) => {
          guard.check(req);
          res.json({
            items: await describePeople(people, {
              catalog,
              credentials: await auth.getOwnServiceCredentials(),
            }),
          });
        });
        httpRouter.use(router);
      },
    });
  },
});
