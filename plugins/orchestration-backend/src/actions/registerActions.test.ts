import { createServiceFactory } from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { mockCredentials } from '@backstage/backend-test-utils';
import { actionsRegistryServiceMock } from '@backstage/backend-test-utils/alpha';
import { agent, startPortal } from '../__testUtils__/portal';
import { ToolGateway } from '../__testUtils__/toolGateway';

const credentials = mockCredentials.user('user:default/guest');

async function start() {
  const actions = actionsRegistryServiceMock();
  await startPortal({
    model: [{ text: 'Hello.' }, { hang: true }],
    services: [
      createServiceFactory({
        service: actionsRegistryServiceRef,
        deps: {},
        factory: () => actions,
      }),
    ],
  });
  return async (name: string, input: Record<string, unknown>) => {
    const { output } = await actions.invoke({
      id: `test:${name}`,
      input: input as never,
      credentials,
    });
    return output as any;
  };
}

describe('actions', () => {
  it('start a run, wait for its answer and find it again', async () => {
    const invoke = await start();
    const run = await invoke('start-run', {
      agentRef: 'agent:default/desk',
      message: 'Hello?',
      waitSeconds: 20,
    });
    expect(run).toMatchObject({
      status: 'succeeded',
      output: { message: 'Hello.' },
      steps: [{ kind: 'model' }],
    });
    expect(await invoke('get-run', { id: run.id })).toEqual(run);
    expect((await invoke('list-runs', {})).items).toMatchObject([
      { id: run.id },
    ]);
    expect((await invoke('list-threads', {})).items).toMatchObject([
      { id: run.threadId, title: 'Hello?' },
    ]);
    expect(
      (await invoke('get-thread', { id: run.threadId })).messages,
    ).toHaveLength(2);
    expect(
      (await invoke('get-agent-stats', { agentRefs: ['agent:default/desk'] }))
        .items,
    ).toMatchObject([{ runs: 1, succeeded: 1 }]);
  });

  it('do not wait longer than they were told, and stop a run', async () => {
    const invoke = await start();
    const input = { agentRef: 'agent:default/desk', message: 'Hello?' };
    await invoke('start-run', { ...input, waitSeconds: 20 });
    const run = await invoke('start-run', { ...input, waitSeconds: 0.5 });
    expect(run.status).toBe('running');
    expect((await invoke('cancel-run', { id: run.id })).status).toBe(
      'cancelled',
    );
  });

  it.each([
    ['start runs by its own token', 'plugin:orchestration', 'start-run'],
    ['start runs through a tool', 'plugin:mcp-actions', 'start-run'],
    ['read runs', 'plugin:mcp-actions', 'get-run'],
    ['list runs', 'plugin:mcp-actions', 'list-runs'],
    ['stop runs', 'plugin:mcp-actions', 'cancel-run'],
    ['list conversations', 'plugin:mcp-actions', 'list-threads'],
    ['read conversations', 'plugin:mcp-actions', 'get-thread'],
  ])('do not let an agent %s', async (_what, subject, action) => {
    const tool = `backstage-actions.orchestration.${action}`;
    const inputs: Record<string, object> = {
      'start-run': { agentRef: 'agent:default/desk', message: 'Fork' },
      'list-runs': {},
      'list-threads': {},
    };
    const actions = actionsRegistryServiceMock();
    const asked: unknown[] = [];
    const invoke = (through?: string) =>
      actions
        .invoke({
          id: `test:${action}`,
          input: inputs[action] ?? { id: 'of-the-past' },
          // What is left of the caller behind the gateways: the person.
          credentials: mockCredentials.user('user:default/guest', {
            ...(through ? { actor: { subject: through } } : {}),
          }),
        })
        .then(
          () => 'done',
          error => error.message,
        );
    const portal = await startPortal({
      entities: [agent('desk', { tools: [`tool:default/${tool}`] })],
      model: ({ body }) =>
        body.messages.at(-1)?.role === 'user' &&
        body.messages.at(-1)?.content === 'Go'
          ? {
              toolCalls: [
                {
                  name: `backstage-actions__orchestration__${action}`,
                  args: {},
                },
              ],
            }
          : { text: 'Done.' },
      tools: new ToolGateway(async () => {
        asked.push(await invoke(subject));
        return { content: [] };
      }, [
        {
          name: tool,
          inputSchema: { type: 'object' },
          _meta: { 'agentportal.dev/ref': `tool:default/${tool}` },
        },
      ]),
      services: [
        createServiceFactory({
          service: actionsRegistryServiceRef,
          deps: {},
          factory: () => actions,
        }),
      ],
    });

    await portal.run('Go');

    expect(asked).toEqual([expect.stringContaining('Agents may not start')]);
    // The person themself may, also through MCP.
    const allowed = inputs[action]
      ? 'done'
      : expect.stringMatching(/no .*of-the-past/);
    expect(await invoke()).toEqual(allowed);
    expect(await invoke('plugin:mcp-actions')).toEqual(allowed);
    expect((await portal.client.listRuns()).items).toHaveLength(
      action === 'start-run' ? 3 : 1,
    );
  });

  it('say what is wrong with what they are given', async () => {
    const invoke = await start();
    for (const input of [
      { agentRef: 'agent:default/\0', message: 'x' },
      { agentRef: 'agent:default/desk', message: 'x', threadId: '../..' },
    ]) {
      await expect(invoke('start-run', input)).rejects.toThrow(/Invalid/);
    }
    await expect(invoke('get-run', { id: '\0' })).rejects.toThrow(/Invalid/);
  });
});
