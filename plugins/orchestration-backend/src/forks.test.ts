import { mockServices } from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { agent, startPortal, until, untilEnded } from './__testUtils__/portal';

const desk = agent('desk', { tools: ['tool:default/orders.find_order'] });
const find = (number: string) => ({
  toolCalls: [{ name: 'orders__find_order', args: { number } }],
});

describe('a run that is repeated', () => {
  type Portal = Awaited<ReturnType<typeof startPortal>>;

  /** What the model was told last, in the words of providers. */
  const lastSent = ({ model }: Portal) =>
    model.requests
      .at(-1)!
      .body.messages.map(({ role, content }) => `${role}: ${content}`);

  /** In which conversation the model was asked last. */
  const sessionOf = ({ model }: Portal) =>
    model.requests.at(-1)!.caller.sessionId;

  /** A run that looks two orders up and answers: five steps. */
  async function fiveSteps() {
    const portal = await startPortal({
      entities: [desk],
      model: (_request, i) =>
        [find('1'), find('2'), { text: 'Both are on their way.' }][i] ?? {
          text: 'Said again.',
        },
    });
    const run = await portal.run('Where are 1 and 2?');
    expect(run.steps).toHaveLength(5);
    return { portal, run };
  }

  it('begins at a step, with another model and with what was said otherwise', async () => {
    const { portal, run } = await fiveSteps();
    const told = run.messages!.find(({ role }) => role === 'tool')!;
    const { id, threadId } = await portal.client.forkRun(run.id, {
      fromStep: 2,
      model: 'model:default/strong',
      messages: [{ id: told.id, content: 'Order 1 is lost.' }],
    });
    expect(await untilEnded(portal.client, id)).toMatchObject({
      status: 'succeeded',
      agentRef: run.agentRef,
      input: run.input,
      output: { message: 'Said again.' },
      forkedFrom: { runId: run.id, step: 2 },
      usage: { modelCalls: 1, toolCalls: 0 },
      steps: [{ kind: 'model', index: 0, name: 'model:default/strong' }],
    });
    expect(threadId).not.toBe(run.threadId);
    // What tools returned in that conversation is before it, as the guard and rules have to know.
    expect(sessionOf(portal)).toBe(run.threadId);
    const { items } = await portal.client.listRuns({ forkedFrom: run.id });
    expect(items).toMatchObject([{ id }]);
    expect(portal.model.requests.at(-1)!.body.model).toBe(
      'model:default/strong',
    );
    expect(lastSent(portal)).toEqual([
      'system: You are the desk.',
      'user: Where are 1 and 2?',
      expect.stringMatching(/^assistant: /),
      'tool: Order 1 is lost.',
    ]);
    // The one that it repeats stays as it was.
    expect(await portal.client.getRun(run.id)).toEqual(run);
  });

  it('begins with the calls of a step, without asking the model for them again', async () => {
    const { portal, run } = await fiveSteps();
    const { id } = await portal.client.retryRun(run.id, { fromStep: 3 });
    const again = await untilEnded(portal.client, id);
    expect(again).toMatchObject({
      status: 'succeeded',
      forkedFrom: { runId: run.id, step: 3 },
      steps: [
        { kind: 'tool', name: 'orders.find_order', input: { number: '2' } },
        { kind: 'model' },
      ],
    });
    expect(portal.tools.calls.map(({ args }) => args.number)).toEqual([
      '1',
      '2',
      '2',
    ]);
    // It can be repeated itself.
    const third = await portal.client.retryRun(again.id, { fromStep: 1 });
    expect(await untilEnded(portal.client, third.id)).toMatchObject({
      status: 'succeeded',
      steps: [{ kind: 'model' }],
    });
    expect(lastSent(portal)).toHaveLength(6);
    expect(sessionOf(portal)).toBe(run.threadId);
  });

  it('uses the chosen model for all agents of the run, also when that is repeated', async () => {
    const portal = await startPortal({
      entities: [
        agent('desk', { handoffs: ['agent:default/clerk'] }),
        agent('clerk', { model: 'model:default/own' }),
      ],
      model: ({ caller, body }) =>
        caller.agentRef === 'agent:default/clerk' ||
        body.messages.at(-1)!.role === 'tool'
          ? { text: 'Done.' }
          : {
              toolCalls: [
                { name: 'handoff_to_clerk', args: { task: 'Do it.' } },
              ],
            },
    });
    const models = () =>
      portal.model.requests.splice(0).map(({ body }) => body.model);
    const run = await portal.run('Please.');
    expect(models()[1]).toBe('model:default/own');
    const { id } = await portal.client.forkRun(run.id, {
      model: 'model:default/strong',
    });
    const forked = await untilEnded(portal.client, id);
    expect(forked).toMatchObject({
      status: 'succeeded',
      forkedFrom: { runId: run.id, model: 'model:default/strong' },
    });
    const strong = Array(3).fill('model:default/strong');
    expect(models()).toEqual(strong);
    const again = await portal.client.retryRun(id);
    expect(await untilEnded(portal.client, again.id)).toMatchObject({
      forkedFrom: { model: 'model:default/strong' },
    });
    expect(models()).toEqual(strong);
  });

  it('begins at the start, also when the first time nothing was done', async () => {
    const portal = await startPortal({
      model: (_request, i) =>
        i === 0
          ? { refuse: { status: 429, name: 'Busy', message: 'Busy.' } }
          : { text: 'Now I can.' },
    });
    const failed = await portal.run('Try this.');
    expect(failed.status).toBe('failed');
    const { items } = await portal.client.rerunRuns({
      ids: [failed.id, 'a-run-that-is-not-there'],
    });
    expect(items).toMatchObject([
      { id: failed.id, run: { status: 'queued' } },
      { error: { name: 'NotFoundError' } },
    ]);
    expect(await untilEnded(portal.client, items[0].run!.id)).toMatchObject({
      status: 'succeeded',
      forkedFrom: { runId: failed.id },
      input: { message: 'Try this.' },
    });
  });

  it('of somebody else begins with what the guard found in it, also later in its conversation', async () => {
    const { portal, run } = await fiveSteps();
    const colleague = portal.as('user:default/colleague');
    const { id, threadId } = await colleague.forkRun(run.id, { fromStep: 2 });
    await untilEnded(colleague, id);
    expect(portal.tools.inherited).toEqual([
      { from: run.threadId, to: threadId },
    ]);
    // Their tokens mean nothing here.
    expect(sessionOf(portal)).toBe(threadId);

    const own = await portal.client.forkRun(run.id, { fromStep: 2 });
    await untilEnded(portal.client, own.id);
    const next = await portal.client.createRun({
      agentRef: run.agentRef,
      input: { message: 'And now?' },
      threadId: own.threadId,
    });
    await untilEnded(portal.client, next.id);
    expect(sessionOf(portal)).toBe(run.threadId);
    expect(portal.tools.inherited).toHaveLength(1);
  });

  it('is refused in words when it cannot be', async () => {
    const { portal, run } = await fiveSteps();
    const refused = async (id: string, body: object) => {
      const response = await portal.fetch(`/runs/${id}/fork`, {
        method: 'POST',
        body: JSON.stringify(body),
      });
      const { error } = await response.json();
      return `${response.status} ${error.message}`;
    };
    expect(await refused(run.id, { fromStep: 7 })).toMatch(
      /^404 There is no step 7/,
    );
    expect(
      await refused(run.id, { messages: [{ id: 6, content: 'No.' }] }),
    ).toMatch(/^400 Message 6 does not stand before this step/);
    expect(await refused(run.id, { fromStep: -1 })).toMatch(/^400 /);
    expect(await refused('nothing', {})).toMatch(/^404 There is no run/);
  });

  it('is refused while it is under way', async () => {
    const portal = await startPortal({ model: [{ hang: true }] });
    const { id } = await portal.client.createRun({
      agentRef: 'agent:default/desk',
      input: { message: 'Take your time' },
    });
    await until(
      () => portal.model.requests.length,
      count => count === 1,
    );
    await expect(portal.client.retryRun(id)).rejects.toMatchObject({
      statusCode: 409,
      body: { error: { message: expect.stringContaining('is running. Wait') } },
    });
  });

  it('needs the permission to start runs of the agent', async () => {
    let result: AuthorizeResult.ALLOW | AuthorizeResult.DENY =
      AuthorizeResult.ALLOW;
    const { factory } = mockServices.permissions.mock({
      authorize: async requests => requests.map(() => ({ result })),
      authorizeConditional: async requests =>
        requests.map(() => ({ result: AuthorizeResult.ALLOW })),
    });
    const portal = await startPortal({ services: [factory] });
    const run = await portal.run();
    result = AuthorizeResult.DENY;
    await expect(portal.client.retryRun(run.id)).rejects.toMatchObject({
      statusCode: 403,
      body: {
        error: { message: expect.stringContaining('not start runs of') },
      },
    });
    expect((await portal.client.listRuns()).items).toHaveLength(1);
  });
});
