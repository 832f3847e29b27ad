import Anthropic, { APIError } from '@anthropic-ai/sdk';
import { ChatAnthropic } from '@langchain/anthropic';
import { mockCredentials } from '@backstage/backend-test-utils';
import { lastCall } from '../__testUtils__/calls';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import { startModels } from '../__testUtils__/startModels';

jest.setTimeout(120_000);

const messages = [
  { role: 'user' as const, content: 'Where is the order A-1?' },
];
const tools: Anthropic.Tool[] = [
  {
    name: 'find_order',
    description: 'Finds an order by its id',
    input_schema: {
      type: 'object',
      properties: { orderId: { type: 'string', description: 'Order id' } },
      required: ['orderId'],
    },
  },
];

describe("Anthropic's Messages API", () => {
  let fake: FakeProvider;
  let models: Awaited<ReturnType<typeof startModels>>;
  let client: Anthropic;

  const post = (
    path: string,
    body: unknown,
    headers: Record<string, string> = {
      'x-api-key': mockCredentials.user.token(),
    },
  ) =>
    fetch(`${models.url}/anthropic/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  const failureOf = async (promise: Promise<unknown>): Promise<APIError> => {
    try {
      await promise;
    } catch (error) {
      return error as APIError;
    }
    throw new Error('The call succeeded');
  };

  beforeAll(async () => {
    fake = await FakeProvider.create();
    models = await startModels({ fake });
    client = new Anthropic({
      baseURL: `${models.url}/anthropic`,
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
    const request = { model, max_tokens: 500, messages, tools };
    const call = {
      type: 'tool_use',
      name: 'find_order',
      input: { orderId: 'A-1' },
    };

    it('calls a tool and takes its result', async () => {
      const { data, response } = await client.messages
        .create(request)
        .withResponse();
      expect(data).toMatchObject({
        type: 'message',
        role: 'assistant',
        stop_reason: 'tool_use',
      });
      const [used] = data.content.filter(block => block.type === 'tool_use');
      expect(used).toMatchObject(call);
      expect(response.headers.get('x-agent-portal-model')).toBe(model);
      expect(response.headers.get('x-agent-portal-route-reason')).toBeTruthy();
      const booked = await lastCall(
        models,
        response.headers.get('x-agent-portal-call-id'),
      );
      expect(booked).toMatchObject({ status: 'succeeded', model });
      expect(data.usage.input_tokens).toBe(booked.usage.inputUncached);
      expect(data.usage.cache_read_input_tokens).toBe(booked.usage.cacheRead);
      expect(data.usage.output_tokens).toBe(
        booked.usage.outputText + booked.usage.reasoning,
      );
      expect(response.headers.get('x-agent-portal-cost-nano-usd')).toBe(
        String(booked.costNanoUsd),
      );

      const next = await client.messages.create({
        ...request,
        messages: [
          ...messages,
          { role: 'assistant', content: data.content },
          {
            role: 'user',
            content: [
              {
                type: 'tool_result',
                tool_use_id: used.id,
                content: '{"orderId":"A-1","status":"shipped"}',
              },
            ],
          },
        ],
      });
      expect(next.content.length).toBeGreaterThan(0);
    });

    it('streams events that the official client puts together', async () => {
      const names: string[] = [];
      const stream = client.messages.stream(request);
      stream.on('streamEvent', event => names.push(event.type));
      const final = await stream.finalMessage();
      expect(final.stop_reason).toBe('tool_use');
      expect(
        final.content.filter(block => block.type === 'tool_use'),
      ).toMatchObject([call]);
      expect(final.usage.output_tokens).toBeGreaterThan(0);
      expect(names[0]).toBe('message_start');
      expect(names.slice(-2)).toEqual(['message_delta', 'message_stop']);
      expect(names.filter(name => name === 'content_block_start')).toHaveLength(
        names.filter(name => name === 'content_block_stop').length,
      );
      const booked = await lastCall(
        models,
        stream.response!.headers.get('x-agent-portal-call-id'),
      );
      expect(booked).toMatchObject({ status: 'succeeded', estimated: false });
      expect(final.usage.input_tokens).toBe(booked.usage.inputUncached);
    });

    it('serves LangChain, whole and streamed', async () => {
      const chat = new ChatAnthropic({
        model,
        apiKey: mockCredentials.user.token(),
        anthropicApiUrl: `${models.url}/anthropic`,
        maxTokens: 500,
        maxRetries: 0,
      }).bindTools(tools);
      const answer = await chat.invoke('Where is the order A-1?');
      expect(answer.tool_calls).toMatchObject([
        { name: 'find_order', args: { orderId: 'A-1' } },
      ]);
      let whole;
      for await (const chunk of await chat.stream('Where is the order A-1?')) {
        whole = whole ? whole.concat(chunk) : chunk;
      }
      expect(whole?.tool_calls).toMatchObject([
        { name: 'find_order', args: { orderId: 'A-1' } },
      ]);
    });
  });

  it('translates every part of a request that OpenAI has a word for', async () => {
    await client.messages.create({
      model: 'fake/good',
      max_tokens: 77,
      system: [
        { type: 'text', text: 'Be kind', cache_control: { type: 'ephemeral' } },
        { type: 'text', text: 'Be short' },
      ],
      stop_sequences: ['END'],
      // Older clients send them; the newest one has no type for them.
      ...({ temperature: 0.5, top_p: 0.9 } as object),
      thinking: { type: 'enabled', budget_tokens: 1024 },
      metadata: { user_id: 'u1' },
      tools,
      tool_choice: {
        type: 'tool',
        name: 'find_order',
        disable_parallel_tool_use: true,
      },
      output_config: {
        format: { type: 'json_schema', schema: { type: 'object' } },
      },
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'See' },
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
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm', signature: 's' },
            { type: 'text', text: 'Looking.' },
            {
              type: 'tool_use',
              id: 't1',
              name: 'find_order',
              input: { orderId: 'A-1' },
            },
          ],
        },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 't1',
              is_error: true,
              content: [{ type: 'text', text: 'no such order' }],
            },
            { type: 'text', text: 'Go on' },
          ],
        },
      ],
    });
    expect(fake.last.json).toEqual({
      model: 'good',
      max_tokens: 77,
      stop: ['END'],
      temperature: 0.5,
      top_p: 0.9,
      user: 'u1',
      tools: [
        {
          type: 'function',
          function: {
            name: 'find_order',
            description: 'Finds an order by its id',
            parameters: tools[0].input_schema,
          },
        },
      ],
      tool_choice: { type: 'function', function: { name: 'find_order' } },
      parallel_tool_calls: false,
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'answer',
          schema: { type: 'object' },
          strict: true,
        },
      },
      messages: [
        { role: 'system', content: 'Be kind\n\nBe short' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'See' },
            {
              type: 'image_url',
              image_url: { url: 'data:image/png;base64,aWk=' },
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
          content: 'Looking.',
          tool_calls: [
            {
              id: 't1',
              type: 'function',
              function: { name: 'find_order', arguments: '{"orderId":"A-1"}' },
            },
          ],
        },
        { role: 'tool', tool_call_id: 't1', content: 'Error: no such order' },
        { role: 'user', content: 'Go on' },
      ],
    });
  });

  it('passes a request to Anthropic on byte for byte, and its answer back', async () => {
    const body =
      '{ "model" : "claude/claude-fake","max_tokens":9, "context_management":{"edits":[]}, "tools":[{"type":"bash_20250124","name":"bash"}],"messages":[{"role":"user","content":"model"}] }';
    const response = await post('/messages', body, {
      authorization: `Bearer ${mockCredentials.user.token()}`,
      'anthropic-beta': 'context-management-2025-06-27',
      'anthropic-version': '2023-06-01',
    });
    expect(response.status).toBe(200);
    expect(fake.last.text).toBe(
      body.replace('"claude/claude-fake"', '"claude-fake"'),
    );
    expect(fake.last.headers).toMatchObject({
      'x-api-key': 'sk-ant-secret',
      'anthropic-beta': 'context-management-2025-06-27',
    });
    expect(fake.last.headers.authorization).toBeUndefined();
    expect(await response.json()).toMatchObject({
      id: 'msg_1',
      usage: {
        input_tokens: 100,
        cache_read_input_tokens: 300,
        cache_creation_input_tokens: 50,
      },
    });
  });

  it('refuses what only Anthropic can do, where another would serve', async () => {
    const failure = await failureOf(
      client.messages.create({
        model: 'fake/good',
        max_tokens: 9,
        messages,
        tools: [{ type: 'bash_20250124', name: 'bash' }],
      }),
    );
    expect(failure.status).toBe(400);
    expect(failure.error).toMatchObject({
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: expect.stringContaining('bash_20250124'),
      },
    });
  });

  it.each([
    [{ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
    [{ mcp_servers: [{ type: 'url', url: 'https://example.com', name: 'x' }] }],
  ])(
    'refuses what would run at the provider, past the tool gateway: %j',
    async extra => {
      const calls = fake.received.length;
      const response = await post(
        '/messages',
        JSON.stringify({
          model: 'claude/claude-fake',
          max_tokens: 9,
          messages: [{ role: 'user', content: 'model' }],
          ...extra,
        }),
        { authorization: `Bearer ${mockCredentials.user.token()}` },
      );
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        type: 'error',
        error: { message: expect.stringContaining('past the tool gateway') },
      });
      expect(fake.received).toHaveLength(calls);
    },
  );

  it.each([
    [{ model: 'fake/nothing', messages }, 404, 'not_found_error'],
    [{ model: 'fake/good', messages: [] }, 400, 'invalid_request_error'],
    [{ model: 'fake/good', messages: 'x' }, 400, 'invalid_request_error'],
    ['no JSON', 400, 'invalid_request_error'],
    [{ model: 'fake/rate-limited', messages }, 429, 'rate_limit_error'],
    [{ model: 'fake/broken', messages }, 502, 'api_error'],
  ])(
    'answers %j with %i in the shape of Anthropic',
    async (body, status, type) => {
      const response = await post('/messages', body);
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({
        type: 'error',
        error: { type, message: expect.any(String) },
        request_id: response.headers.get('request-id'),
      });
    },
  );

  it('wants a Backstage token', async () => {
    const failure = await failureOf(
      new Anthropic({
        baseURL: `${models.url}/anthropic`,
        apiKey: 'sk-ant-of-somebody',
        maxRetries: 0,
      }).messages.create({ model: 'fake/good', max_tokens: 9, messages }),
    );
    expect(failure.status).toBe(401);
    expect(failure.error).toMatchObject({
      error: { type: 'authentication_error' },
    });
  });

  it.each(['fake/cut', 'claude/claude-cut'])(
    'ends the stream of %s, which breaks, with an error event',
    async model => {
      const failure = await failureOf(
        client.messages
          .stream({ model, max_tokens: 9, messages })
          .finalMessage(),
      );
      expect(failure.message).toContain('broke off');
    },
  );

  it('counts tokens at Anthropic, and estimates them elsewhere', async () => {
    const counted = await client.messages.countTokens({
      model: 'claude/claude-fake',
      messages,
    });
    expect(counted).toEqual({ input_tokens: 42 });
    expect(fake.last.json).toEqual({ model: 'claude-fake', messages });
    const { body } = await models.get('/calls?limit=1');
    expect(body.items[0]).toMatchObject({
      model: 'claude/claude-fake',
      status: 'succeeded',
      costNanoUsd: 0,
      estimated: false,
      reason: 'Only the tokens of its input were counted.',
    });
    const estimated = await client.messages.countTokens({
      model: 'fake/good',
      messages,
    });
    expect(estimated).toEqual({
      input_tokens: expect.any(Number),
      estimated: true,
    });
  });

  it('limits how often tokens are counted as any other request', async () => {
    const limits = `${models.url}/rate-limits`;
    const as = {
      authorization: `Bearer ${mockCredentials.user.token()}`,
      'content-type': 'application/json',
    };
    const made = await fetch(limits, {
      method: 'POST',
      headers: as,
      body: JSON.stringify({
        scope: { type: 'model', ref: 'claude/claude-fake' },
        measure: 'requests',
        limit: 1,
      }),
    });
    const { id } = await made.json();
    expect([made.status, id]).toEqual([201, expect.any(String)]);
    const count = () =>
      post('/messages/count_tokens', { model: 'claude/claude-fake', messages });
    expect((await count()).status).toBe(200);
    const refused = await count();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    await fetch(`${limits}/${id}`, { method: 'DELETE', headers: as });
  });

  it('lists the models that the caller may use', async () => {
    const ids = [];
    for await (const model of client.models.list()) {
      ids.push(model.id);
    }
    expect(ids).toEqual(
      expect.arrayContaining(['balanced', 'fake/good', 'claude/claude-fake']),
    );
  });
});
