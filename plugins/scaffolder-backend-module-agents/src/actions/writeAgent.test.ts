import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { mockServices } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import { ScmIntegrations } from '@backstage/integration';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { parse } from 'yaml';
import { LocalRepositories } from '../repositories/localRepositories';
import { actionContext, temporaryFolder } from '../__testUtils__/actionContext';
import { createWriteAgentAction } from './writeAgent';

const INPUT = {
  name: 'order-desk',
  title: 'Order desk',
  description: 'Answers questions about orders.',
  owner: 'group:default/orders',
  instructions: 'You answer questions about orders.',
  model: 'model:default/balanced',
  autonomy: 'copilot' as const,
  tools: ['tool:default/orders.find_order'],
  exampleQuestions: ['Where is order 1001?'],
  monthlyBudgetUsd: 20,
  quotas: { maxCostUsd: 0.5, maxToolCalls: 20 },
};

describe('agentportal:agent:write', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(() => folder.dispose());

  const workspace = () => join(folder.path, 'workspace');

  function action(config: object = {}, result = 'ALLOW') {
    const root = new ConfigReader({
      agents: { localRepositories: { path: join(folder.path, 'repos') } },
      ...config,
    });
    const permissions = mockServices.permissions.mock({
      authorize: async requests =>
        requests.map(({ permission }) => ({
          result: (permission.name === 'catalog.location.create'
            ? result
            : 'ALLOW') as any,
        })),
    });
    return createWriteAgentAction({
      catalog: catalogServiceMock({
        entities: [
          {
            apiVersion: 'agentportal.dev/v1alpha1',
            kind: 'Agent',
            metadata: { name: 'returns-desk' },
            spec: { owner: 'group:default/returns' },
          },
        ],
      }),
      permissions,
      userInfo: mockServices.userInfo({
        ownershipEntityRefs: ['user:default/dana', 'group:default/orders'],
      }),
      integrations: ScmIntegrations.fromConfig(root),
      repositories: LocalRepositories.fromConfig(root),
    });
  }

  it('writes an agent that works by itself, and refuses a schedule that is none', async () => {
    const schedule = {
      cron: '0 7 * * 1-5',
      timeZone: 'Europe/Berlin',
      message: 'Which orders are late?',
    };
    const write = (cron: string) =>
      action().handler(
        actionContext({
          input: { ...INPUT, schedule: { ...schedule, cron } },
          workspacePath: workspace(),
        }).context,
      );
    await write(schedule.cron);
    const { spec } = parse(
      await readFile(join(workspace(), 'catalog-info.yaml'), 'utf8'),
    );
    expect(spec).toMatchObject({
      identity: 'own',
      triggers: [{ name: 'schedule', type: 'schedule', ...schedule }],
    });
    await expect(write('every morning')).rejects.toThrow(
      'spec.triggers[0].cron is every morning, which is no schedule',
    );
  });

  it('writes a repository that the catalog can read', async () => {
    const { context, outputs } = actionContext({
      input: INPUT,
      workspacePath: workspace(),
    });
    await action().handler(context);

    const entity = parse(
      await readFile(join(workspace(), 'catalog-info.yaml'), 'utf8'),
    );
    expect(entity).toMatchObject({
      apiVersion: 'agentportal.dev/v1alpha1',
      kind: 'Agent',
      metadata: { name: 'order-desk', title: 'Order desk' },
      spec: {
        owner: 'group:default/orders',
        sponsor: 'user:default/dana',
        instructions: { $text: './instructions.md' },
        tools: ['tool:default/orders.find_order'],
        quotas: { maxCostUsd: 0.5, maxToolCalls: 20 },
        lifecycle: 'experimental',
      },
    });
    expect(entity.metadata.annotations).toEqual({
      'agentportal.dev/monthly-budget-usd': '20',
    });
    expect(outputs).toMatchObject({
      entityRef: 'agent:default/order-desk',
      catalogPath: '/catalog/default/agent/order-desk',
    });
    expect((await readdir(workspace(), { recursive: true })).sort()).toEqual(
      expect.arrayContaining([
        '.github/workflows/evals.yaml',
        'README.md',
        'catalog-info.yaml',
        'evals/starter.yaml',
        'instructions.md',
      ]),
    );
    const evals = parse(
      await readFile(join(workspace(), 'evals/starter.yaml'), 'utf8'),
    );
    expect(evals.cases[0].question).toBe('Where is order 1001?');
  });

  it.each<[string, object, RegExp, object?]>([
    ['a path as the name', { name: '../../etc/cron' }, /cannot be the name/],
    ['capitals in the name', { name: 'Order Desk' }, /cannot be the name/],
    [
      'the owner of someone else',
      { owner: 'group:default/finance' },
      /Choose one of user:default\/dana, group:default\/orders/,
    ],
    [
      'a name that is taken',
      { name: 'returns-desk' },
      /already an agent agent:default\/returns-desk, owned by group:default\/returns/,
    ],
    [
      'a tool that is no tool',
      { tools: ['component:default/shop'] },
      /cannot be created as it is: .*tools/,
    ],
    [
      'the local folder where replicas share no disk',
      {},
      /keeps no repositories itself.*Choose GitHub or GitLab/,
      { backend: { database: { client: 'pg' } } },
    ],
    [
      'GitHub when it is not connected',
      { publishTo: 'github', repoUrl: 'github.com?owner=acme&repo=order-desk' },
      /no token for GitHub at github.com/,
    ],
  ])(
    'refuses %s and writes nothing',
    async (_, change, message, config = {}) => {
      const { context } = actionContext({
        input: { ...INPUT, ...change } as typeof INPUT,
        workspacePath: workspace(),
      });
      await expect(action(config).handler(context)).rejects.toThrow(message);
      await expect(readdir(workspace())).rejects.toThrow(/ENOENT/);
    },
  );

  it('refuses a remote repository to who could not register it', async () => {
    const { context } = actionContext({
      input: {
        ...INPUT,
        publishTo: 'github' as const,
        repoUrl: 'github.com?owner=acme&repo=order-desk',
      },
      workspacePath: workspace(),
    });
    const config = {
      integrations: { github: [{ host: 'github.com', token: 'secret' }] },
    };
    await expect(action(config, 'DENY').handler(context)).rejects.toThrow(
      /may not register repositories/,
    );
    await expect(action(config).handler(context)).resolves.toBeUndefined();
  });
});
