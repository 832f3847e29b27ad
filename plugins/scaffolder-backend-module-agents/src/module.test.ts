import { readFileSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  coreServices,
  createBackendModule,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  createTemplateAction,
  scaffolderActionsExtensionPoint,
} from '@backstage/plugin-scaffolder-node';
import scaffolderPlugin from '@backstage/plugin-scaffolder-backend';
import request from 'supertest';
import { parse } from 'yaml';
import scaffolderModuleAgents from '.';
import { temporaryFolder } from './__testUtils__/actionContext';

jest.setTimeout(60_000);

const [TEMPLATE, SCHEDULED, TEAM] = [
  'conversational-agent',
  'scheduled-agent',
  'multi-agent-team',
].map(name =>
  parse(
    readFileSync(
      resolve(__dirname, `../../../templates/${name}/template.yaml`),
      'utf8',
    ),
  ),
);
const [, howItWorks, limits] = TEMPLATE.spec.parameters;

function defaultsOf(page: { properties: Record<string, any> }) {
  return Object.fromEntries(
    Object.entries(page.properties)
      .filter(([, schema]) => 'default' in schema)
      .map(([name, schema]) => [name, schema.default]),
  );
}

// What a newcomer types; the rest is what the form offers.
const VALUES = {
  title: 'Order desk',
  name: 'order-desk',
  description: 'Answers questions about orders.',
  owner: 'group:default/customer-care',
  ...defaultsOf(howItWorks),
  ...defaultsOf(limits),
};

const GUEST = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'User',
  metadata: { name: 'mock', namespace: 'default' },
  spec: { memberOf: ['customer-care'] },
};

const MEMBERS = ['order-clerk', 'invoice-clerk'].map(name => ({
  apiVersion: 'agentportal.dev/v1alpha1',
  kind: 'Agent',
  metadata: { name, namespace: 'default' },
  spec: { owner: 'group:default/finance' },
}));

const userInfo = createServiceFactory({
  service: coreServices.userInfo,
  deps: {},
  factory: () =>
    mockServices.userInfo({
      userEntityRef: 'user:default/mock',
      ownershipEntityRefs: ['user:default/mock', 'group:default/customer-care'],
    }),
});

// Stands where the GitHub module is in a portal; a dry run never calls it and
// only uses the outputs that it declares.
const publishGithub = createBackendModule({
  pluginId: 'scaffolder',
  moduleId: 'github',
  register(env) {
    env.registerInit({
      deps: { scaffolder: scaffolderActionsExtensionPoint },
      async init({ scaffolder }) {
        scaffolder.addActions(
          createTemplateAction({
            id: 'publish:github',
            schema: {
              output: {
                remoteUrl: z => z.string(),
                repoContentsUrl: z => z.string(),
              },
            },
            async handler() {
              throw new Error('A dry run published something');
            },
          }),
        );
      },
    });
  },
});

// The agent appears as soon as its repository is there, as it does when the
// catalog's provider finds it.
function catalogThatWatches(root: string) {
  const inner = catalogServiceMock({
    entities: [
      GUEST,
      ...MEMBERS,
      { ...TEMPLATE, metadata: { ...TEMPLATE.metadata, namespace: 'default' } },
    ],
  });
  const getEntityByRef = inner.getEntityByRef.bind(inner);
  inner.getEntityByRef = async ref => {
    const file = join(root, 'order-desk', 'catalog-info.yaml');
    return ref === 'agent:default/order-desk' && existsSync(file)
      ? parse(readFileSync(file, 'utf8'))
      : getEntityByRef(ref);
  };
  return inner;
}

describe('the golden path "Conversational agent" in the scaffolder', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let backend: Awaited<ReturnType<typeof startTestBackend>>;
  let root: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
    root = join(folder.path, 'repos');
    const catalog = createServiceFactory({
      service: catalogServiceRef,
      deps: {},
      factory: () => catalogThatWatches(root),
    });
    backend = await startTestBackend({
      features: [
        scaffolderPlugin,
        scaffolderModuleAgents,
        publishGithub,
        catalog,
        userInfo,
        mockServices.rootConfig.factory({
          data: {
            agents: { localRepositories: { path: root } },
            backend: { workingDirectory: folder.path },
            integrations: { github: [{ host: 'github.com', token: 'none' }] },
          },
        }),
      ],
    });
  });

  afterEach(async () => {
    await backend.stop();
    await folder.dispose();
  });

  it('is a dry run that shows every file and makes nothing', async () => {
    const response = await request(backend.server)
      .post('/api/scaffolder/v2/dry-run')
      .send({ template: TEMPLATE, values: VALUES, directoryContents: [] });
    expect(response.body).toMatchObject({ steps: expect.anything() });
    expect(
      response.body.directoryContents
        .map((f: { path: string }) => f.path)
        .sort(),
    ).toEqual([
      '.github/workflows/evals.yaml',
      'README.md',
      'catalog-info.yaml',
      'evals/ask.mjs',
      'evals/starter.yaml',
      'instructions.md',
    ]);
    expect(existsSync(root)).toBe(false);
  });

  it('of a scheduled agent writes one that works by itself', async () => {
    const values = {
      ...VALUES,
      ...Object.assign({}, ...SCHEDULED.spec.parameters.map(defaultsOf)),
      message: 'Which orders are late?',
    };
    delete values.exampleQuestions;
    const { body } = await request(backend.server)
      .post('/api/scaffolder/v2/dry-run')
      .send({ template: SCHEDULED, values, directoryContents: [] });
    const file = body.directoryContents.find(
      ({ path }: { path: string }) => path === 'catalog-info.yaml',
    );
    const { spec } = parse(
      Buffer.from(file.base64Content, 'base64').toString(),
    );
    expect(spec).toMatchObject({
      lifecycle: 'experimental',
      identity: 'own',
      triggers: [
        {
          type: 'schedule',
          cron: '0 7 * * 1-5',
          timeZone: 'Europe/Berlin',
          message: 'Which orders are late?',
        },
      ],
    });
  });

  it.each([
    [
      'pipeline',
      {},
      {
        handoffs: ['agent:default/order-clerk', 'agent:default/invoice-clerk'],
        workflow: {
          pattern: 'pipeline',
          agents: ['agent:default/order-clerk', 'agent:default/invoice-clerk'],
        },
      },
      ['example-1', 'out-of-scope'],
    ],
    [
      'supervisor',
      { instructions: 'You hand questions on.', model: 'balanced' },
      {
        model: 'model:default/balanced',
        instructions: { $text: './instructions.md' },
        workflow: {
          pattern: 'supervisor',
          agents: ['agent:default/order-clerk', 'agent:default/invoice-clerk'],
        },
      },
      ['example-1', 'out-of-scope'],
    ],
    [
      'vote',
      { choices: ['paid', 'In transit'] },
      {
        workflow: {
          pattern: 'vote',
          voters: ['agent:default/order-clerk', 'agent:default/invoice-clerk'],
          choices: [
            { id: 'paid', says: ['paid'] },
            { id: 'in-transit', says: ['In transit'] },
          ],
        },
      },
      ['example-1'],
    ],
  ])(
    'of a team writes a %s of agents and its evaluation',
    async (pattern, more, spec, cases) => {
      const dryRun = (members: string[]) =>
        request(backend.server)
          .post('/api/scaffolder/v2/dry-run')
          .send({
            template: TEAM,
            values: {
              ...Object.assign({}, ...TEAM.spec.parameters.map(defaultsOf)),
              ...{ title: 'Order file', name: 'order-file' },
              description: 'Puts together what is known of an order.',
              owner: 'group:default/customer-care',
              exampleQuestions: ['What is known of order 1001?'],
              ...{ members, pattern, ...more },
            },
            directoryContents: [],
          });
      const { body } = await dryRun(['order-clerk', 'Agent:invoice-clerk']);
      const textOf = (name: string) =>
        Buffer.from(
          body.directoryContents.find(
            ({ path }: { path: string }) => path === name,
          ).base64Content,
          'base64',
        ).toString();
      const file = (name: string) => parse(textOf(name));
      expect(textOf('catalog-info.yaml')).not.toMatch(/[&*]a1/);
      expect(file('catalog-info.yaml').spec).toMatchObject({
        ...{ type: 'workflow', lifecycle: 'experimental', ...spec },
        ...{ dataClassification: 'internal', sponsor: 'user:default/mock' },
      });
      const evals = file('evals/starter.yaml');
      expect(evals.cases.map(({ id }: { id: string }) => id)).toEqual(cases);
      expect(evals.cases[0].expect.agents ?? []).toEqual(
        pattern === 'supervisor'
          ? []
          : ['agent:default/order-clerk', 'agent:default/invoice-clerk'],
      );
      const refused = await dryRun(['order-clerk', 'nobody']);
      expect(JSON.stringify(refused.body)).toMatch(
        /There is no agent agent:default\/nobody that you may see/,
      );
    },
  );

  it('is a dry run for GitHub, too', async () => {
    const response = await request(backend.server)
      .post('/api/scaffolder/v2/dry-run')
      .send({
        template: TEMPLATE,
        values: {
          ...VALUES,
          publishTo: 'github',
          repoUrl: 'github.com?owner=acme&repo=order-desk',
        },
        directoryContents: [],
      });
    expect(response.status).toBe(200);
    const log = JSON.stringify(response.body.log);
    expect(log).toMatch(
      /Would register agent:default\/order-desk from .*\/catalog-info.yaml/,
    );
    expect(log).not.toMatch(/local repository/);
  });

  async function finished(id: string) {
    for (;;) {
      const { body } = await request(backend.server).get(
        `/api/scaffolder/v2/tasks/${id}`,
      );
      if (!['open', 'processing'].includes(body.status)) {
        return body;
      }
      await sleep(100);
    }
  }

  async function logOf(id: string): Promise<string> {
    const { body } = await request(backend.server).get(
      `/api/scaffolder/v2/tasks/${id}/events`,
    );
    return body
      .map((event: { body: { message: string } }) => event.body.message)
      .join('\n');
  }

  async function create(values: object) {
    const { body } = await request(backend.server)
      .post('/api/scaffolder/v2/tasks')
      .send({ templateRef: 'template:default/conversational-agent', values });
    return body.id as string;
  }

  it('leaves a repository and links to the agent, its chat and its files', async () => {
    const id = await create(VALUES);
    const task = await finished(id);
    expect({ status: task.status, log: await logOf(id) }).toMatchObject({
      status: 'completed',
    });
    const agent = parse(
      readFileSync(join(root, 'order-desk', 'catalog-info.yaml'), 'utf8'),
    );
    expect(agent.spec).toMatchObject({
      owner: 'group:default/customer-care',
      sponsor: 'user:default/mock',
      autonomy: 'copilot',
      quotas: { maxCostUsd: 0.5, maxToolCalls: 20, maxDurationSeconds: 120 },
    });
    const { output } = await outputOf(id);
    expect(output.links.map((link: { url: string }) => link.url)).toEqual([
      '/catalog/default/agent/order-desk/chat',
      '/catalog/default/agent/order-desk',
    ]);
    expect(output).toMatchObject({
      agentRef: 'agent:default/order-desk',
      title: VALUES.title,
    });
    expect(output.text[0].content).toContain(join(root, 'order-desk'));

    const again = await create(VALUES);
    expect((await finished(again)).status).toBe('failed');
    expect(await logOf(again)).toMatch(
      /already an agent agent:default\/order-desk/,
    );
  });

  async function outputOf(id: string) {
    const { body } = await request(backend.server).get(
      `/api/scaffolder/v2/tasks/${id}/events`,
    );
    return body.find((event: { type: string }) => event.type === 'completion')
      .body;
  }

  it('refuses bad input before a task is made', async () => {
    const { status, body } = await request(backend.server)
      .post('/api/scaffolder/v2/tasks')
      .send({
        templateRef: 'template:default/conversational-agent',
        values: { ...VALUES, name: '../../x' },
      });
    expect(status).toBe(400);
    expect(body.errors[0]).toMatchObject({ path: ['name'], name: 'pattern' });
  });
});
