import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import type { ServiceFactory } from '@backstage/backend-plugin-api';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import type { Express } from 'express';
import request from 'supertest';
import toolsPlugin from '../index';

/** Headers of a signed-in person. */
export const asUser = { Authorization: mockCredentials.user.header() };

/** An API entity for an MCP server. */
export function api(name: string, url: string, owner = 'sales'): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'API',
    metadata: { name, namespace: 'default' },
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
  features?: ServiceFactory[];
}): Promise<{ server: Express; baseUrl: string; stop(): Promise<void> }> {
  const { server, stop } = await startTestBackend({
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
          tools: {
            timeouts: { connect: '3s', discovery: '6s', call: '6s' },
            ...options.config,
          },
        },
      }),
      ...(options.features ?? []),
    ],
  });
  const { port } = server.address() as { port: number };
  return {
    server: server as unknown as Express,
    baseUrl: `http://127.0.0.1:${port}/api/tools`,
    stop,
  };
}

/** The plugin with these servers, by name and URL, and what tests do with it. */
export async function driveTools(
  servers: Record<string, string>,
  config?: object,
) {
  const { server } = await startTools({
    entities: Object.entries(servers).map(([name, url]) => api(name, url)),
    config,
  });
  return {
    refresh: async () => {
      const { body } = await request(server)
        .post('/api/tools/servers/refresh')
        .set(asUser)
        .expect(200);
      return Object.fromEntries(
        body.items.map((item: any) => [item.name, item]),
      );
    },
    tools: async () =>
      (await request(server).get('/api/tools/tools').set(asUser).expect(200))
        .body.items,
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
