// Agents act for real here.
/* eslint-disable @backstage/no-mixed-plugin-imports */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import agentsPlugin from '@agentportal/plugin-agents-backend';
import { principalOf } from '@agentportal/plugin-agents-node';
import { createBackend } from '@backstage/backend-defaults';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import authPlugin from '@backstage/plugin-auth-backend';
import guestProvider from '@backstage/plugin-auth-backend-module-guest-provider';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import Router from 'express-promise-router';
import agentProvider from '..';

export const PERSON = 'user:default/dana';

export function agentEntity(
  name: string,
  spec: Record<string, unknown> = {},
): Entity {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Agent',
    metadata: { name, title: name },
    spec: {
      type: 'assistant',
      lifecycle: 'production',
      owner: 'group:default/care',
      sponsor: PERSON,
      autonomy: 'supervised',
      identity: 'own',
      ...spec,
    },
  };
}

const COMPANY: Entity[] = [
  {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'User',
    metadata: { name: 'dana' },
    spec: { memberOf: ['care'] },
    relations: [{ type: 'memberOf', targetRef: 'group:default/care' }],
  },
  {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Group',
    metadata: { name: 'care' },
    spec: { type: 'team', children: [] },
  },
];

/** A plugin that nobody of us wrote: it only asks Backstage who calls. */
const probe = createBackendPlugin({
  pluginId: 'probe',
  register(env) {
    env.registerInit({
      deps: {
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        userInfo: coreServices.userInfo,
      },
      async init({ httpAuth, httpRouter, userInfo }) {
        const router = Router();
        router.get('/who', async (req, res) => {
          const credentials = await httpAuth.credentials(req, {
            allow: ['user'],
          });
          res.json({
            principal: principalOf(credentials),
            owns: (await userInfo.getUserInfo(credentials)).ownershipEntityRefs,
          });
        });
        httpRouter.use(router);
      },
    });
  },
});

/** A portal with Backstage's own tokens and keys, on a port of its own. */
export async function startPortal(
  options: {
    /** What the catalog has; `false` leaves the catalog to `features`. */
    entities?: Entity[] | false;
    workloads?: object[];
    tokenMinutes?: number;
    /** Where the portal listens; by default on a port that is free. */
    port?: number;
    /** Added to the configuration, by providers of `auth`. */
    providers?: object;
    /** Added to the configuration. */
    permission?: object;
    /** Added to the configuration. */
    catalog?: object;
    features?: Array<Parameters<ReturnType<typeof createBackend>['add']>[0]>;
  } = {},
) {
  const port = options.port ?? (await freePort());
  const url = `http://localhost:${port}`;
  const catalog =
    options.entities === false
      ? []
      : [
          catalogServiceMock.factory({
            entities: [
              ...COMPANY,
              ...(options.entities ?? [agentEntity('triage')]),
            ],
          }),
        ];
  const backend = createBackend();
  for (const feature of [
    authPlugin,
    guestProvider,
    agentProvider,
    agentsPlugin,
    probe,
    ...catalog,
    mockServices.rootLogger.factory({ level: 'none' }),
    mockServices.rootConfig.factory({
      data: {
        app: { baseUrl: url },
        backend: {
          baseUrl: url,
          listen: { host: 'localhost', port },
          database: { client: 'better-sqlite3', connection: ':memory:' },
        },
        auth: {
          environment: 'development',
          backstageTokenExpiration: { minutes: options.tokenMinutes ?? 10 },
          providers: {
            guest: {
              userEntityRef: PERSON,
              dangerouslyAllowOutsideDevelopment: true,
            },
            agent: { workloads: options.workloads ?? [] },
            ...options.providers,
          },
          session: { secret: 'of the tests' },
        },
        ...(options.permission && { permission: options.permission }),
        ...(options.catalog && { catalog: options.catalog }),
      },
    }),
    ...(options.features ?? []),
  ]) {
    backend.add(feature as never);
  }
  await backend.start();
  return {
    url,
    issuer: `${url}/api/auth/agent`,
    stop: () => backend.stop(),
    /** A token as the browser of the person has it. */
    personToken: async (): Promise<string> => {
      const response = await fetch(`${url}/api/auth/guest/refresh`, {
        headers: { 'x-requested-with': 'XMLHttpRequest' },
      });
      const { backstageIdentity } = await response.json();
      return backstageIdentity.token;
    },
    /** As whom a plugin sees the holder of a token. */
    who: async (token: string, plugin = 'probe') => {
      const response = await fetch(`${url}/api/${plugin}/who`, {
        headers: { authorization: `Bearer ${token}` },
      });
      return { status: response.status, body: await response.json() };
    },
  };
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(done => {
    server.listen(0, 'localhost', done);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise(done => {
    server.close(done);
  });
  return port;
}
