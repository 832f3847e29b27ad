import type { AgentEntity } from '@agentportal/plugin-agents-common';
import {
  type AgentIdentities,
  agentIdentitiesServiceRef,
} from '@agentportal/plugin-agents-node';
import { identityClientOf } from '@agentportal/plugin-agents-node/testUtils';
import {
  type BackendFeature,
  coreServices,
  createBackendPlugin,
  createServiceFactory,
  type ServiceFactory,
} from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { createPermission } from '@backstage/plugin-permission-common';
import type { JsonObject } from '@backstage/types';
import type { Knex } from 'knex';
import { agentsPlugin } from '../plugin';

/** An agent for tests, with what a test wants to be different. */
export function agent(
  name: string,
  spec: Partial<AgentEntity['spec']> = {},
): AgentEntity {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Agent',
    metadata: { name, namespace: 'default', title: `The ${name}` },
    spec: {
      type: 'assistant',
      lifecycle: 'production',
      owner: 'group:default/care',
      sponsor: 'user:default/ada',
      autonomy: 'supervised',
      tools: ['orders.find_order'],
      ...spec,
    },
  };
}

/** A person for tests. */
export function person(name: string, ...groups: string[]): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'User',
    metadata: { name, namespace: 'default' },
    spec: { memberOf: groups },
    relations: groups.map(group => ({
      type: 'memberOf',
      targetRef: `group:default/${group}`,
    })),
  };
}

/** A backend with this plugin, and another one that asks it who acts. */
export async function startPortal(options: {
  knex: Knex;
  entities: Entity[];
  config?: JsonObject;
  /** What other plugins are configured with. */
  rootConfig?: JsonObject;
  features?: Array<BackendFeature | ServiceFactory>;
}) {
  let entities = options.entities;
  let catalogIsAway = false;
  let identities: AgentIdentities;
  const asks = createBackendPlugin({
    pluginId: 'asks',
    register(env) {
      env.registerInit({
        deps: { service: agentIdentitiesServiceRef },
        async init({ service }) {
          identities = service;
        },
      });
    },
  });
  /** Has permissions that agents can be given. */
  const catalog = createBackendPlugin({
    pluginId: 'catalog',
    register(env) {
      env.registerInit({
        deps: { permissions: coreServices.permissionsRegistry },
        async init({ permissions }) {
          permissions.addPermissions(
            ['entity.refresh', 'location.create', 'location.read'].map(name =>
              createPermission({ name: `catalog.${name}`, attributes: {} }),
            ),
          );
        },
      });
    },
  });
  const backend = await startTestBackend({
    features: [
      agentsPlugin,
      asks,
      catalog,
      createServiceFactory({
        service: catalogServiceRef,
        deps: {},
        // As the catalog is at the moment of each question.
        factory: () =>
          new Proxy(catalogServiceMock(), {
            get: (_target, name) => {
              if (catalogIsAway) {
                throw new Error('connect ECONNREFUSED');
              }
              const now = catalogServiceMock({ entities });
              const method = now[name as keyof typeof now];
              return typeof method === 'function' ? method.bind(now) : method;
            },
          }),
      }),
      mockServices.database.factory({ knex: options.knex }),
      mockServices.rootConfig.factory({
        data: { ...options.rootConfig, agents: options.config ?? {} },
      }),
      ...(options.features ?? []),
    ],
  });
  return {
    server: backend.server,
    knex: options.knex,
    identities: identities!,
    stop: () => backend.stop(),
    as: (subject: string) => identityClientOf(backend.server, subject),
    setEntities: (changed: Entity[]) => {
      entities = changed;
    },
    setCatalogIsAway: (away: boolean) => {
      catalogIsAway = away;
    },
    url: `http://localhost:${backend.server.port()}/api/agents`,
  };
}

/** In an hour. */
export function later(ms = 3_600_000): string {
  return new Date(Date.now() + ms).toISOString();
}
