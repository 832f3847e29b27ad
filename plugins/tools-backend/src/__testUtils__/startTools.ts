// Agents act for real here.
/* eslint-disable @backstage/no-mixed-plugin-imports */
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import {
  ANNOTATION_ORIGIN_LOCATION,
  type Entity,
} from '@backstage/catalog-model';
import {
  type BackendFeature,
  coreServices,
  createServiceFactory,
  type ServiceFactory,
} from '@backstage/backend-plugin-api';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import type { Express } from 'express';
import createKnex, { type Knex } from 'knex';
import request from 'supertest';
import toolsPlugin from '../index';
import agentsPlugin from '@agentportal/plugin-agents-backend';
import type { NewDelegation } from '@agentportal/plugin-agents-common';
import { RUN_STEP_HEADER } from '@agentportal/plugin-agents-node';
import { identityClientOf } from '@agentportal/plugin-agents-node/testUtils';

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

/** Headers of an agent in a run, as the orchestration plugin calls with them. */
export function createRunOf(server: { port(): number }) {
  const { client, by } = identityClientOf(server);
  return async (
    agentRef: string,
    personRef = 'user:default/mock',
    taskId = 'run-1',
    {
      actor = 'plugin:orchestration',
      ...terms
    }: Partial<NewDelegation> & { actor?: string } = {},
  ) => {
    const delegation = await client.createDelegation(
      {
        agentRef,
        personRef,
        startedBy: personRef,
        taskId,
        expiresAt: new Date(Date.now() + 600_000).toISOString(),
        ...terms,
      },
      by,
    );
    const token = mockCredentials.user.token(delegation.ref, {
      ...(actor && { actor: { subject: actor } }),
    });
    return { Authorization: `Bearer ${token}`, [RUN_STEP_HEADER]: '3' };
  };
}

/** The plugin in a backend of its own, with a catalog of these entities. */
export async function startTools(options: {
  entities: Entity[];
  config?: object;
  /** Under `agents`. */
  agentsConfig?: object;
  features?: Array<ServiceFactory | BackendFeature>;
  /** SQLite in memory unless given. */
  knex?: Knex;
}) {
  const knexOfAgents = createKnex({
    client: 'better-sqlite3',
    connection: ':memory:',
    useNullAsDefault: true,
  });
  const backend = await startTestBackend({
    features: [
      toolsPlugin,
      agentsPlugin,
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
          agents: options.agentsConfig,
          tools: {
            allowedHosts: ['127.0.0.1'],
            timeouts: { connect: '3s', discovery: '6s', call: '6s' },
            ...options.config,
          },
        },
      }),
      ...(options.knex
        ? [
            createServiceFactory({
              service: coreServices.database,
              deps: { plugin: coreServices.pluginMetadata },
              factory: ({ plugin }) => ({
                getClient: async () =>
                  plugin.getId() === 'tools' ? options.knex! : knexOfAgents,
                migrations: { skip: false },
              }),
            }),
          ]
        : []),
      ...(options.features ?? []),
    ],
  });
  const { server } = backend;
  const { port } = server.address() as { port: number };
  return {
    server: server as unknown as Express,
    runOf: createRunOf(server),
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
    features: options.features,
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
