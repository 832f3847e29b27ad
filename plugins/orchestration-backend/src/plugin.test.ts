import { agent, eventsOf, startPortal } from './__testUtils__/portal';

const desk = agent('desk', { tools: ['tool:default/orders.find_order'] });

describe('a run', () => {
  it('answers through real tool calls and writes down each step', async () => {
    const portal = await startPortal({
      entities: [desk],
      model: [
        { toolCalls: [{ name: 'orders__find_order', args: { number: '7' } }] },
        {
          text: 'Order 7 is on its way.',
          costNanoUsd: 2_500,
          hidden: ['secret'],
        },
      ],
    });

    const run = await portal.run();

    expect(run).toMatchObject({
      agentRef: 'agent:default/desk',
      agentTitle: 'The desk',
      status: 'succeeded',
      createdBy: 'user:default/guest',
      output: { message: 'Order 7 is on its way.' },
      usage: {
        inputTokens: 20,
        outputTokens: 10,
        costNanoUsd: 4_000,
        modelCalls: 2,
        toolCalls: 1,
      },
    });
    expect(run.durationMs).toBeGreaterThanOrEqual(0);
    expect(run.steps).toMatchObject([
      {
        index: 0,
        kind: 'model',
        name: 'model:default/balanced',
        status: 'succeeded',
        modelId: 'test/served',
        modelReason: 'First available – ok',
        usage: { inputTokens: 10, outputTokens: 5, costNanoUsd: 1_500 },
        output: {
          toolCalls: [{ name: 'orders.find_order', args: { number: '7' } }],
        },
      },
      {
        index: 1,
        kind: 'tool',
        name: 'orders.find_order',
        title: 'Find an order',
        status: 'succeeded',
        toolRef: 'tool:default/orders.find_order',
        riskTier: 'read',
        input: { number: '7' },
        output: { structuredContent: { number: '7', status: 'shipped' } },
      },
      {
        index: 2,
        kind: 'model',
        hidden: ['secret'],
        input: {
          messages: [
            { role: 'system', content: 'You are the desk.' },
            { role: 'user', content: 'Where is my order?' },
            {
              role: 'assistant',
              toolCalls: [{ name: 'orders.find_order', args: { number: '7' } }],
            },
            { role: 'tool', content: '{"number":"7","status":"shipped"}' },
          ],
          tools: ['orders.find_order'],
        },
        output: { message: 'Order 7 is on its way.' },
      },
    ]);
    expect(portal.tools.calls).toMatchObject([
      { name: 'orders.find_order', args: { number: '7' } },
    ]);
  });

  it('tells the tool gateway who said what a tool is called with', async () => {
    const find = (number: string) => ({
      toolCalls: [{ name: 'orders__find_order', args: { number } }],
    });
    const portal = await startPortal({
      entities: [desk],
      model: [find('7'), find('shipped'), find('666'), { text: 'Done.' }],
    });
    await portal.run('Where is order 7?');
    expect(portal.tools.calls).toMatchObject([
      { provenance: { number: ['person'] } },
      { provenance: { number: ['tool:default/orders.find_order'] } },
      { provenance: { number: [] } },
    ]);
  });

  it('calls the gateways for the person, naming agent, run and step', async () => {
    const portal = await startPortal({
      entities: [desk],
      model: [
        { toolCalls: [{ name: 'orders__find_order', args: { number: '7' } }] },
        { text: 'Done.' },
      ],
    });

    const run = await portal.run();

    expect(portal.model.requests).toHaveLength(2);
    expect(portal.model.requests[1]).toMatchObject({
      caller: {
        personRef: 'user:default/guest',
        agentRef: 'agent:default/desk',
        runId: run.id,
        sessionId: run.threadId,
        step: 2,
      },
      body: {
        model: 'model:default/balanced',
        stream: true,
        messages: [
          { role: 'system', content: 'You are the desk.' },
          { role: 'user', content: 'Where is my order?' },
          { role: 'assistant' },
          { role: 'tool', content: '{"number":"7","status":"shipped"}' },
        ],
      },
    });
    const call = portal.tools.requests.find(r => r.method === 'tools/call');
    expect(call?.caller).toMatchObject({
      personRef: 'user:default/guest',
      agentRef: 'agent:default/desk',
      runId: run.id,
      step: 1,
    });
  });

  it('shows the model only the tools that the agent declares', async () => {
    const portal = await startPortal({ entities: [desk] });
    await portal.run();
    expect(
      portal.model.requests[0].body.tools?.map(t => t.function.name),
    ).toEqual(['orders__find_order']);
  });

  it('streams AG-UI events and replays them from any of them', async () => {
    const portal = await startPortal({
      entities: [desk],
      model: [
        { toolCalls: [{ name: 'orders__find_order', args: { number: '7' } }] },
        { text: 'It is on its way.' },
      ],
    });
    const { id, threadId } = await portal.client.createRun({
      agentRef: 'agent:default/desk',
      input: { message: 'Where is order 7?' },
    });

    const live = await eventsOf(portal.client, id);

    const types = live.map(({ event }) => event.type as string);
    expect(
      types.filter(
        // Text comes in as many pieces as time would have it.
        (type, i) => type !== 'CUSTOM' && type !== types[i - 1],
      ),
    ).toEqual([
      'RUN_STARTED',
      'STEP_STARTED',
      'STEP_FINISHED',
      'STEP_STARTED',
      'TOOL_CALL_START',
      'TOOL_CALL_ARGS',
      'TOOL_CALL_END',
      'TOOL_CALL_RESULT',
      'STEP_FINISHED',
      'STEP_STARTED',
      'TEXT_MESSAGE_START',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_END',
      'STEP_FINISHED',
      'RUN_FINISHED',
    ]);
    expect(types.filter(type => type === 'CUSTOM')).toHaveLength(6);
    expect(live.at(-1)?.event).toMatchObject({
      runId: id,
      threadId,
      outcome: { type: 'success' },
      result: { message: 'It is on its way.' },
    });
    expect(live.map(e => Number(e.id))).toEqual(live.map((_, i) => i + 1));

    expect(await eventsOf(portal.client, id)).toEqual(live);
    expect(await eventsOf(portal.client, id, live[9].id)).toEqual(
      live.slice(10),
    );
    expect(
      live.map(({ event }) => (event as { delta?: string }).delta).join(''),
    ).toBe('{"number":"7"}It is on its way.');
  });
});
