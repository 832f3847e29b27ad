import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { mockCredentials } from '@backstage/backend-test-utils';
import { NotAllowedError } from '@backstage/errors';
import express, { type Request, type Response } from 'express';
import { AgentIdentityClient } from '@agentportal/plugin-agents-common';

/**
 * The part of the auth plugin that makes tokens of delegations, for test backends whose
 * tokens are those of Backstage's test utilities.
 *
 * @public
 */
export const delegationTokens = createBackendPlugin({
  pluginId: 'auth',
  register(env) {
    env.registerInit({
      deps: {
        auth: coreServices.auth,
        discovery: coreServices.discovery,
        httpRouter: coreServices.httpRouter,
      },
      async init({ auth, discovery, httpRouter }) {
        const client = new AgentIdentityClient({
          discoveryApi: discovery,
          fetchApi: { fetch },
        });
        const mint = async (req: Request, res: Response) => {
          const { token } = await auth.getPluginRequestToken({
            onBehalfOf: await auth.getOwnServiceCredentials(),
            targetPluginId: 'agents',
          });
          const [delegation] = await client.queryDelegations([req.params.id], {
            token,
          });
          if (delegation?.state !== 'active') {
            throw new NotAllowedError(delegation?.reason ?? 'It has ended.');
          }
          res.json({
            token: mockCredentials.user.token(delegation.ref),
            expiresAt: new Date(Date.now() + 600_000).toISOString(),
          });
        };
        httpRouter.use(
          express
            .Router()
            .post('/agent/delegations/:id/token', (req, res, next) => {
              mint(req, res).catch(next);
            }),
        );
      },
    });
  },
});
