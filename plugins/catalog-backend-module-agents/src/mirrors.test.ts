import { setTimeout as sleep } from 'node:timers/promises';
import { schedulerServiceFactory } from '@backstage/backend-defaults/scheduler';
import {
  coreServices,
  createBackendModule,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import {
  mockServices,
  startTestBackend,
  type TestBackend,
} from '@backstage/backend-test-utils';
import { type Entity, parseEntityRef } from '@backstage/catalog-model';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import {
  catalogProcessingExtensionPoint,
  type EntityProviderConnection,
} from '@backstage/plugin-catalog-node';
import {
  type EventsService,
  eventsServiceFactory,
  eventsServiceRef,
} from '@backstage/plugin-events-node';
import {
  type CatalogChangedPayload,
  TOPIC_CATALOG_CHANGED,
  TOPIC_MODELS_CHANGED,
  TOPIC_TOOLS_CHANGED,
} from '@agentportal/plugin-agents-common';
import { Router } from 'express';
import request from 'supertest';
import { catalogModuleAgents } from './module';

const TRUSTED = 'url:https://git.acme.com/portal/all.yaml';
const SERVER = 'url:https://git.acme.com/orders/mcp.yaml';
const STRANGER = 'url:https://git.acme.com/mallory/evil.yaml';

function toolSummary(toolName: string) {
  return {
    ref: `tool:default/orders.${toolName}`,
    name: `orders.${toolName}`,
    title: toolName,
    description: 'Does it.',
    serverRef: 'api:default/orders',
    toolName,
    ownerRef: 'group:default/orders',
    riskTier: 'critical',
    status: 'stale',
    lastSeenAt: new Date().toISOString(),
    annotations: { destructiveHint: true },
    inputSchema: { type: 'object', properties: { id: { type: 'string' } } },
  };
}

const modelSummary = {
  id: 'openai/gpt',
  ref: 'model:default/openai.gpt',
  title: 'GPT',
  provider: 'openai',
  type: 'chat',
  status: 'unavailable',
  capabilities: ['tools'],
  contextWindow: 1_000,
  price: { inputNanoUsdPerMillionTokens: 7, outputNanoUsdPerMillionTokens: 8 },
  source: 'provider',
};

/** An entity as a location of somebody gives it. */
function written(
  origin: string,
  kind: string,
  name: string,
  spec: Record<string, any>,
): Entity {
  return {
    apiVersion:
      kind === 'API' ? 'backstage.io/v1alpha1' : 'agentportal.dev/v1alpha1',
    kind,
    metadata: {
      name,
      annotations: {
        'backstage.io/managed-by-location': origin,
        'backstage.io/managed-by-origin-location': origin,
      },
    },
    spec: { lifecycle: 'production', ...spec },
  };
}

const writtenTool = (origin: string, toolName: string, spec = {}) =>
  written(origin, 'Tool', `orders.${toolName}`, {
    type: 'mcp',
    owner: 'user:default/mallory',
    riskTier: 'read',
    providedBy: 'orders',
    toolName,
    ...spec,
  });

describe('tools and models in the catalog', () => {
  let backend: TestBackend;
  let events: EventsService;
  let connection: EntityProviderConnection;
  let tools = ['find_order', 'cancel_order'].map(toolSummary);
  const announced: string[] = [];

  /** Stands where the tools and models plugins are in a portal. */
  const source = (pluginId: string, path: string, items: () => object[]) =>
    createBackendPlugin({
      pluginId,
      register(env) {
        env.registerInit({
          deps: { http: coreServices.httpRouter, events: eventsServiceRef },
          async init(deps) {
            events = deps.events;
            const router = Router();
            router.get(path, (_, res) => {
              res.json({ items: items(), totalItems: items().length });
            });
            deps.http.use(router);
          },
        });
      },
    });

  const find = async (path: string) =>
    request(backend.server).get(`/api/catalog/entities/by-name/${path}`);

  const people = createBackendModule({
    pluginId: 'catalog',
    moduleId: 'test',
    register(env) {
      env.registerInit({
        deps: {
          catalog: catalogProcessingExtensionPoint,
          eventsService: eventsServiceRef,
        },
        async init({ catalog, eventsService }) {
          catalog.addEntityProvider({
            getProviderName: () => 'people',
            connect: async it => {
              connection = it;
            },
          });
          await eventsService.subscribe({
            id: 'test',
            topics: [TOPIC_CATALOG_CHANGED],
            onEvent: async ({ eventPayload }) => {
              const { entityRefs } = eventPayload as CatalogChangedPayload;
              announced.push(...entityRefs);
              // Whoever hears of an entity can read it at once.
              for (const ref of entityRefs) {
                const { kind, namespace, name } = parseEntityRef(ref);
                const { body } = await find(`${kind}/${namespace}/${name}`);
                if (!body.kind) {
                  announced.push(`${ref} too early`);
                }
              }
            },
          });
        },
      });
    },
  });

  const write = (entity: Entity) =>
    connection.applyMutation({
      type: 'delta',
      added: [
        {
          entity,
          locationKey:
            entity.metadata.annotations![
              'backstage.io/managed-by-origin-location'
            ],
        },
      ],
      removed: [],
    });

  async function until(path: string, check: (found: Entity) => void) {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const { body } = await find(path);
      try {
        check(body);
        return;
      } catch (error) {
        if (Date.now() > deadline) {
          throw error;
        }
        await sleep(200);
      }
    }
  }

  const errorOf = (found: Entity) =>
    (found as any).status?.items?.[0]?.message as string | undefined;

  beforeAll(async () => {
    backend = await startTestBackend({
      features: [
        catalogPlugin,
        catalogModuleAgents,
        people,
        source('tools', '/tools', () => tools),
        source('models', '/models', () => [modelSummary]),
        schedulerServiceFactory,
        // The mock service keeps plugins apart.
        eventsServiceFactory,
        mockServices.rootConfig.factory({
          data: {
            agents: { trustedLocations: [TRUSTED] },
            catalog: { processingInterval: { seconds: 2 } },
          },
        }),
      ],
    });
    await write(
      written(SERVER, 'API', 'orders', {
        type: 'openapi',
        owner: 'group:default/orders',
        definition: 'x',
      }),
    );
    for (const path of [
      'api/default/orders',
      'tool/default/orders.cancel_order',
      'model/default/openai.gpt',
    ]) {
      await until(path, found => {
        if (!found.kind) {
          throw new Error(`There is no ${path}`);
        }
      });
    }
  });

  afterAll(() => backend?.stop());

  it('hold what lasts, and no schema for the search table', async () => {
    const { body: tool } = await find('tool/default/orders.cancel_order');
    expect(tool.spec).toEqual({
      type: 'mcp',
      lifecycle: 'production',
      owner: 'group:default/orders',
      riskTier: 'critical',
      providedBy: 'api:default/orders',
      toolName: 'cancel_order',
      annotations: { destructiveHint: true },
    });
    expect(Object.keys(tool.metadata.annotations)).toEqual([
      'backstage.io/managed-by-location',
      'backstage.io/managed-by-origin-location',
    ]);
    const { body: model } = await find('model/default/openai.gpt');
    expect(model.spec).toMatchObject({
      modelId: 'gpt',
      contextWindow: 1_000,
      owner: 'group:default/platform',
    });
    expect(JSON.stringify(model)).not.toContain('unavailable');
    await write(
      writtenTool(TRUSTED, 'with_schema', {
        inputSchema: { type: 'object' },
      }),
    );
    await until('tool/default/orders.with_schema', found =>
      expect(found.spec).toMatchObject({ toolName: 'with_schema' }),
    );
    const { body } = await request(backend.server).get(
      '/api/catalog/entity-facets?facet=spec.inputSchema.type',
    );
    expect(body.facets['spec.inputSchema.type']).toEqual([]);
  });

  it('follow their source when it says that something has changed', async () => {
    tools = [...tools, toolSummary('add_note')];
    await events.publish({ topic: TOPIC_TOOLS_CHANGED, eventPayload: {} });
    await until('tool/default/orders.add_note', found =>
      expect(found.kind).toBe('Tool'),
    );
    await events.publish({ topic: TOPIC_MODELS_CHANGED, eventPayload: {} });
  });

  it('stay when the source has lost everything', async () => {
    const before = tools;
    tools = [];
    await events.publish({ topic: TOPIC_TOOLS_CHANGED, eventPayload: {} });
    tools = before;
    const { status } = await find('tool/default/orders.cancel_order');
    expect(status).toBe(200);
  });

  it('are described by nobody who registers just any location', async () => {
    await write(writtenTool(STRANGER, 'cancel_order'));
    await until('tool/default/orders.cancel_order', found =>
      expect(errorOf(found)).toMatch(
        /said by whoever registered its server, api:default\/orders.*agents\.trustedLocations/,
      ),
    );
    const { body } = await find('tool/default/orders.cancel_order');
    expect(body.spec).toMatchObject({
      riskTier: 'critical',
      owner: 'group:default/orders',
    });
    expect(
      body.relations.map((r: { targetRef: string }) => r.targetRef),
    ).not.toContain('user:default/mallory');
  });

  it('are described by who registered the server, and by operators', async () => {
    const own = { owner: 'group:default/returns', riskTier: 'forbidden' };
    await write(writtenTool(SERVER, 'find_order', own));
    await until('tool/default/orders.find_order', found =>
      expect(found.spec).toMatchObject(own),
    );
    await write(writtenTool(TRUSTED, 'add_note'));
    await until('tool/default/orders.add_note', found =>
      expect(found.spec).toMatchObject({ riskTier: 'read' }),
    );
  });

  it('cost what operators say', async () => {
    const free = {
      type: 'chat',
      owner: 'user:default/mallory',
      provider: 'openai',
      modelId: 'gpt',
      contextWindow: 1,
      price: {
        inputNanoUsdPerMillionTokens: 0,
        outputNanoUsdPerMillionTokens: 0,
      },
    };
    await write(written(STRANGER, 'Model', 'openai.gpt', free));
    await until('model/default/openai.gpt', found =>
      expect(errorOf(found)).toMatch(/spec.contextWindow, spec.price of/),
    );
    const { body } = await find('model/default/openai.gpt');
    expect(body.spec.price.inputNanoUsdPerMillionTokens).toBe(7);
    await write(written(TRUSTED, 'Model', 'house', free));
    await until('model/default/house', found =>
      expect(found.spec?.price).toBeTruthy(),
    );
    // Whom a model belongs to and what it is for, everybody may say of theirs.
    const { price, contextWindow, ...plain } = free;
    await write(written(STRANGER, 'Model', 'mine', plain));
    await until('model/default/mine', found =>
      expect(found.spec).toMatchObject(plain),
    );
  });

  it('are announced once when they come or change', async () => {
    const ref = 'api:default/orders';
    const deadline = Date.now() + 10_000;
    while (!announced.includes(ref) && Date.now() < deadline) {
      await sleep(100);
    }
    // Since then it has been processed several times.
    expect(announced.filter(it => it === ref)).toEqual([ref]);
    await write(
      written(SERVER, 'API', 'orders', {
        type: 'openapi',
        owner: 'group:default/returns',
        definition: 'x',
      }),
    );
    const end = Date.now() + 20_000;
    while (announced.lastIndexOf(ref) === announced.indexOf(ref)) {
      if (Date.now() > end) {
        throw new Error('The change was not announced');
      }
      await sleep(100);
    }
    const { body } = await find('api/default/orders');
    expect(body.spec.owner).toBe('group:default/returns');
    expect(announced).toContain('tool:default/orders.add_note');
    expect(announced.filter(it => it.endsWith('too early'))).toEqual([]);
  });
});

jest.setTimeout(90_000);
