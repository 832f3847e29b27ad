import type { CallToolResult } from '@modelcontextprotocol/server';
import { AgentIdentityClient } from '@agentportal/plugin-agents-common';
import {
  agent,
  eventsOf,
  startPortal,
  until,
  untilEnded,
} from './__testUtils__/portal';
import { ToolGateway } from './__testUtils__/toolGateway';

const desk = agent('desk', { tools: ['tool:default/orders.find_order'] });
const askTool = {
  toolCalls: [{ name: 'orders__find_order', args: { number: '7' } }],
};

describe('a run of which a part fails', () => {
  it.each([402, 403, 429, 503])(
    'ends with the sentence of the model gateway at %s',
    async status => {
      const message = `The gateway says why: ${status}.`;
      const portal = await startPortal({
        model: [{ refuse: { status, name: 'Refused', message } }],
      });

      const run = await portal.run();

      expect(run).toMatchObject({
        status: 'failed',
        error: { name: 'ModelCallFailed', message },
        steps: [{ status: 'failed', error: { message } }],
      });
      expect(portal.model.requests).toHaveLength(1);
      const events = await eventsOf(portal.client, run.id);
      expect(events.at(-1)?.event).toMatchObject({
        type: 'RUN_ERROR',
        code: 'ModelCallFailed',
        message,
      });
    },
  );

  it('waits while a gateway lets nobody in because another plugin is away', async () => {
    const away = {
      status: 503,
      name: 'ServiceUnavailableError',
      message: 'The agents plugin does not answer.',
    };
    const tools = new ToolGateway();
    tools.refusal = away;
    const portal = await startPortal({
      entities: [desk],
      tools,
      model: (_request, i) =>
        [{ refuse: away }, askTool, { refuse: away }, { text: 'Here.' }][i],
    });
    const { id } = await portal.client.createRun({
      agentRef: 'agent:default/desk',
      input: { message: 'Where is it?' },
    });
    await until(
      () => tools.requests.length,
      count => count > 1,
    );
    tools.refusal = undefined;
    expect(await untilEnded(portal.client, id)).toMatchObject({
      status: 'succeeded',
      output: { message: 'Here.' },
      usage: { modelCalls: 2, toolCalls: 1 },
      steps: [
        { kind: 'model', status: 'succeeded' },
        { kind: 'tool', status: 'succeeded' },
        { kind: 'model', status: 'succeeded' },
      ],
    });
  });

  it('goes on when nobody can tell for a while whether it may', async () => {
    const portal = await startPortal({
      model: [
        { text: 'It takes me thirteen words to say so, and a while.' },
      ].map(reply => ({ ...reply, pauseMs: 1_200 })),
    });
    const { id } = await portal.client.createRun({
      agentRef: 'agent:default/desk',
      input: { message: 'Where is it?' },
    });
    await until(
      () => portal.model.requests.length,
      count => count === 1,
    );
    const away = jest
      .spyOn(AgentIdentityClient.prototype, 'queryDelegations')
      .mockRejectedValue(new Error('It does not answer.'));
    const ended = untilEnded(portal.client, id, 18_000);
    await new Promise(resolve => setTimeout(resolve, 12_000));
    away.mockRestore();
    expect((await ended).status).toBe('succeeded');
  });

  it('says which budget has no room, in fields', async () => {
    const budget = {
      id: 'b1',
      scope: { type: 'agent', ref: 'agent:default/desk' },
      window: 'month',
      limitNanoUsd: 800_000,
      leftNanoUsd: 429_550,
      neededNanoUsd: 1_044_450,
      renewsAt: '2026-12-01T00:00:00.000Z',
      contactRef: 'group:default/care',
    };
    const message = 'The budget has no room.';
    const portal = await startPortal({
      model: [
        { refuse: { status: 402, name: 'budget_exceeded', message, budget } },
      ],
    });
    const run = await portal.run();
    const error = { name: 'ModelCallFailed', message, budget };
    expect(run.error).toEqual(error);
    expect(run.steps[0].error).toEqual(error);
    const { items } = await portal.client.listRuns();
    expect(items[0].error?.budget).toEqual(budget);
  });

  it('says that a call was refused, by which rules, and counts it, though the run succeeds', async () => {
    const answers: CallToolResult[] = [
      {
        content: [
          { type: 'text', text: 'Refunds above 200 EUR are for people.' },
        ],
        isError: true,
        _meta: { 'agentportal.dev/refused-by': ['portal/refunds#limit'] },
      },
      { content: [{ type: 'text', text: 'No such order.' }], isError: true },
    ];
    const portal = await startPortal({
      entities: [desk],
      tools: new ToolGateway(() => answers.shift()!),
      model: [askTool, askTool, { text: 'I may not.' }],
    });
    const run = await portal.run();
    expect(run).toMatchObject({ status: 'succeeded', refusedCalls: 1 });
    expect(
      run.steps.filter(({ kind }) => kind === 'tool').map(each => each.error),
    ).toEqual([
      {
        name: 'CallRefused',
        message: 'Refunds above 200 EUR are for people.',
        ruleIds: ['portal/refunds#limit'],
      },
      { name: 'ToolError', message: 'No such order.' },
    ]);
    const { items } = await portal.client.listRuns();
    expect(items[0].refusedCalls).toBe(1);
  });

  it('ends with the sentence that came in the middle of a stream', async () => {
    const portal = await startPortal({
      model: [{ errorInStream: 'The provider is overloaded.' }],
    });
    expect((await portal.run()).error).toEqual({
      name: 'ModelCallFailed',
      message: 'The provider is overloaded.',
    });
  });

  it('ends when the answer breaks off, and keeps what was said', async () => {
    const portal = await startPortal({ model: [{ breakOffAfter: 'Your or' }] });
    const run = await portal.run();
    expect(run.error).toEqual({
      name: 'ModelCallFailed',
      message: expect.stringContaining('broke off'),
    });
    const events = await eventsOf(portal.client, run.id);
    expect(events.map(({ event }) => event)).toContainEqual(
      expect.objectContaining({ delta: 'Your or' }),
    );
  });

  it('counts what an answer has cost that broke off, or at least its tokens', async () => {
    const told = await startPortal({
      model: [{ breakOffAfter: 'Your or', costNanoUsd: 700 }],
    });
    expect((await told.run()).usage).toMatchObject({
      inputTokens: 10,
      outputTokens: 2,
      costNanoUsd: 700,
    });
    const untold = await startPortal({ model: [{ breakOffAfter: 'Your or' }] });
    const { usage } = await untold.run();
    expect(usage.inputTokens).toBeGreaterThan(0);
    expect(usage.outputTokens).toBeGreaterThan(0);
  });

  it('counts what a hand-off has cost that failed', async () => {
    const portal = await startPortal({
      entities: [
        agent('desk', { handoffs: ['agent:default/lab'] }),
        agent('lab'),
      ],
      model: [
        {
          toolCalls: [{ name: 'handoff_to_lab', args: { task: 'Look.' } }],
          costNanoUsd: 1_000,
        },
        { breakOffAfter: 'It is', costNanoUsd: 700 },
        { text: 'The lab does not answer.', costNanoUsd: 1_000 },
      ],
    });
    const run = await portal.run();
    expect(run.status).toBe('succeeded');
    expect(run.usage.costNanoUsd).toBe(2_700);
  });

  it('counts as stopped when a gateway is the first to hear that its agent was', async () => {
    let suspend = async () => {};
    const tools = new ToolGateway(async () => {
      await suspend();
      return { content: [{ type: 'text', text: 'Sent.' }] };
    });
    const portal = await startPortal({
      entities: [desk],
      tools,
      model: [
        askTool,
        { refuse: { status: 403, name: 'access_denied', message: 'Stopped.' } },
      ],
    });
    suspend = () => portal.suspend('agent:default/desk', 'It refunds twice.');
    const run = await portal.run();
    expect(run).toMatchObject({
      status: 'cancelled',
      error: {
        name: 'DelegationEnded',
        message: expect.stringContaining('It refunds twice.'),
      },
    });
    const {
      items: [stats],
    } = await portal.client.getStats({
      agentRef: [run.agentRef],
    });
    expect(stats).toMatchObject({ runs: 1, succeeded: 0, failed: 0 });
  });

  it('ends when the model says nothing at all', async () => {
    const portal = await startPortal({ model: [{ text: '' }] });
    expect((await portal.run()).error?.message).toContain('empty answer');
  });

  it('ends with the sentence of a tool gateway that refuses', async () => {
    const tools = new ToolGateway();
    tools.refusal = { status: 429, message: 'Too many calls. Wait a minute.' };
    const portal = await startPortal({ entities: [desk], tools });
    expect((await portal.run()).error).toEqual({
      name: 'ToolsUnavailable',
      message: 'Too many calls. Wait a minute.',
    });
  });

  it('ends in words when there is no tool gateway', async () => {
    const portal = await startPortal({ entities: [desk], tools: 'absent' });
    const run = await portal.run();
    expect(run.error?.name).toBe('ToolsUnavailable');
    expect(run.error?.message).not.toContain(' at ');
  });

  it('ends when the tool gateway refuses a call by HTTP', async () => {
    const tools = new ToolGateway();
    const portal = await startPortal({
      entities: [desk],
      tools,
      model: () => {
        tools.refusal = { status: 403, message: 'You may not call tools.' };
        return askTool;
      },
    });
    expect(await portal.run()).toMatchObject({
      error: { name: 'ToolsUnavailable', message: 'You may not call tools.' },
      steps: [{ kind: 'model' }, { kind: 'tool', status: 'failed' }],
    });
  });

  it('tells the model of a tool that fails, and goes on', async () => {
    const portal = await startPortal({
      entities: [desk],
      tools: new ToolGateway(() => ({
        isError: true,
        content: [{ type: 'text', text: 'No order has this number.' }],
      })),
      model: [askTool, { text: 'I found no such order.' }],
    });

    const run = await portal.run();

    expect(run).toMatchObject({
      status: 'succeeded',
      output: { message: 'I found no such order.' },
    });
    expect(run.steps[1]).toMatchObject({
      status: 'failed',
      error: { message: 'No order has this number.' },
    });
    expect(portal.model.requests[1].body.messages.at(-1)).toMatchObject({
      role: 'tool',
      content: 'No order has this number.',
    });
  });

  it('tells the model that a tool does not exist', async () => {
    const portal = await startPortal({
      entities: [desk],
      model: [
        { toolCalls: [{ name: 'orders__cancel_order', args: {} }] },
        { text: 'I cannot do that.' },
      ],
    });
    const run = await portal.run();
    expect(run).toMatchObject({ status: 'succeeded' });
    expect(run.steps[1]).toMatchObject({ kind: 'tool', status: 'failed' });
    expect(portal.tools.calls).toEqual([]);
  });

  it('gives up on a tool that takes too long, and knows not whether it had its effect', async () => {
    const portal = await startPortal({
      entities: [
        agent('desk', {
          tools: ['find_order', 'cancel_order'].map(
            name => `tool:default/orders.${name}`,
          ),
        }),
      ],
      config: { toolTimeoutSeconds: 0.3 },
      tools: new ToolGateway(() => new Promise(() => {})),
      model: [
        {
          toolCalls: [
            ...askTool.toolCalls,
            { name: 'orders__cancel_order', args: { number: '7' } },
          ],
        },
        { text: 'The order system does not answer.' },
      ],
    });
    const run = await portal.run();
    expect(run.status).toBe('succeeded');
    const failure = (message: RegExp) => ({
      status: 'failed',
      error: { name: 'ToolError', message: expect.stringMatching(message) },
    });
    expect(run.steps.slice(1, 3)).toMatchObject([
      failure(/^orders\.find_order failed: .*timed out/),
      failure(/^Nobody knows whether orders\.cancel_order was done/),
    ]);
  });
});
