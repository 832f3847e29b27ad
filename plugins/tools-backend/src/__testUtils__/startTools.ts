import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import {
  ANNOTATION_ORIGIN_LOCATION,
  type Entity,
} from '@backstage/catalog-model';
import type {
  BackendFeature,
  ServiceFactory,
} from '@backstage/backend-plugin-api';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import type { Express } from 'express';
import type { Knex } from 'knex';
import request from 'supertest';
import toolsPlugin from '../index';

/** Headers of a signed-in person. */
export const asUser = { Authorization: mockCredentials.user.header() };

/** Where the entities of the operator come from. */
export const TRUSTED = 'url:https://git.example.com/operator/all.yaml';
/** A location that somebody registered. */
export const REGISTERED = 'url:https://git.example.com/somebody/all.yaml';

/** An API entity for an MCP server. */
export function api(
  name: string,
  url: string,
  { owner = 'sales', origin = TRUSTED } = {},
): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'API',
    metadata: {
      name,
      namespace: 'default',
      annotations: { [ANNOTATION_ORIGIN_LOCATION]: origin },
    },
    spec: {
      type: 'mcp-server',
      lifecycle: 'production',
      owner,
      remotes: [{ type: 'streamable-http', url }],
    },
  };
}

/** The plugin in a backend of its own, with a catalog of these entities. */
export async function startTools(options: {
  entities: Entity[];
  config?: object;
  features?: Array<ServiceFactory | BackendFeature>;
  /** SQLite in memory unless given. */
  knex?: Knex;
}): Promise<{ server: Express; baseUrl: string; stop(): Promise<void> }> {
  const backend = await startTestBackend({
    features: [
      toolsPlugin,
      catalogServiceMock.factory({ entities: options.entities }),
      mockServices.rootConfig.factory({
        data: {
          app: { baseUrl: 'http://localhost' },
          backend: {
            baseUrl: 'http://localhost:7007',
            database: { client: 'better-sqlite3', connection: ':memory:' },
          },
          catalog: {
            locations: [{ type: 'url', target: TRUSTED.replace(/^url:/, '') }],
          },
          tools: {
            allowedHosts: ['127.0.0.1'],
            timeouts: { connect: '3s', discovery: '6s', call: '6s' },
            ...options.config,
          },
        },
      }),
      ...(options.knex
        ? [
            mockServices.database.mock({
              getClient: async () => options.knex!,
              migrations: { skip: false },
            }).factory,
          ]
        : []),
      ...(options.features ?? []),
    ],
  });
  const { server } = backend;
  const { port } = server.address() as { port: number };
  return {
    server: server as unknown as Express,
    baseUrl: `http://127.0.0.1:${port}/api/tools`,
    stop: () => backend.stop(),
  };
}

/** The plugin with these servers, by name and URL, and what tests do with it. */
export async function driveTools(
  servers: Record<string, string>,
  config?: object,
  options: {
    origin?: string;
    knex?: Knex;
    features?: Array<ServiceFactory | BackendFeature>;
  } = {},
) {
  const { server, stop } = await startTools({
    entities: Object.entries(servers).map(([name, url]) =>
      api(name, url, { origin: options.origin }),
    ),
    config,
    knex: options.knex,
  });
  return {
    stop,
    refresh: async (which: { serverRef?: string } = {}, userRef?: string) => {
      const { body } = await request(server)
        .post('/api/tools/servers/refresh')
        .set('Authorization', mockCredentials.user.header(userRef))
        .send(which)
        .expect(200);
      return Object.fromEntries(
        body.items.map((item: any) => [item.name, item]),
      );
    },
    tools: async () =>
      (
        await request(server)
          .get('/api/tools/tools?stats=true')
          .set(asUser)
          .expect(200)
      ).body.items,
    refuse: (name: string, status: number) =>
      request(server)
        .post(`/api/tools/tools/${name}/call`)
        .set(asUser)
        .send({ arguments: {} })
        .expect(status),
    call: async (name: string, args: object = {}) =>
      (
        await request(server)
          .post(`/api/tools/tools/${name}/call`)
          .set(asUser)
          .send({ arguments: args })
          .expect(200)
      ).body,
  };
}
    features: options.features,
