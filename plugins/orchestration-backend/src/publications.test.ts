import {
  AgentsClient,
  ApprovalsClient,
} from '@agentportal/plugin-agents-common';
import { mockCredentials } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import createKnex from 'knex';
import { agent, startPortal, until, untilEnded } from './__testUtils__/portal';

const LEA = 'user:default/lea';
const FIND = 'tool:default/orders.find_order';

const PEOPLE: Entity[] = [
  {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Group',
    metadata: { name: 'care', namespace: 'default' },
    spec: { type: 'team', children: [] },
    relations: [{ type: 'hasMember', targetRef: LEA }],
  },
  {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'User',
    metadata: { name: 'lea', namespace: 'default' },
    spec: { memberOf: ['care'] },
    relations: [{ type: 'memberOf', targetRef: 'group:default/care' }],
  },
];
const clock = {
  name: 'nightly',
  type: 'schedule' as const,
  cron: '0 3 * * *',
  message: 'Count.',
};
const owned = { owner: 'group:default/care', sponsor: 'user:default/sam' };
const BEFORE = [
  agent('desk', { ...owned, instructions: 'Old.', handoffs: ['helper'] }),
  agent('helper', { ...owned, instructions: 'Old helper.' }),
  agent('clock', { ...owned, identity: 'own', triggers: [clock] }),
];
const AFTER = [
  agent('desk', {
    ...owned,
    instructions: 'New.',
    handoffs: ['helper'],
    tools: [FIND],
  }),
  agent('helper', { ...owned, instructions: 'New helper.' }),
  agent('clock', {
    ...owned,
    identity: 'own',
    triggers: [{ ...clock, message: 'Delete all.' }],
  }),
];

it('runs, hand-offs and triggers work by what was approved of agents', async () => {
  const agentsKnex = createKnex({
    client: 'better-sqlite3',
    connection: ':memory:',
    useNullAsDefault: true,
  });
  const start = async (entities: Entity[]) => {
    const portal = await startPortal({
      agentsKnex,
      entities: [...entities, ...PEOPLE],
      rootConfig: {
        agents: {
          approvals: {
            matrix: [
              { when: { kind: 'publication' }, approvers: 'agent-owner' },
            ],
          },
        },
      },
      model: ({ body: { messages, tools } }) =>
        messages.some(({ role }) => role === 'tool') ||
        !tools?.some(({ function: { name } }) => name === 'handoff_to_helper')
          ? { text: 'Done.' }
          : {
              toolCalls: [{ name: 'handoff_to_helper', args: { task: 'Go.' } }],
            },
    });
    const connection = {
      discoveryApi: {
        getBaseUrl: async (id: string) =>
          `http://localhost:${portal.server.port()}/api/${id}`,
      },
      fetchApi: { fetch },
    };
    return {
      ...portal,
      publication: (name: string) =>
        new AgentsClient(connection).getPublication('default', name, {
          token: mockCredentials.user.token(LEA),
        }),
      inbox: new ApprovalsClient(connection),
    };
  };
  const instructionsIn = ({ requests }: { requests: Array<{ body: any }> }) =>
    requests.map(({ body }) => String(body.messages[0].content));

  const first = await start(BEFORE);
  for (const name of ['desk', 'helper', 'clock']) {
    expect(await first.publication(name)).toMatchObject({ holds: 'all' });
  }
  await first.stop();

  const { as, client, inbox, model, publication, run, stop } = await start(
    AFTER,
  );
  try {
    expect((await run()).status).toBe('succeeded');
    expect(instructionsIn(model)).toEqual([
      expect.stringContaining('Old.'),
      expect.stringContaining('Old helper.'),
      expect.stringContaining('Old.'),
    ]);
    const toolsOf = (at: number) =>
      (model.requests[at].body.tools ?? []).map(
        ({ function: { name } }) => name,
      );
    expect(toolsOf(0)).toEqual(['handoff_to_helper']);

    const lea = as(LEA);
    const {
      items: [{ id }],
    } = await until(
      () => lea.listTriggers({ agentRef: 'agent:default/clock' }),
      ({ items }) => items.length > 0,
    );
    await lea.fireTrigger(id);
    const { items } = await until(
      () => lea.listFirings(id),
      page => page.items[0]?.status !== 'waiting',
    );
    expect(items[0]).toMatchObject({
      status: 'skipped',
      reason: expect.stringContaining('nightly is not approved as it is'),
    });

    const { request } = await publication('desk');
    await inbox.decide(
      request!.id,
      { decision: 'approve', digest: request!.digest },
      { token: mockCredentials.user.token(LEA) },
    );
    model.requests.length = 0;
    const { id: again } = await client.createRun({
      agentRef: 'agent:default/desk',
      input: { message: 'Again.' },
    });
    await untilEnded(client, again);
    expect(instructionsIn(model)[0]).toContain('New.');
    expect(toolsOf(0)).toContain('orders__find_order');
  } finally {
    await stop();
  }
});
