import type { AddressInfo } from 'node:net';
import {
  createBackendModule,
  createServiceFactory,
  coreServices,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  type TestBackend,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import {
  catalogProcessingExtensionPoint,
  type EntityProvider,
} from '@backstage/plugin-catalog-node';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  agentRefsOf,
  type AgentEntity,
  AgentsClient,
  isAgentEntity,
} from '@agentportal/plugin-agents-common';
import { processingResult } from '@backstage/plugin-catalog-node';
import { parseEntityRef } from '@backstage/catalog-model';
import request from 'supertest';
import { agentsPlugin } from './plugin';

const OWNERS = ['claims', 'orders', 'finance'];

function agent(i: number): Entity {
  const owner = OWNERS[i % OWNERS.length];
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Agent',
    metadata: {
      name: `agent-${i}`,
      title: `Agent ${String(i).padStart(2, '0')}`,
      description:
        i % 5 === 0 ? 'Answers questions about late parcels' : 'Does sums',
      tags: [i % 2 ? 'odd' : 'even'],
      annotations: {
        'backstage.io/managed-by-location': 'test:agents',
        'backstage.io/managed-by-origin-location': 'test:agents',
      },
    },
    spec: {
      type: 'assistant',
      lifecycle: i % 4 ? 'experimental' : 'review',
      owner,
      system: `${owner}-platform`,
      autonomy: i % 3 ? 'supervised' : 'copilot',
      model: 'balanced',
      tools: [`orders.tool_${i % 3}`],
    },
  };
}

function company(): Entity[] {
  const annotations = agent(0).metadata.annotations;
  const named = (kind: string, name: string, spec: object): Entity =>
    ({
      apiVersion: 'backstage.io/v1alpha1',
      kind,
      metadata: { name, title: name.toLocaleUpperCase('en-US'), annotations },
      spec: { owner: 'claims', ...spec },
    } as Entity);
  return [
    named('Domain', 'service', {}),
    named('Domain', 'money', {}),
    named('System', 'claims-platform', { domain: 'service' }),
    named('System', 'orders-platform', { domain: 'service' }),
    named('System', 'finance-platform', { domain: 'money' }),
    ...OWNERS.map(name => named('Group', name, { type: 'team', children: [] })),
  ];
}

/** The catalog module, as small as these tests need it. */
const kinds = createBackendModule({
  pluginId: 'catalog',
  moduleId: 'test-agents',
  register(reg) {
    reg.registerInit({
      deps: { catalog: catalogProcessingExtensionPoint },
      async init({ catalog }) {
        catalog.addProcessor({
          getProcessorName: () => 'test',
          validateEntityKind: async entity => isAgentEntity(entity),
          async postProcessEntity(entity, _location, emit) {
            if (isAgentEntity(entity)) {
              const refs = agentRefsOf(entity as AgentEntity);
              const source = parseEntityRef(`agent:${entity.metadata.name}`, {
                defaultNamespace: 'default',
              });
              const relate = (type: string, ref: string) =>
                emit(
                  processingResult.relation({
                    source,
                    type,
                    target: parseEntityRef(ref),
                  }),
                );
              relate('ownedBy', refs.owner);
              relate('partOf', refs.system!);
              [refs.model!, ...refs.tools].forEach(ref =>
                relate('dependsOn', ref),
              );
            }
            return entity;
          },
        });
        const provider: EntityProvider = {
          getProviderName: () => 'test',
          connect: connection =>
            connection.applyMutation({
              type: 'full',
              entities: [
                ...company(),
                ...Array.from({ length: 30 }, (_, i) => agent(i)),
              ].map(entity => ({ entity })),
            }),
        };
        catalog.addEntityProvider(provider);
      },
    });
  },
});

describe('the agents plugin', () => {
  let backend: TestBackend;
  let client: AgentsClient;
  let decision: AuthorizeResult.ALLOW | AuthorizeResult.DENY;

  beforeAll(async () => {
    decision = AuthorizeResult.ALLOW;
    backend = await startTestBackend({
      features: [
        catalogPlugin,
        kinds,
        agentsPlugin,
        createServiceFactory({
          service: coreServices.userInfo,
          deps: {},
          factory: () =>
            mockServices.userInfo({
              ownershipEntityRefs: [
                'user:default/mock',
                'group:default/orders',
              ],
            }),
        }),
        createServiceFactory({
          service: coreServices.permissions,
          deps: {},
          factory: () => ({
            authorize: async requests =>
              requests.map(() => ({ result: decision })),
            authorizeConditional: async requests =>
              requests.map(() => ({ result: AuthorizeResult.ALLOW })),
          }),
        }),
      ],
    });
    const { port } = backend.server.address() as AddressInfo;
    client = new AgentsClient({
      discoveryApi: {
        getBaseUrl: async id => `http://127.0.0.1:${port}/api/${id}`,
      },
      fetchApi: { fetch },
    });
    const { server } = backend;
    const count = async (filter: string): Promise<number> => {
      const { body } = await request(server).get(
        `/api/catalog/entities/by-query?filter=${filter}&limit=0`,
      );
      return body.totalItems;
    };
    const deadline = Date.now() + 20_000;
    for (;;) {
      // Asks the catalog, not the plugin, which would remember early answers.
      const agents = await count('kind=agent');
      const systems = await count('kind=system,relations.partOf');
      if (agents === 30 && systems === 3) {
        break;
      }
      if (Date.now() > deadline) {
        throw new Error(`Only ${agents} agents came`);
      }
      await new Promise(resolve => setTimeout(resolve, 200));
    }
  });

  afterAll(() => backend?.stop());

  it('lists own agents first, then by title, page by page', async () => {
    const titles: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.listAgents({ limit: 7, cursor });
      expect(page.totalItems).toBe(30);
      titles.push(...page.items.map(a => `${a.mine ? 'mine ' : ''}${a.title}`));
      cursor = page.nextCursor;
    } while (cursor);

    const numbers = Array.from({ length: 30 }, (_, i) => i);
    const title = (i: number) => `Agent ${String(i).padStart(2, '0')}`;
    expect(titles).toEqual([
      ...numbers.filter(i => i % 3 === 1).map(i => `mine ${title(i)}`),
      ...numbers.filter(i => i % 3 !== 1).map(title),
    ]);
  });

  it('shows own agents only', async () => {
    const page = await client.listAgents({ mine: 'only' });
    expect(page.totalItems).toBe(10);
    expect(page.items.every(a => a.ownerRef === 'group:default/orders')).toBe(
      true,
    );
  });

  it('filters by every field', async () => {
    const total = async (query: object) =>
      (await client.listAgents(query)).totalItems;
    expect(await total({ owner: ['group:default/claims'] })).toBe(10);
    expect(await total({ owner: ['group:default/claims', 'orders'] })).toBe(20);
    expect(await total({ domain: ['domain:default/service'] })).toBe(20);
    expect(await total({ domain: ['domain:default/none'] })).toBe(0);
    expect(await total({ system: ['system:default/orders-platform'] })).toBe(
      10,
    );
    expect(await total({ lifecycle: ['review'] })).toBe(8);
    expect(await total({ autonomy: ['copilot'] })).toBe(10);
    expect(await total({ model: ['model:default/balanced'] })).toBe(30);
    expect(await total({ tool: ['tool:default/orders.tool_1'] })).toBe(10);
    expect(await total({ type: ['workflow'] })).toBe(0);
    expect(await total({ lifecycle: ['review'], autonomy: ['copilot'] })).toBe(
      3,
    );
  });

  it('finds agents by words in several fields, and pages through them', async () => {
    const first = await client.listAgents({ q: 'Parcels  even', limit: 2 });
    expect(first.totalItems).toBe(3);
    const second = await client.listAgents({
      q: 'Parcels  even',
      limit: 2,
      cursor: first.nextCursor,
    });
    expect([...first.items, ...second.items].map(a => a.name)).toEqual([
      'agent-10',
      'agent-0',
      'agent-20',
    ]);
    expect(second.nextCursor).toBeUndefined();
  });

  it('counts per value; a facet ignores its own choice', async () => {
    const facets = await client.getFacets({
      owner: ['group:default/orders'],
    });
    expect(facets.owner).toEqual([
      { value: 'group:default/claims', label: 'CLAIMS', count: 10 },
      { value: 'group:default/finance', label: 'FINANCE', count: 10 },
      { value: 'group:default/orders', label: 'ORDERS', count: 10 },
    ]);
    expect(facets.domain).toEqual([
      { value: 'domain:default/service', label: 'SERVICE', count: 10 },
    ]);
    expect(facets.model).toEqual([
      { value: 'model:default/balanced', count: 10 },
    ]);
    expect(facets.tool).toEqual([
      { value: 'tool:default/orders.tool_1', count: 10 },
    ]);
    expect(facets.autonomy).toEqual([{ value: 'supervised', count: 10 }]);
  });

  it('counts the same with words as without', async () => {
    const filter = { autonomy: ['copilot'] };
    const counted = await client.getFacets(filter);
    const found = await client.getFacets({ ...filter, q: 'agent' });
    expect(found).toEqual(counted);
    expect(counted.autonomy).toHaveLength(2);
    expect(counted.domain.map(({ count }) => count)).toEqual([10]);
  });

  it('gets one agent, and explains when there is none', async () => {
    expect(await client.getAgent('default', 'agent-4')).toEqual({
      ref: 'agent:default/agent-4',
      name: 'agent-4',
      namespace: 'default',
      standing: { state: 'active', allowed: true },
      title: 'Agent 04',
      description: 'Does sums',
      type: 'assistant',
      ownerRef: 'group:default/orders',
      systemRef: 'system:default/orders-platform',
      domainRef: 'domain:default/service',
      identity: 'person',
      lifecycle: 'review',
      autonomy: 'supervised',
      modelRef: 'model:default/balanced',
      toolRefs: ['tool:default/orders.tool_1'],
      tags: ['even'],
      mine: true,
    });
    await expect(client.getAgent('default', 'nobody')).rejects.toMatchObject({
      statusCode: 404,
      body: { error: { name: 'NotFoundError' } },
    });
  });

  it.each(['default/%F0%9F%98%80', '%2f/x', '..%2f..%2fentities/x'])(
    'has no agent %s, and says so',
    async path => {
      const { status, body } = await request(backend.server).get(
        `/api/agents/agents/${path}`,
      );
      expect(status).toBe(404);
      expect(body.error).toMatchObject({
        name: 'NotFoundError',
        message: expect.stringContaining('There is no agent:'),
      });
    },
  );

  it('tells editors of policies what can be decided about an agent', async () => {
    const { body } = await request(backend.server).get(
      '/api/agents/.well-known/backstage/permissions/metadata',
    );
    const names = body.permissions.map(({ name }: { name: string }) => name);
    expect(names.sort()).toEqual([
      'agents.access.read',
      'agents.agent.create',
      'agents.agent.read',
      'agents.agent.suspend',
      'agents.agent.update',
      'agents.approval.decide',
      'agents.approval.read',
      'agents.credential.manage',
      'agents.grant.manage',
      'agents.rule.manage',
      'agents.rule.read',
      'evals.evaluation.manage',
      'evals.evaluation.read',
      'orchestration.candidate.run',
      'orchestration.run.create',
      'orchestration.trigger.manage',
    ]);
    expect(body.rules.map(({ name }: { name: string }) => name)).toEqual([
      'IS_AGENT_OWNER',
      'IS_AGENT_SPONSOR',
      'HAS_LIFECYCLE',
      'HAS_AUTONOMY',
      'IS_APPROVAL_PARTY',
    ]);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['mine=never', 'mine'],
    ['cursor=rubbish', 'first page without a cursor'],
    ['colour=red', 'colour'],
    ['owner=a:', 'owner'],
    [`cursor=${Buffer.from('{"offset":-1}').toString('base64url')}`, 'cursor'],
  ])('refuses %s with a reason', async (query, reason) => {
    const { status, body } = await request(backend.server).get(
      `/api/agents/agents?${query}`,
    );
    expect(status).toBe(400);
    expect(body.error.message).toContain(reason);
  });

  it('takes entity refs that are not URL encoded', async () => {
    const { body } = await request(backend.server).get(
      '/api/agents/agents?owner=group:default/claims&q=agent',
    );
    expect(body.totalItems).toBe(10);
  });

  it('refuses a cursor of other filters', async () => {
    const { nextCursor } = await client.listAgents({ limit: 5 });
    await expect(
      client.listAgents({ limit: 5, cursor: nextCursor, type: ['workflow'] }),
    ).rejects.toMatchObject({ statusCode: 400 });
  });

  it('refuses those who may not read agents, and strangers', async () => {
    decision = AuthorizeResult.DENY;
    try {
      await expect(client.listAgents()).rejects.toMatchObject({
        statusCode: 403,
      });
    } finally {
      decision = AuthorizeResult.ALLOW;
    }
    const { status } = await request(backend.server)
      .get('/api/agents/agents')
      .set('Authorization', mockCredentials.none.header());
    expect(status).toBe(401);
  });

  it('judges conditions of policies on the agent', async () => {
    const judge = async (
      rule: string,
      params: object,
      resourceRef = 'agent:default/agent-4',
    ) => {
      const { status, body } = await request(backend.server)
        .post('/api/agents/.well-known/backstage/permissions/apply-conditions')
        .set('Authorization', mockCredentials.service.header())
        .send({
          items: [
            {
              id: '1',
              resourceType: 'agents-agent',
              resourceRef,
              conditions: { rule, resourceType: 'agents-agent', params },
            },
          ],
        });
      expect(status).toBe(200);
      return body.items[0].result;
    };
    expect(await judge('IS_AGENT_OWNER', { claims: ['group:orders'] })).toBe(
      'ALLOW',
    );
    expect(await judge('IS_AGENT_OWNER', { claims: ['group:claims'] })).toBe(
      'DENY',
    );
    expect(await judge('HAS_LIFECYCLE', { lifecycles: ['review'] })).toBe(
      'ALLOW',
    );
    expect(await judge('HAS_AUTONOMY', { levels: ['autopilot'] })).toBe('DENY');
    expect(
      await judge('HAS_LIFECYCLE', { lifecycles: ['review'] }, 'agent:x/😀'),
    ).toBe('DENY');
  });

  it('offers the same as actions', async () => {
    const { status, body } = await request(backend.server)
      .post(
        '/api/agents/.backstage/actions/v1/actions/agents:list-agents/invoke',
      )
      .send({ q: 'agent', limit: 1 });
    expect(`${status} ${JSON.stringify(body)}`).toMatch(/^200 /);
    expect(body.output.totalItems).toBe(30);
    const found = await request(backend.server)
      .post('/api/agents/.backstage/actions/v1/actions/agents:get-agent/invoke')
      .send({ agentRef: 'agent-4' });
    expect(found.body.output.ref).toBe('agent:default/agent-4');
    for (const [action, input] of [
      ['list-agents', { owner: [''] }],
      ['get-agent', { agentRef: '' }],
      ['get-agent', { agentRef: 'component:default/agent-4' }],
      ['get-agent', { agentRef: 'agent:default/a\u0000b' }],
    ] as const) {
      const refused = await request(backend.server)
        .post(
          `/api/agents/.backstage/actions/v1/actions/agents:${action}/invoke`,
        )
        .send(input);
      expect([refused.status, refused.body.error.name]).toEqual([
        400,
        'InputError',
      ]);
    }
  });
});

jest.setTimeout(60_000);
