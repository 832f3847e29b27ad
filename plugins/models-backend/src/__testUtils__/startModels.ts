// Agents act for real here.
/* eslint-disable @backstage/no-mixed-plugin-imports */
import agentsPlugin from '@agentportal/plugin-agents-backend';
import { identityClientOf } from '@agentportal/plugin-agents-node/testUtils';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  type TestDatabaseId,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import type { JsonArray, JsonObject } from '@backstage/types';
import createKnex, { type Knex } from 'knex';
import { modelsPlugin } from '../plugin';
import { databases } from './databases';
import type { FakeProvider } from './FakeProvider';

export { databases };

const meta = (name: string) => ({ name, namespace: 'default' });

/** The origin of entities whose word counts for prices, facts and who pays. */
export const TRUSTED = {
  'backstage.io/managed-by-origin-location':
    'url:https://github.com/acme/ai-catalog/blob/main/all.yaml',
};

/** A small catalog: one agent of the orders system, and routes. */
export const ENTITIES: Entity[] = [
  {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Agent',
    metadata: { ...meta('order-help'), annotations: TRUSTED },
    spec: {
      type: 'assistant',
      lifecycle: 'production',
      autonomy: 'supervised',
      owner: 'group:default/care',
      model: 'model:default/balanced',
    },
    relations: [
      { type: 'ownedBy', targetRef: 'group:default/care' },
      { type: 'partOf', targetRef: 'system:default/orders' },
    ],
  },
  {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'System',
    metadata: { ...meta('orders'), annotations: TRUSTED },
    spec: { owner: 'group:default/care', domain: 'commerce' },
    relations: [
      { type: 'ownedBy', targetRef: 'group:default/care' },
      { type: 'partOf', targetRef: 'domain:default/commerce' },
    ],
  },
  {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Group',
    metadata: meta('care'),
    spec: { type: 'team', children: [] },
  },
  {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Group',
    metadata: meta('finance'),
    spec: { type: 'team', children: [] },
  },
  {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'System',
    metadata: meta('ledger'),
    spec: { owner: 'group:default/finance' },
    relations: [{ type: 'ownedBy', targetRef: 'group:default/finance' }],
  },
  route('balanced', ['fake/broken', 'fake/good', 'builtin/extractive']),
  route('unlucky', ['fake/broken', 'fake/rate-limited']),
  route('keyless', ['openai/gpt-5.1', 'builtin/extractive']),
  {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Model',
    metadata: { ...meta('fake.good'), annotations: TRUSTED },
    spec: {
      type: 'chat',
      lifecycle: 'production',
      owner: 'group:default/care',
      provider: 'fake',
      modelId: 'good',
      contextWindow: 64000,
      price: {
        inputNanoUsdPerMillionTokens: 1_000_000_000,
        outputNanoUsdPerMillionTokens: 10_000_000_000,
        cacheReadNanoUsdPerMillionTokens: 100_000_000,
      },
    },
  },
];

/** A route of a trusted place; `spec` has what is more than candidates. */
export function route(
  name: string,
  candidates: JsonArray,
  spec?: JsonObject,
): Entity {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Model',
    metadata: { ...meta(name), annotations: TRUSTED },
    spec: {
      type: 'route',
      lifecycle: 'production',
      owner: 'group:default/care',
      candidates,
      ...spec,
    },
  };
}

/**
 * Starts the real plugin on a real database, with a provider `fake` and a
 * provider `claude`, and waits until it knows its models.
 */
export async function startModels(options: {
  fake: FakeProvider;
  databaseId?: TestDatabaseId;
  knex?: Knex;
  models?: JsonObject;
  guard?: JsonObject;
  features?: Parameters<typeof startTestBackend>[0]['features'];
  /** Besides {@link ENTITIES}. */
  entities?: Entity[];
  /** What happens before the catalog is asked about one entity. */
  onLookUp?: (ref: string) => void;
}) {
  const { fake } = options;
  const knex =
    options.knex ?? (await databases.init(options.databaseId ?? 'SQLITE_3'));
  const knexOfAgents = createKnex({
    client: 'better-sqlite3',
    connection: ':memory:',
    useNullAsDefault: true,
  });
  const catalog = catalogServiceMock({
    entities: [...ENTITIES, ...(options.entities ?? [])],
  });
  const lookUp = catalog.getEntityByRef.bind(catalog);
  catalog.getEntityByRef = async (ref, request) => {
    options.onLookUp?.(String(ref));
    return lookUp(ref, request);
  };
  const backend = await startTestBackend({
    features: [
      modelsPlugin,
      agentsPlugin,
      // Of its own: the one that test backends share knows the tasks of those that ended.
      mockServices.scheduler.factory(),
      createServiceFactory({
        service: coreServices.database,
        deps: { plugin: coreServices.pluginMetadata },
        factory: ({ plugin }) =>
          mockServices.database({
            knex: plugin.getId() === 'models' ? knex : knexOfAgents,
          }),
      }),
      createServiceFactory({
        service: catalogServiceRef,
        deps: {},
        factory: () => catalog,
      }),
      mockServices.rootConfig.factory({
        data: {
          agents: {
            trustedLocations: ['url:https://github.com/acme/ai-catalog/**'],
          },
          ...(options.guard && { guard: options.guard }),
          models: {
            detectOllama: false,
            providers: [
              {
                id: 'fake',
                type: 'openai',
                baseUrl: `${fake.url}/v1`,
                apiKey: 'sk-test-secret',
              },
              {
                id: 'claude',
                type: 'anthropic',
                baseUrl: `${fake.url}/anthropic`,
                apiKey: 'sk-ant-secret',
              },
            ],
            ...options.models,
          },
        },
      }),
      ...(options.features ?? []),
    ],
  });
  const { port } = backend.server.address() as { port: number };
  const url = `http://127.0.0.1:${port}/api/models`;
  const get = async (path: string, token = mockCredentials.user.token()) => {
    const response = await fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return { status: response.status, body: await response.json() };
  };
  for (;;) {
    const { body } = await get('/models/balanced');
    if (body.status === 'available') {
      const { body: claude } = await get('/models/claude%2Fclaude-fake');
      if (claude.status === 'available') {
        break;
      }
    }
    await new Promise(resolve => {
      setTimeout(resolve, 50);
    });
  }
  const identities = identityClientOf(backend.server);
  /** A token of an agent in a run, as the orchestration plugin calls with it. */
  const tokenOfRun = async (
    agentRef: string,
    personRef = 'user:default/dana',
  ): Promise<string> => {
    const delegation = await identities.client.createDelegation(
      {
        agentRef,
        personRef,
        startedBy: personRef,
        taskId: 'run-1',
        expiresAt: new Date(Date.now() + 600_000).toISOString(),
      },
      identities.by,
    );
    return mockCredentials.user.token(delegation.ref, {
      actor: { subject: 'plugin:orchestration' },
    });
  };
  return { knex, get, url, tokenOfRun, identities, stop: () => backend.stop() };
}
