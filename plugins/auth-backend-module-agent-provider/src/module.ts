import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import {
  OutageAwareHttpAuth,
  TokenKeys,
} from '@agentportal/plugin-agents-node';
import { NotFoundError } from '@backstage/errors';
import { authProvidersExtensionPoint } from '@backstage/plugin-auth-node';
import Router from 'express-promise-router';
import { AgentRows } from './AgentRows';
import { ClientAuthenticator } from './clients/ClientAuthenticator';
import { UsedAssertions } from './clients/UsedAssertions';
import { WorkloadAuthenticator } from './clients/WorkloadAuthenticator';
import { readProviderConfig, requireShortTokens } from './config';
import { metadataOf } from './oauth/metadata';
import { createAgentAuthRouter } from './router';
import { AgentTokens } from './tokens/AgentTokens';
import { forgetOwnership } from './tokens/forgetOwnership';
import { TokenGrants } from './tokens/grants';

/**
 * The sign-in provider `agent`: an OAuth 2.1 token endpoint under `/api/auth/agent`, where
 * agents get tokens for themselves and for what people delegate to them.
 *
 * @public
 */
export const authModuleAgentProvider = createBackendModule({
  pluginId: 'auth',
  moduleId: 'agent-provider',
  register(env) {
    env.registerInit({
      deps: {
        providers: authProvidersExtensionPoint,
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        config: coreServices.rootConfig,
        database: coreServices.database,
        discovery: coreServices.discovery,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        logger: coreServices.logger,
        rootHttpRouter: coreServices.rootHttpRouter,
        scheduler: coreServices.scheduler,
      },
      async init(deps) {
        const config = readProviderConfig(deps.config);
        if (!config) {
          return;
        }
        requireShortTokens(deps.config);
        const { issuer } = config;
        const used = await UsedAssertions.create(deps.database);
        const rows = new AgentRows(deps);
        const keys = new TokenKeys(deps);
        const tokens = new AgentTokens({ ...deps, guestRef: config.guestRef });
        const workloads = new WorkloadAuthenticator({
          workloads: config.workloads,
          used,
        });
        deps.providers.registerProvider({
          providerId: 'agent',
          factory: ({ resolverContext }) => {
            tokens.useContext(resolverContext);
            // No browser signs in here; everything is in the router below.
            const nothing = async () => {
              throw new NotFoundError(
                `Agents sign in at ${issuer}/token, as ${issuer}/.well-known/oauth-authorization-server says.`,
              );
            };
            return { start: nothing, frameHandler: nothing };
          },
        });
        const router = createAgentAuthRouter({
          ...deps,
          httpAuth: new OutageAwareHttpAuth(deps),
          keys,
          issuer,
          rows,
          tokens,
          clients: new ClientAuthenticator({ rows, used, issuer }),
          grants: new TokenGrants({
            rows,
            tokens,
            workloads,
            config,
            auth: deps.auth,
            keys,
          }),
        });
        deps.httpRouter.use(Router().use('/agent', router));
        // Where RFC 8414 puts the document of an issuer that has a path.
        deps.rootHttpRouter.use(
          `/.well-known/oauth-authorization-server${new URL(issuer).pathname}`,
          (_req, res) => {
            res.json(metadataOf(issuer));
          },
        );
        await deps.scheduler.scheduleTask({
          id: 'agent-provider-forget-used-assertions',
          scope: 'global',
          frequency: { minutes: 15 },
          // The auth plugin has made its tables by then.
          initialDelay: { minutes: 5 },
          timeout: { minutes: 1 },
          fn: async () => {
            await used.forget();
            await forgetOwnership(await deps.database.getClient());
          },
        });
      },
    });
  },
});
