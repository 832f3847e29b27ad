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
});
