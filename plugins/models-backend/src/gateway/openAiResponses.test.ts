import { ChatOpenAI } from '@langchain/openai';
import OpenAI from 'openai';
import { mockCredentials } from '@backstage/backend-test-utils';
import { failureOf, lastCall } from '../__testUtils__/calls';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import { startModels } from '../__testUtils__/startModels';

jest.setTimeout(120_000);

const input = 'Where is the order A-1?';
const tools: OpenAI.Responses.FunctionTool[] = [
  {
    type: 'function',
    name: 'find_order',
    description: 'Finds an order by its id',
    parameters: {
      type: 'object',
      properties: { orderId: { type: 'string', description: 'Order id' } },
      required: ['orderId'],
    },
    strict: false,
  },
];
const format = {
  type: 'json_schema' as const,
  name: 'order',
  strict: true,
  schema: {
    type: 'object',
    properties: { orderId: { type: 'string' } },
    required: ['orderId'],
    additionalProperties: false,
  },
};

describe("OpenAI's Responses API", () => {
  let fake: FakeProvider;
  let models: Awaited<ReturnType<typeof startModels>>;
  let client: OpenAI;

  beforeAll(async () => {
    fake = await FakeProvider.create();
    const { url } = fake;
    models = await startModels({
      fake,
      models: {
        providers: [
          { id: 'fake', type: 'openai', baseUrl: `${url}/v1` },
          { id: 'claude', type: 'anthropic', baseUrl: `${url}/anthropic` },
          {
            id: 'native',
            type: 'openai',
            baseUrl: `${url}/v1`,
            responses: true,
          },
        ],
      },
    });
    client = new OpenAI({
      baseURL: `${models.url}/openai/v1`,
      apiKey: mockCredentials.user.token(),
      maxRetries: 0,
    });
  });

  afterAll(async () => {
    await models?.stop();
    await fake?.close();
  });

  describe.each([
    ['OpenAI', 'fake/tools'],
    ['Anthropic', 'claude/claude-fake'],
    ['the built-in model', 'builtin/extractive'],
  ])('in front of %s', (_name, model) => {
    it('calls a tool and takes its output', async () => {
      const { data, response } = await client.responses
        .create({ model, input, tools })
        .withResponse();
      expect(data).toMatchObject({
        object: 'response',
        status: 'completed',
        store: false,
      });
      const call = data.output.find(item => item.type === 'function_call')!;
      expect(call).toMatchObject({ name: 'find_order', status: 'completed' });
      expect(JSON.parse(call.arguments)).toEqual({ orderId: 'A-1' });
      expect(response.headers.get('x-agent-portal-model')).toBe(model);
      const booked = await lastCall(
        models,
        response.headers.get('x-agent-portal-call-id'),
      );
      expect(booked).toMatchObject({ status: 'succeeded', model });
      const { inputUncached, cacheRead, cacheWrite } = booked.usage;
      expect(data.usage).toMatchObject({
        input_tokens: inputUncached + cacheRead + cacheWrite,
        input_tokens_details: { cached_tokens: cacheRead },
      });

      const next = await client.responses.create({
        model,
        tools,
        input: [
          { role: 'user', content: input },
          ...(data.output as OpenAI.Responses.ResponseInputItem[]),
          {
            type: 'function_call_output',
            call_id: call.call_id,
            output: '{"orderId":"A-1","status":"shipped"}',
          },
        ],
      });
      expect(next.output.length).toBeGreaterThan(0);
    });

    it('streams semantic events', async () => {
      const { data: stream, response } = await client.responses
        .create({ model, input, tools, stream: true })
        .withResponse();
      const events = [];
      for await (const event of stream) {
        events.push(event);
      }
      expect(events.map(event => event.sequence_number)).toEqual(
        events.map((_event, index) => index),
      );
      const types = events.map(event => event.type);
      expect(types[0]).toBe('response.created');
      expect(types).toEqual(
        expect.arrayContaining([
          'response.output_item.added',
          'response.function_call_arguments.delta',
          'response.function_call_arguments.done',
          'response.output_item.done',
        ]),
      );
      const last = events.at(-1)!;
      if (last.type !== 'response.completed') {
        throw new Error(`The stream ended with ${last.type}`);
      }
      const call = last.response.output.find(
        item => item.type === 'function_call',
      )!;
      expect(JSON.parse(call.arguments)).toEqual({ orderId: 'A-1' });
      expect(call.status).toBe('completed');
      const booked = await lastCall(
        models,
        response.headers.get('x-agent-portal-call-id'),
      );
      expect(booked).toMatchObject({ status: 'succeeded', estimated: false });
      expect(last.response.usage).toMatchObject({
        cost_nano_usd: booked.costNanoUsd,
      });
    });

    it('is put together by the helper of the official client', async () => {
      const stream = client.responses.stream({ model, input, tools });
      const final = await stream.finalResponse();
      expect(
        final.output.filter(item => item.type === 'function_call'),
      ).toMatchObject([{ name: 'find_order' }]);
    });

    it('serves LangChain, whole and streamed', async () => {
      const chat = new ChatOpenAI({
        model,
        useResponsesApi: true,
        apiKey: mockCredentials.user.token(),
        configuration: { baseURL: `${models.url}/openai/v1` },
        maxRetries: 0,
        // LangChain takes tools in the form of chat completions.
      }).bindTools(
        tools.map(({ type, ...fn }) => ({ type, function: fn } as any)),
      );
      const call = { name: 'find_order', args: { orderId: 'A-1' } };
      expect((await chat.invoke(input)).tool_calls).toMatchObject([call]);
      let whole;
      for await (const chunk of await chat.stream(input)) {
        whole = whole ? whole.concat(chunk) : chunk;
      }
      expect(whole?.tool_calls).toMatchObject([call]);
    });
  });

  it('answers with structured output', async () => {
    const parsed = await client.responses.parse({
      model: 'builtin/extractive',
      input: 'The order is A-1.',
      text: { format },
    });
    expect(parsed.output_parsed).toEqual({ orderId: expect.any(String) });
    await client.responses.create({
      model: 'fake/good',
      input,
      text: { format },
    });
    const { type, ...schema } = format;
    expect(fake.last.json.response_format).toEqual({
      type,
      json_schema: schema,
    });
    await client.responses.create({
      model: 'claude/claude-fake',
      input,
      text: { format },
    });
    expect(fake.last.json.output_config).toEqual({
      format: { type, schema: format.schema },
    });
  });

  it('streams text with its parts opened and closed', async () => {
    const stream = await client.responses.create({
      model: 'fake/good',
      input,
      stream: true,
    });
    const types = [];
    let text = '';
    for await (const event of stream) {
      types.push(event.type);
      text += event.type === 'response.output_text.delta' ? event.delta : '';
    }
    expect(text).toBe('Hello');
    expect(types).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      // Of one word, which is told once it has ended.
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
  });

  it('translates every part of a request that chat completions have a word for', async () => {
    await client.responses.create({
      model: 'fake/good',
      instructions: 'Be kind',
      max_output_tokens: 77,
      temperature: 0.5,
      top_p: 0.9,
      reasoning: { effort: 'low' },
      tools,
      tool_choice: { type: 'function', name: 'find_order' },
      parallel_tool_calls: false,
      store: false,
      input: [
        { role: 'developer', content: 'Be short' },
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'See' },
            {
              type: 'input_image',
              image_url: 'data:image/png;base64,aWk=',
              detail: 'low',
            },
            {
              type: 'input_file',
              filename: 'bill.pdf',
              file_data: 'data:application/pdf;base64,cGRm',
            },
          ],
        },
        { type: 'reasoning', id: 'rs_1', summary: [] },
        {
          type: 'function_call',
          call_id: 't1',
          name: 'find_order',
          arguments: '{"orderId":"A-1"}',
        },
        {
          type: 'function_call',
          call_id: 't2',
          name: 'find_order',
          arguments: '{"orderId":"A-2"}',
        },
        { type: 'function_call_output', call_id: 't1', output: 'shipped' },
        { type: 'function_call_output', call_id: 't2', output: 'lost' },
      ],
    });
    const call = (id: string, orderId: string) => ({
      id,
      type: 'function',
      function: { name: 'find_order', arguments: `{"orderId":"${orderId}"}` },
    });
    const { type, name, description, parameters, strict } = tools[0];
    expect(fake.last.json).toEqual({
      model: 'good',
      max_tokens: 77,
      temperature: 0.5,
      top_p: 0.9,
      reasoning_effort: 'low',
      tools: [{ type, function: { name, description, parameters, strict } }],
      tool_choice: { type: 'function', function: { name: 'find_order' } },
      parallel_tool_calls: false,
      messages: [
        { role: 'system', content: 'Be kind' },
        { role: 'system', content: 'Be short' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'See' },
            {
              type: 'image_url',
              image_url: { url: 'data:image/png;base64,aWk=', detail: 'low' },
            },
            {
              type: 'file',
              file: {
                filename: 'bill.pdf',
                file_data: 'data:application/pdf;base64,cGRm',
              },
            },
          ],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [call('t1', 'A-1'), call('t2', 'A-2')],
        },
        { role: 'tool', tool_call_id: 't1', content: 'shipped' },
        { role: 'tool', tool_call_id: 't2', content: 'lost' },
      ],
    });
  });

  it('brings images and files to Anthropic', async () => {
    await client.responses.create({
      model: 'claude/claude-fake',
      input: [
        {
          role: 'user',
          content: [
            {
              type: 'input_image',
              image_url: 'data:image/png;base64,aWk=',
              detail: 'auto',
            },
            {
              type: 'input_file',
              filename: 'bill.pdf',
              file_data: 'data:application/pdf;base64,cGRm',
            },
          ],
        },
      ],
    });
    expect(fake.last.json.messages[0].content).toEqual([
      {
        type: 'image',
        source: { type: 'base64', media_type: 'image/png', data: 'aWk=' },
      },
      {
        type: 'document',
        title: 'bill.pdf',
        source: {
          type: 'base64',
          media_type: 'application/pdf',
          data: 'cGRm',
        },
      },
    ]);
  });

  it('passes through to a provider that has responses, but stores nothing there', async () => {
    const body =
      '{ "input":"Hi","model" : "native/good", "include":["reasoning.encrypted_content"], "x":12345678901234567890 }';
    const response = await fetch(`${models.url}/openai/v1/responses`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${mockCredentials.user.token()}`,
        'content-type': 'application/json',
      },
      body,
    });
    expect(await response.text()).toContain(
      '"vendor_field":12345678901234567890',
    );
    expect(fake.last.path).toBe('/v1/responses');
    expect(fake.last.text).toBe(
      body.replace('"native/good"', '"good"').replace(' }', ' ,"store":false}'),
    );
    const booked = await lastCall(
      models,
      response.headers.get('x-agent-portal-call-id'),
    );
    expect(booked.usage).toEqual({
      inputUncached: 600,
      cacheRead: 400,
      cacheWrite: 0,
      outputText: 150,
      reasoning: 50,
    });
    const final = await client.responses
      .stream({ model: 'native/good', input })
      .finalResponse();
    expect(final).toMatchObject({
      id: 'resp_up',
      output_text: 'From upstream',
    });
  });

  it.each(['fake/cut', 'native/cut'])(
    'tells in the stream of %s that it failed',
    async model => {
      const stream = await client.responses.create({
        model,
        input,
        stream: true,
      });
      const events = [];
      for await (const event of stream) {
        events.push(event);
      }
      const last = events.at(-1)!;
      expect(last).toMatchObject({
        type: 'response.failed',
        sequence_number: events.length - 1,
        response: {
          status: 'failed',
          error: { code: 'provider_stream_cut' },
          output: expect.any(Array),
        },
      });
    },
  );

  it.each([
    [{ previous_response_id: 'resp_1' }, 'send the earlier items'],
    [{ store: true }, 'leave `store` out'],
    [{ background: true }, 'stream: true'],
    [{ conversation: 'conv_1' }, 'send the earlier items'],
    [{ tools: [{ type: 'web_search' as const }] }, 'type function'],
    [{ input: [{ type: 'item_reference' as const, id: 'x' }] }, 'item itself'],
  ])('refuses %j and says what to do', async (extra, advice) => {
    const failure = await failureOf(
      client.responses.create({ model: 'native/good', input, ...extra }),
    );
    expect(failure.status).toBe(400);
    expect(failure.code).toBe('invalid_request');
    expect(failure.message).toContain(advice);
  });
});
