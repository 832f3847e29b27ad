// What agents are shown and what they may call, over HTTP and MCP.
import { auditLogServiceRef } from '@agentportal/plugin-agents-node';
import type { NewDelegation } from '@agentportal/plugin-agents-common';
import type { AuditRecord } from '@agentportal/plugin-governance-common';
import {
  coreServices,
  createBackendPlugin,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { mockCredentials } from '@backstage/backend-test-utils';
import {
  ANNOTATION_ORIGIN_LOCATION,
  type Entity,
} from '@backstage/catalog-model';
import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import request from 'supertest';
import { plain, v2Server } from './__testUtils__/mcpServers';
import {
  api,
  REGISTERED,
  startTools,
  TRUSTED,
} from './__testUtils__/startTools';

jest.setTimeout(60_000);

/** Of the person who is asked about, as the auth plugin tells for a delegation. */
let groups: string[] = [];
const authPlugin = createBackendPlugin({
  pluginId: 'auth',
  register(env) {
    env.registerInit({
      deps: { httpRouter: coreServices.httpRouter },
      async init({ httpRouter }) {
        httpRouter.use((req, res, next) =>
          /^.agent.delegations.[^/]+.ownership$/.test(req.path)
            ? res.json({
                userEntityRef: 'user:default/mock',
                ownershipEntityRefs: ['user:default/mock', ...groups],
              })
            : next(),
        );
      },
    });
  },
});

const TIERS = {
  look: 'read',
  note: 'write',
  send: 'external',
  wipe: 'critical',
  never: 'forbidden',
  file: 'read',
  secrets: 'read',
};
const NAMES = Object.keys(TIERS).map(name => `crm.${name}`);

function agent(name: string, spec: object): Entity {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Agent',
    metadata: { name, namespace: 'default', title: name },
    spec: {
      type: 'assistant',
      lifecycle: 'production',
      owner: 'group:default/care',
      autonomy: 'autopilot',
      tools: NAMES,
      ...spec,
    },
  };
}

/** What a Tool entity says of a tool's data, and where it was read from. */
function statement(name: string, dataClassification: string, origin: string) {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Tool',
    metadata: {
      name: `crm.${name}`,
      namespace: 'default',
      annotations: { [ANNOTATION_ORIGIN_LOCATION]: origin },
    },
    spec: {
      type: 'mcp',
      lifecycle: 'production',
      owner: 'group:default/records',
      riskTier: 'read',
      dataClassification,
      providedBy: 'api:default/crm',
      toolName: name,
    },
  };
}

describe('what agents may call', () => {
  let portal: Awaited<ReturnType<typeof startTools>>;
  const told: AuditRecord[] = [];

  const start = async (agentsConfig?: object) => {
    const crm = await v2Server({
      tools: Object.keys(TIERS).map(name => plain(name)),
      call: () => ({ content: [{ type: 'text', text: 'Done' }] }),
    });
    portal = await startTools({
      agentsConfig,
      entities: [
        api('crm', crm.url),
        agent('copilot', { autonomy: 'copilot' }),
        agent('auto', { dataClassification: 'confidential' }),
        agent('narrow', { tools: ['crm.look', 'crm.send'] }),
        agent('open', { dataClassification: 'public' }),
        agent('cleared', { dataClassification: 'restricted' }),
        statement('file', 'confidential', TRUSTED),
        statement('secrets', 'restricted', TRUSTED),
        // Whoever writes an entity for somebody else's tool takes it from nobody.
        statement('look', 'restricted', REGISTERED),
      ],
      config: { servers: { crm: { url: crm.url, riskTiers: TIERS } } },
      features: [
        authPlugin,
        createServiceFactory({
          service: auditLogServiceRef,
          deps: {},
          factory: () => ({
            record: async record => void told.push(record),
            note: async record => void told.push(record),
          }),
        }),
      ],
    });
    await request(portal.server)
      .post('/api/tools/servers/refresh')
      .set('authorization', mockCredentials.user.header())
      .send({})
      .expect(200);
  };
  beforeAll(() => start());
  afterAll(() => portal.stop());
  beforeEach(() => told.splice(0));

  const runOf = (name: string, terms?: Partial<NewDelegation>) =>
    portal.runOf(`agent:default/${name}`, undefined, undefined, terms);

  /** Tools that the MCP list has, that the API calls allowed, and that can be called. */
  async function answers(headers: Record<string, string>) {
    const client = new Client(
      { name: 'test', version: '1' },
      { versionNegotiation: { mode: 'auto' } },
    );
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${portal.baseUrl}/mcp`), {
        requestInit: { headers },
      }),
    );
    const { tools } = await client.listTools();
    await client.close();
    const { body } = await request(portal.server)
      .get('/api/tools/tools')
      .set(headers)
      .expect(200);
    const called: string[] = [];
    for (const name of NAMES) {
      const { status, body: answer } = await request(portal.server)
        .post(`/api/tools/tools/${name}/call`)
        .set(headers)
        .send({ arguments: {} });
      if (status === 200) {
        called.push(name);
      } else {
        expect([status, answer.error.name]).toEqual([403, 'NotAllowedError']);
      }
    }
    return {
      mcp: tools.map(({ name }) => name).sort(),
      api: body.items
        .filter((item: any) => item.allowed)
        .map((item: any) => item.name)
        .sort(),
      called: called.sort(),
    };
  }

  it.each<[string, Partial<NewDelegation>, string[], string[]]>([
    ['copilot', {}, ['look'], ['note', 'send', 'wipe']],
    ['auto', {}, ['file', 'look', 'note', 'send'], ['wipe']],
    [
      'auto',
      { autonomy: 'supervised' },
      ['file', 'look', 'note'],
      ['send', 'wipe'],
    ],
    ['auto', { dataClass: 'internal' }, ['look', 'note', 'send'], ['wipe']],
    ['auto', { tools: ['tool:default/crm.note'] }, ['note'], []],
    ['narrow', {}, ['look', 'send'], []],
    ['open', {}, [], []],
    ['cleared', {}, ['file', 'look', 'note', 'secrets', 'send'], ['wipe']],
  ])(
    'is what they are shown, besides what people may approve: %s with %j',
    async (name, terms, expected, approvable) => {
      const names = expected.map(each => `crm.${each}`);
      expect(await answers(await runOf(name, terms))).toEqual({
        mcp: [...names, ...approvable.map(each => `crm.${each}`)].sort(),
        api: names,
        called: names,
      });
    },
  );

  it('that goes through is in the audit log with why, and by which limits', async () => {
    await request(portal.server)
      .post('/api/tools/tools/crm.look/call')
      .set(await runOf('copilot'))
      .send({ arguments: {} })
      .expect(200);
    expect(told).toMatchObject([
      {
        outcome: 'succeeded',
        reason:
          'copilot declares tool:default/crm.look, and copilot covers read tools.',
        ruleIds: [
          'built-in#declared',
          'built-in#autonomy',
          'built-in#data',
          'built-in#permission',
        ],
      },
    ]);
    told.splice(0);
    await request(portal.server)
      .post('/api/tools/tools/crm.look/call')
      .set('authorization', mockCredentials.user.header())
      .send({ arguments: {} })
      .expect(200);
    expect(told).toMatchObject([
      {
        outcome: 'succeeded',
        reason:
          'user:default/mock has the permission (tools.tool.call) to call crm.look.',
        ruleIds: ['built-in#permission'],
      },
    ]);
  });

  it('is refused with what refused it and whom to ask, and so in the audit log', async () => {
    const call = async (
      headers: Record<string, string>,
      name: string,
    ): Promise<string> => {
      const { body } = await request(portal.server)
        .post(`/api/tools/tools/crm.${name}/call`)
        .set(headers)
        .send({ arguments: {} })
        .expect(403);
      return body.error.message;
    };
    expect(await call(await runOf('narrow'), 'file')).toBe(
      'narrow does not declare tool:default/crm.file. Its owner group:default/care can add it to spec.tools.',
    );
    expect(await call(await runOf('copilot'), 'file')).toBe(
      'tool:default/crm.file gives confidential data, and copilot may see data up to internal. Its owner group:default/care decides about spec.dataClassification; about the tool ask its owner group:default/records.',
    );
    expect(
      await call(await runOf('auto', { dataClass: 'internal' }), 'file'),
    ).toMatch(/this task was given data up to internal only/);
    expect(await call(await runOf('copilot'), 'send')).toMatch(
      /is on copilot, which covers only read tools .* Its owner group:default\/care decides/,
    );
    expect(
      told.map(({ outcome, actor, personRef, ruleIds }) => [
        outcome,
        actor.ref,
        personRef,
        ruleIds,
      ]),
    ).toEqual([
      [
        'denied',
        'agent:default/narrow',
        'user:default/mock',
        ['built-in#declared'],
      ],
      [
        'denied',
        'agent:default/copilot',
        'user:default/mock',
        ['built-in#data'],
      ],
      ['denied', 'agent:default/auto', 'user:default/mock', ['built-in#data']],
      [
        'denied',
        'agent:default/copilot',
        'user:default/mock',
        ['built-in#autonomy'],
      ],
    ]);
  });

  describe('for people who may not see everything', () => {
    beforeAll(async () => {
      await portal.stop();
      await start({
        clearance: {
          default: 'internal',
          confidential: ['group:default/records'],
          restricted: ['Group:default/Board', 'user:default/dana'],
        },
      });
    });

    it.each<[string[], string[]]>([
      [[], ['look', 'note', 'send']],
      [['group:default/care'], ['look', 'note', 'send']],
      [
        ['group:default/records', 'group:default/care'],
        ['file', 'look', 'note', 'send'],
      ],
      [
        ['group:default/records', 'group:default/board'],
        ['file', 'look', 'note', 'secrets', 'send'],
      ],
    ])(
      'is bounded by the highest of their groups: %j',
      async (those, expected) => {
        groups = those;
        const names = expected.map(each => `crm.${each}`);
        expect(await answers(await runOf('cleared'))).toEqual({
          mcp: [...names, 'crm.wipe'].sort(),
          api: names,
          called: names,
        });
        // What the agent may not see, no person opens to it.
        const { called } = await answers(await runOf('copilot'));
        expect(called).toEqual(['crm.look']);
      },
    );

    it('is the same for those who call for themselves, with words', async () => {
      const of = (name: string) => ({
        authorization: mockCredentials.user.header(`user:default/${name}`),
      });
      const all = ['file', 'look', 'note', 'secrets', 'send', 'wipe'];
      expect((await answers(of('dana'))).called).toEqual(
        all.map(name => `crm.${name}`),
      );
      const names = ['look', 'note', 'send', 'wipe'].map(name => `crm.${name}`);
      expect(await answers(of('elin'))).toEqual({
        mcp: names,
        api: names,
        called: names,
      });
      groups = ['group:default/care'];
      for (const headers of [of('mock'), await runOf('cleared')]) {
        const { body } = await request(portal.server)
          .post('/api/tools/tools/crm.file/call')
          .set(headers)
          .send({ arguments: {} })
          .expect(403);
        expect(body.error.message).toBe(
          'tool:default/crm.file gives confidential data, and user:default/mock may see data up to internal. The people who run the portal decide about that, for groups and persons (agents.clearance); about the tool ask its owner group:default/records.',
        );
      }
    });
  });
});
