import { AgentsClient } from '@agentportal/plugin-agents-common';
import { passTime } from '@agentportal/plugin-agents-node/testUtils';
import {
  coreServices,
  createBackendPlugin,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  TestDatabases,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import express from 'express';
import request from 'supertest';
import { agent, person, startPortal } from '../__testUtils__/portal';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

const tool = (name: string, riskTier: string) => ({
  ref: `tool:default/crm.${name}`,
  name: `crm.${name}`,
  riskTier,
  ownerRef: 'group:default/care',
  serverRef: 'api:default/crm',
  inputSchema: { type: 'object', properties: {} },
});
const FIND = tool('find', 'read');
const LOOK = tool('look', 'read');
const REFUND = tool('refund', 'external');
const rule = (id: string, mode: string) =>
  `@id("${id}") @reason("Not ${id}.") @mode("${mode}")
forbid(principal, action, resource == Tool::"${FIND.ref}")
when { context.env.freeze.contains("${id}") };`;

/** A server with a rule about its own tools. */
const ruledServer = (name: string): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'API',
  metadata: {
    name,
    namespace: 'default',
    annotations: {
      'agentportal.dev/rules':
        '@id("never") @reason("No.") @mode("log") forbid(principal, action, resource);',
    },
  },
  spec: { type: 'mcp-server' },
});

describe.each(databases.eachSupportedId())('controls on %s', databaseId => {
  let portal: Awaited<ReturnType<typeof startPortal>>;
  /** What the gateway of tools lets in. */
  let isOpen = false;
  let tools = [FIND, LOOK, REFUND];

  const scheduler = mockServices.scheduler();

  /** A gateway over HTTP, which can be made to believe everybody. */
  const gateway = createBackendPlugin({
    pluginId: 'tools',
    register(env) {
      env.registerInit({
        deps: {
          router: coreServices.httpRouter,
          httpAuth: coreServices.httpAuth,
        },
        async init({ httpAuth, router }) {
          router.addAuthPolicy({ path: '/', allow: 'unauthenticated' });
          router.use(
            express.Router().get('/tools', async (req, res) => {
              try {
                if (!isOpen) await httpAuth.credentials(req);
                res.json({ items: tools, totalItems: tools.length });
              } catch {
                res.status(401).json({});
              }
            }),
          );
        },
      });
    },
  });

  const controls = async (name: string) => {
    const items = await new AgentsClient({
      discoveryApi: { getBaseUrl: async () => portal.url },
      fetchApi: { fetch },
    }).getControls('default', name, {
      token: mockCredentials.user.token('user:default/dana'),
    });
    return Object.fromEntries(items.map(item => [item.id, item]));
  };

  beforeAll(async () => {
    portal = await startPortal({
      knex: await databases.init(databaseId),
      entities: [
        agent('desk', { tools: [FIND.ref], autonomy: 'supervised' }),
        agent('robot', {
          tools: [FIND.ref],
          identity: 'own',
          lifecycle: 'review',
          dataClassification: 'restricted',
        }),
        person('dana', 'care'),
        ruledServer('crm'),
        ruledServer('payments'),
      ],
      features: [
        gateway,
        createServiceFactory({
          service: coreServices.scheduler,
          deps: {},
          factory: () => scheduler,
        }),
      ],
    });
    await scheduler.triggerTask('read-rules');
  });
  afterAll(() => portal?.stop());
  beforeEach(() => {
    isOpen = false;
  });

  it('tells what each limit does, with what was asked and answered', async () => {
    const found = await controls('desk');
    expect(found.proof).toMatchObject({
      enforcement: 'enforced',
      probe: expect.stringMatching(/forged token of it: tools answered 401\.$/),
    });
    expect(found.tools).toMatchObject({
      enforcement: 'enforced',
      probe: `A call of ${LOOK.ref}, which its file does not name, was refused.`,
    });
    expect(found.autonomy).toMatchObject({
      enforcement: 'enforced',
      probe: expect.stringContaining(`${REFUND.ref}, which is external`),
    });
    expect(found.data).toMatchObject({
      enforcement: 'enforced',
      // Of a made-up tool there is no page, and people do not know fields of files.
      probe:
        'A call of a tool that gives confidential data, as if its file named one, was refused.',
    });
    expect(found.suspension.enforcement).toBe('enforced');
    expect(found.person.enforcement).toBe('enforced');
    // In production everybody may use it, and nothing limits that.
    expect(found.people).toBeUndefined();
    // Nobody was stopped by asking.
    expect(
      (
        await request(portal.url)
          .get('/agents/default/desk')
          .set('authorization', mockCredentials.user.header())
      ).body.standing.state,
    ).toBe('active');
  });

  it('tells of limits that an agent has and others have not', async () => {
    const found = await controls('robot');
    expect(found.people.enforcement).toBe('enforced');
    expect(found.person).toBeUndefined();
    expect(found.data).toMatchObject({
      enforcement: 'unknown',
      probe: expect.stringContaining('nothing to try it with'),
    });
  });

  it('does not call enforced what a door lets through', async () => {
    isOpen = true;
    const { proof } = await controls('desk');
    expect(proof).toMatchObject({
      enforcement: 'declared-only',
      probe: expect.stringContaining('tools answered 200'),
    });
  });

  it('says so when there is nothing to try a limit with', async () => {
    tools = [FIND];
    passTime(5_100);
    const found = await controls('desk');
    tools = [FIND, LOOK, REFUND];
    expect(found.tools.enforcement).toBe('unknown');
    expect(found.autonomy.enforcement).toBe('unknown');
  });

  it('tells of the rules of servers whose tools it has, and of no others', async () => {
    const found = await controls('desk');
    expect(found['rule:api:default/crm#never'].enforcement).toBe('log-only');
    expect(found['rule:api:default/payments#never']).toBeUndefined();
  });

  it('tells which rules are enforced and which only log', async () => {
    await request(portal.url)
      .put('/rules/portal/limits')
      .set('authorization', mockCredentials.user.header('user:default/dana'))
      .send({
        text: [rule('payments', 'enforce'), rule('returns', 'log')].join('\n'),
        comment: 'For a test',
      })
      .expect(200);
    const found = await controls('desk');
    expect(found['rule:portal/limits#payments']).toMatchObject({
      enforcement: 'enforced',
      sentence: 'Not payments.',
      probe: expect.stringContaining('it refused 0 calls'),
    });
    expect(found['rule:portal/limits#returns']).toMatchObject({
      enforcement: 'log-only',
      probe: expect.stringContaining('it would have refused 0 calls'),
    });
  });
});
