import { agent, eventsOf, startPortal } from './__testUtils__/portal';
import type { ModelReply } from './__testUtils__/scriptedModel';
import { ToolGateway } from './__testUtils__/toolGateway';

const desk = agent('desk', { tools: ['tool:default/orders.find_order'] });

/** A tool call whose arguments come as they are. */
const rawCall = (args: string, finish: string): ModelReply => ({
  chunks: [
    {
      delta: {
        role: 'assistant',
        tool_calls: [
          {
            index: 0,
            id: 'c',
            type: 'function',
            function: { name: 'orders__find_order', arguments: args },
          },
        ],
      },
    },
    { delta: {}, finish },
  ],
});

describe('what comes back from a model', () => {
  it.each([
    ['at its length limit', '{"number":"42","text":"Delete the ord', 'length'],
    ['at its length limit, whole by chance', '{"number":"4"}', 'length'],
    ['without a word', '{"number":"42","text":"Delete the ord', 'tool_calls'],
    ['with no JSON', 'number=42', 'tool_calls'],
  ])(
    'is not carried out when it was cut off %s',
    async (_how, args, finish) => {
      const portal = await startPortal({
        entities: [desk],
        model: [rawCall(args, finish), { text: 'Done.' }],
      });
      const run = await portal.run();
      expect(portal.tools.calls).toEqual([]);
      expect(run).toMatchObject({
        status: 'failed',
        error: {
          name: 'AnswerIncomplete',
          message: expect.stringContaining('the call was not made'),
        },
        // It was paid for all the same.
        usage: { costNanoUsd: 1_500 },
        steps: [{ status: 'failed', error: { name: 'AnswerIncomplete' } }],
      });
    },
  );

  it('is not carried out when it is nested without end', async () => {
    const args = `{"number":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    const portal = await startPortal({
      entities: [desk],
      model: [rawCall(args, 'tool_calls'), { text: 'Done.' }],
    });
    const run = await portal.run();
    expect(portal.tools.calls).toEqual([]);
    expect(run.error).toMatchObject({
      name: 'AnswerIncomplete',
      message: expect.stringContaining('nested'),
    });
    expect(run.usage.costNanoUsd).toBe(1_500);
  });

  it('may hold half a character', async () => {
    const portal = await startPortal({
      entities: [desk],
      model: [
        rawCall('{"number":"4\\ud83d"}', 'tool_calls'),
        { text: 'Done.' },
      ],
    });
    expect((await portal.run()).status).toBe('succeeded');
    expect(portal.tools.calls).toMatchObject([{ args: { number: '4\ufffd' } }]);
  });

  it('is no reason to run the regular expressions of a server here', async () => {
    const inputSchema = {
      type: 'object' as const,
      required: ['number'],
      properties: {
        number: { type: 'string', pattern: '^((a+)+b|a*)$' },
      },
    };
    const portal = await startPortal({
      entities: [desk],
      model: [
        rawCall(JSON.stringify({ number: `${'a'.repeat(60)}!` }), 'tool_calls'),
        { text: 'Done.' },
      ],
      tools: new ToolGateway(undefined, [
        {
          name: 'orders.find_order',
          inputSchema,
          _meta: { 'agentportal.dev/ref': 'tool:default/orders.find_order' },
        },
      ]),
    });
    expect((await portal.run()).status).toBe('succeeded');
    // The gateway is who checks them; the model reads them.
    expect(portal.tools.calls).toHaveLength(1);
    expect(portal.model.requests[0].body.tools).toMatchObject([
      { function: { name: 'orders__find_order', parameters: inputSchema } },
    ]);
  });

  it('counts no negative or broken tokens', async () => {
    const portal = await startPortal({
      model: [{ text: 'Hello.', tokens: [-1_000_000, 1.5] }],
    });
    expect((await portal.run()).usage).toMatchObject({
      inputTokens: 0,
      outputTokens: 0,
    });
  });

  it('loses nothing when a provider repeats its ids', async () => {
    const call = (number: string): ModelReply => ({
      chunks: [
        {
          id: 'same',
          delta: {
            role: 'assistant',
            tool_calls: [
              {
                index: 0,
                id: 'c1',
                type: 'function',
                function: {
                  name: 'orders__find_order',
                  arguments: JSON.stringify({ number }),
                },
              },
            ],
          },
        },
        { id: 'same', delta: {}, finish: 'tool_calls' },
      ],
    });
    const portal = await startPortal({
      entities: [desk],
      model: [
        call('1'),
        call('2'),
        {
          chunks: [
            { id: 'same', delta: { role: 'assistant', content: 'Both left.' } },
            { id: 'same', delta: {}, finish: 'stop' },
          ],
        },
      ],
    });
    const run = await portal.run();
    expect(run.output?.message).toBe('Both left.');
    expect(portal.tools.calls.map(({ args }) => args.number)).toEqual([
      '1',
      '2',
    ]);
    expect(
      portal.model.requests[2].body.messages.map(({ role }) => role),
    ).toEqual(['system', 'user', 'assistant', 'tool', 'assistant', 'tool']);
    const started = (await eventsOf(portal.client, run.id))
      .map(({ event }) => event)
      .filter(event => event.type === 'TOOL_CALL_START')
      .map(event => (event as { toolCallId: string }).toolCallId);
    expect(new Set(started).size).toBe(2);
  });

  it('counts when the first words come without a role', async () => {
    const portal = await startPortal({
      model: [
        {
          chunks: [
            { delta: { content: 'Hello ' } },
            { delta: { content: 'Ada.' } },
            { delta: {}, finish: 'stop' },
          ],
        },
      ],
    });
    expect(await portal.run()).toMatchObject({
      status: 'succeeded',
      output: { message: 'Hello Ada.' },
      usage: { costNanoUsd: 1_500, inputTokens: 10 },
    });
  });

  it('is refused as a whole when it asks for more at once than is left', async () => {
    const portal = await startPortal({
      entities: [agent('desk', { ...desk.spec, quotas: { maxToolCalls: 8 } })],
      model: [
        {
          toolCalls: Array.from({ length: 100 }, (_, i) => ({
            name: 'orders__find_order',
            args: { number: String(i) },
          })),
        },
      ],
    });
    expect((await portal.run()).error).toEqual({
      name: 'QuotaExceeded',
      message: expect.stringContaining('100 tool calls at once'),
    });
    expect(portal.tools.calls).toEqual([]);
  });

  it('ends a run by its own reason when parallel calls fail together', async () => {
    const same = { name: 'orders__find_order', args: { number: '1' } };
    const portal = await startPortal({
      entities: [desk],
      model: [{ toolCalls: [same, same, same, same, same] }],
    });
    expect((await portal.run()).error?.name).toBe('LoopDetected');
  });
});

describe('what a run keeps', () => {
  it('grows with what was said and not with its square', async () => {
    const result = (i: number) => `${i} ${'result '.repeat(585)}`;
    const portal = await startPortal({
      entities: [agent('desk', { ...desk.spec, quotas: { maxSteps: 60 } })],
      model: (_request, i) =>
        i < 24
          ? {
              toolCalls: [
                { name: 'orders__find_order', args: { number: `${i}` } },
              ],
            }
          : { text: 'Done.' },
      tools: new ToolGateway((_name, { number }) => ({
        content: [{ type: 'text', text: result(Number(number)) }],
      })),
    });
    const run = await portal.run();
    expect(run.usage.toolCalls).toBe(24);

    const said = 24 * result(10).length;
    expect(said).toBeGreaterThan(96_000);
    const stored = await portal.storedCharacters(run.id);
    expect(stored).toBeLessThan(3 * said);
    const answer = await portal.fetch(`/runs/${run.id}`);
    expect((await answer.text()).length).toBeLessThan(3 * said);

    // Each step tells all the same what the model was sent.
    const last = run.steps.at(-1)!;
    const { messages } = last.input as { messages: any[] };
    expect(messages).toHaveLength(50);
    expect(messages.at(-1)).toMatchObject({
      role: 'tool',
      content: result(23),
    });
    expect(run.steps[1].output).toEqual({
      content: [{ type: 'text', text: result(0) }],
    });
    const events = await eventsOf(portal.client, run.id);
    expect(
      events
        .map(({ event }) => event)
        .filter(e => e.type === 'TOOL_CALL_RESULT')[5],
    ).toMatchObject({ content: result(5) });
  });

  it('keeps structured results and what tools say beside them', async () => {
    const order = { number: '7', lines: [{ sku: 'A', count: 2 }] };
    const portal = await startPortal({
      entities: [desk],
      model: [
        { toolCalls: [{ name: 'orders__find_order', args: { number: '7' } }] },
        { toolCalls: [{ name: 'orders__find_order', args: { number: '8' } }] },
        { text: 'Done.' },
      ],
      tools: new ToolGateway((_name, { number }) => ({
        content: [
          { type: 'text', text: JSON.stringify(order, null, 2) },
          ...(number === '8' ? [{ type: 'text' as const, text: 'Late.' }] : []),
        ],
        structuredContent: order,
      })),
    });
    const { steps } = await portal.run();
    expect(steps[1].output).toEqual({ structuredContent: order });
    expect(steps[3].output).toEqual({
      content: [{ type: 'text', text: 'Late.' }],
      structuredContent: order,
    });
  });
});
