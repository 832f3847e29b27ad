import {
  type BackstageCredentials,
  type BackstageUserPrincipal,
  coreServices,
  createBackendModule,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  startTestBackend,
  type TestBackend,
} from '@backstage/backend-test-utils';
import { type Entity, parseEntityRef } from '@backstage/catalog-model';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import {
  catalogProcessingExtensionPoint,
  type EntityProviderConnection,
  processingResult,
} from '@backstage/plugin-catalog-node';
import {
  AuthorizeResult,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import {
  type AgentEntity,
  agentRefsOf,
  type AgentSummary,
  isAgentEntity,
} from '@agentportal/plugin-agents-common';
import request from 'supertest';
import { agentsPlugin } from '../plugin';

const TEAM_OF: Record<string, string> = {
  'user:default/ann': 'group:default/claims',
  'user:default/bob': 'group:default/orders',
};
const ownedByOrders: PolicyDecision = {
  result: AuthorizeResult.CONDITIONAL,
  pluginId: 'catalog',
  resourceType: 'catalog-entity',
  conditions: {
    rule: 'IS_ENTITY_OWNER',
    resourceType: 'catalog-entity',
    params: { claims: ['group:default/orders'] },
  },
};
const PATIENCE_MS = 20_000;

function agent(name: string, owner: string): Entity {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Agent',
    metadata: {
      name,
      title: name,
      annotations: {
        'backstage.io/managed-by-location': 'test:agents',
        'backstage.io/managed-by-origin-location': 'test:agents',
      },
    },
    spec: {
      type: 'assistant',
      lifecycle: 'review',
      owner,
      autonomy: 'copilot',
    },
  };
}

describe('the directory of agents', () => {
  let backend: TestBackend;
  let connection: EntityProviderConnection;
  /** What the policy says about reading the catalog, by person. */
  const decisions = new Map<string, PolicyDecision>();

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
                emit(
                  processingResult.relation({
                    source: parseEntityRef(`agent:${entity.metadata.name}`, {
                      defaultNamespace: 'default',
                    }),
                    type: 'ownedBy',
                    target: parseEntityRef(
                      agentRefsOf(entity as AgentEntity).owner,
                    ),
                  }),
                );
              }
              return entity;
            },
          });
          catalog.addEntityProvider({
            getProviderName: () => 'test',
            connect: async it => {
              connection = it;
            },
          });
        },
      });
    },
  });

  const provide = (...agents: Entity[]) =>
    connection.applyMutation({
      type: 'full',
      entities: agents.map(entity => ({ entity })),
    });

  const ask = async (person: string, path = 'agents') => {
    const { status, body } = await request(backend.server)
      .get(`/api/agents/${path}`)
      .set(
        'Authorization',
        mockCredentials.user.header(`user:default/${person}`),
      );
    expect(`${status} ${JSON.stringify(body)}`).toMatch(/^200 /);
    return body;
  };
  const namesFor = async (person: string): Promise<string[]> =>
    (await ask(person)).items.map(({ name }: AgentSummary) => name);

  const until = async (person: string, names: string[]) => {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = await namesFor(person);
      if (JSON.stringify(found) === JSON.stringify(names)) {
        return;
      }
      if (Date.now() > deadline) {
        expect(found).toEqual(names);
      }
      await new Promise(resolve => setTimeout(resolve, 200));
    }
  };

  beforeAll(async () => {
    const principalOf = ({ principal }: BackstageCredentials) =>
      principal as BackstageUserPrincipal;
    const decide = (credentials: BackstageCredentials) =>
      decisions.get(principalOf(credentials).userEntityRef) ?? {
        result: AuthorizeResult.ALLOW,
      };
    backend = await startTestBackend({
      features: [
        catalogPlugin,
        kinds,
        agentsPlugin,
        createServiceFactory({
          service: coreServices.userInfo,
          deps: {},
          factory: () => ({
            async getUserInfo(credentials) {
              const { userEntityRef } = principalOf(credentials);
              const team = TEAM_OF[userEntityRef];
              return {
                userEntityRef,
                ownershipEntityRefs: [userEntityRef, ...(team ? [team] : [])],
              };
            },
          }),
        }),
        createServiceFactory({
          service: coreServices.permissions,
          deps: {},
          factory: () => ({
            authorize: async requests =>
              requests.map(() => ({ result: AuthorizeResult.ALLOW })),
            authorizeConditional: async (requests, { credentials }) =>
              requests.map(() => decide(credentials!)),
          }),
        }),
      ],
    });
    await provide(agent('a', 'claims'), agent('b', 'orders'));
    await until('carl', ['a', 'b']);
  });

  afterAll(() => backend?.stop());

  it("puts each caller's own agents first", async () => {
    expect(await namesFor('ann')).toEqual(['a', 'b']);
    expect(await namesFor('bob')).toEqual(['b', 'a']);
    const { items } = await ask('bob', 'agents?mine=only');
    expect(items).toMatchObject([{ name: 'b', mine: true }]);
  });

  it('shows those who may see some entities no more than these', async () => {
    decisions.set('user:default/dora', ownedByOrders);
    // Someone who may see all asks first, so the index is full.
    expect(await namesFor('carl')).toEqual(['a', 'b']);
    for (const query of ['', '?q=a', '?owner=claims', '?mine=first&limit=1']) {
      const { items } = await ask('dora', `agents${query}`);
      expect(items.map(({ name }: AgentSummary) => name)).not.toContain('a');
    }
    expect(await ask('dora')).toMatchObject({
      totalItems: 1,
      items: [{ name: 'b' }],
    });
    for (const query of ['', '?q=b', '?lifecycle=review']) {
      const { facets } = await ask('dora', `agents/facets${query}`);
      expect(facets.owner).toEqual([
        { value: 'group:default/orders', count: 1 },
      ]);
    }
  });

  it('shows nothing to those who may see no entity', async () => {
    decisions.set('user:default/emil', { result: AuthorizeResult.DENY });
    expect(await ask('emil')).toEqual({ items: [], totalItems: 0 });
    const { facets } = await ask('emil', 'agents/facets');
    expect(Object.values(facets).flat()).toEqual([]);
  });

  it('tells each caller whether an agent works for them, and who stopped it', async () => {
    const [own] = (await ask('ann', 'agents?mine=only')).items;
    expect(own.standing).toEqual({ state: 'active', allowed: true });
    const forCarl = await ask('carl', 'agents/default/a');
    expect(forCarl.standing).toEqual({
      state: 'active',
      allowed: false,
      reason: expect.stringContaining(
        'under review, so only its owner group:default/claims may use it',
      ),
    });
    const stop = (verb: string) =>
      request(backend.server)
        .post(`/api/agents/agents/default/b/${verb}`)
        .set('Authorization', mockCredentials.user.header('user:default/bob'))
        .send({ reason: 'It refunds twice.' })
        .expect(200);
    await stop('suspend');
    const { items } = await ask('carl');
    const { standing } = items.find(({ name }: AgentSummary) => name === 'b');
    expect(standing).toMatchObject({
      state: 'suspended',
      allowed: false,
      suspended: { by: 'user:default/bob', reason: 'It refunds twice.' },
    });
    await stop('resume');
    expect((await ask('bob', 'agents/default/b')).standing.allowed).toBe(true);
  });

  it('follows agents that come and go', async () => {
    expect(await namesFor('carl')).toEqual(['a', 'b']);
    await provide(agent('b', 'orders'), agent('c', 'claims'));
    await until('carl', ['b', 'c']);
    expect(await namesFor('ann')).toEqual(['c', 'b']);
    const { facets } = await ask('carl', 'agents/facets');
    expect(facets.lifecycle).toEqual([{ value: 'review', count: 2 }]);
  });
});

jest.setTimeout(60_000);
