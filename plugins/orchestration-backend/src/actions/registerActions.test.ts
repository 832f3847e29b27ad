import { identityClientOf } from '@agentportal/plugin-agents-node/testUtils';
import { createServiceFactory } from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { mockCredentials } from '@backstage/backend-test-utils';
import { actionsRegistryServiceMock } from '@backstage/backend-test-utils/alpha';
import { startPortal } from '../__testUtils__/portal';

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
    const rehearsed = await invoke('start-run', {
      agentRef: 'agent:default/desk',
      message: 'Hello?',
      rehearsal: true,
    });
    expect(rehearsed.rehearsal).toBe(true);
    expect(
      (await invoke('list-runs', { rehearsal: true })).items,
    ).toMatchObject([{ id: rehearsed.id, rehearsal: true }]);
    await invoke('cancel-run', { id: rehearsed.id });
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

  it('are not for agents, whatever a policy says', async () => {
    const actions = actionsRegistryServiceMock();
    const portal = await startPortal({
      services: [
        createServiceFactory({
          service: actionsRegistryServiceRef,
          deps: {},
          factory: () => actions,
        }),
      ],
    });
    const run = await portal.run('Go');
    const { client, by } = identityClientOf(portal.server);
    const delegation = await client.createDelegation(
      {
        agentRef: 'agent:default/desk',
        personRef: 'user:default/guest',
        startedBy: 'user:default/guest',
        taskId: 'another',
        expiresAt: new Date(Date.now() + 60_000).toISOString(),
      },
      by,
    );
    const invoke = (action: string, input: object, subject: string) =>
      actions
        .invoke({
          id: `test:${action}`,
          input: input as never,
          // As a tool call arrives here, through the plugin that offers actions as tools.
          credentials: mockCredentials.user(subject, {
            actor: { subject: 'plugin:mcp-actions' },
          }),
        })
        .then(
          () => 'done',
          error => error.message,
        );
    for (const [action, input] of [
      ['start-run', { agentRef: 'agent:default/desk', message: 'Fork' }],
      ['get-run', { id: run.id }],
      ['list-runs', {}],
      ['cancel-run', { id: run.id }],
      ['list-threads', {}],
      ['get-thread', { id: run.threadId }],
      ['get-agent-stats', { agentRefs: ['agent:default/desk'] }],
    ] as const) {
      expect([action, await invoke(action, input, delegation.ref)]).toEqual([
        action,
        expect.stringContaining('Agents may neither start runs nor read'),
      ]);
      expect([
        action,
        await invoke(action, input, 'user:default/guest'),
      ]).toEqual([action, 'done']);
    }
    await portal.stop();
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
    // What a schema says nothing about.
    for (const message of ['a\0b', 'a\ud800b']) {
      await expect(
        invoke('start-run', { agentRef: 'agent:default/desk', message }),
      ).rejects.toThrow('message holds U+0000 or half of a character');
    }
  });
});
