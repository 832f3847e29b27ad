import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { createExtractiveHandler } from './handler';
import { HASHED_EMBEDDING_DIMENSIONS } from './embeddings';

const weather: OpenAI.Chat.Completions.ChatCompletionTool = {
  type: 'function',
  function: {
    name: 'get_forecast',
    description: 'Get the weather forecast for a city.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string', description: 'City name' } },
      required: ['city'],
    },
  },
};

const answered: OpenAI.Chat.Completions.ChatCompletionMessageParam[] = [
  { role: 'user', content: 'weather forecast for Oslo' },
  {
    role: 'assistant',
    content: null,
    tool_calls: [
      {
        id: 'c1',
        type: 'function',
        function: { name: 'get_forecast', arguments: '{"city":"Oslo"}' },
      },
    ],
  },
  {
    role: 'tool',
    tool_call_id: 'c1',
    content: '{"city":"Oslo","temperatureCelsius":-3,"sky":"snow"}',
  },
];

describe('createExtractiveHandler', () => {
  let server: Server;
  let openai: OpenAI;
  let base: string;

  beforeAll(async () => {
    server = createServer(createExtractiveHandler());
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    openai = new OpenAI({
      baseURL: `${base}/v1`,
      apiKey: 'none',
      maxRetries: 0,
    });
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });

  it('calls a tool and counts tokens', async () => {
    const completion = await openai.chat.completions.create({
      model: 'builtin/extractive',
      messages: answered.slice(0, 1),
      tools: [weather],
    });
    expect(completion.choices[0].finish_reason).toBe('tool_calls');
    expect(completion.choices[0].message.tool_calls).toMatchObject([
      {
        type: 'function',
        function: { name: 'get_forecast', arguments: '{"city":"Oslo"}' },
      },
    ]);
    expect(completion.usage!.prompt_tokens).toBeGreaterThan(10);
    expect(completion.usage!.total_tokens).toBe(
      completion.usage!.prompt_tokens + completion.usage!.completion_tokens,
    );
  });

  it('streams the same answer that it gives at once, with the usage last', async () => {
    const request = {
      model: 'builtin/extractive',
      messages: answered,
      tools: [weather],
    };
    const whole = await openai.chat.completions.create(request);
    const stream = await openai.chat.completions.create({
      ...request,
      stream: true,
      stream_options: { include_usage: true },
    });
    const parts: string[] = [];
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      const piece = chunk.choices[0]?.delta.content;
      if (piece) parts.push(piece);
      usage = chunk.usage ?? usage;
    }
    expect(parts.length).toBeGreaterThan(3);
    expect(parts.join('')).toBe(whole.choices[0].message.content);
    expect(parts.join('')).toContain('-3 °C');
    expect(usage).toEqual(whole.usage);
  });

  it('streams a tool call that the SDK can put together', async () => {
    const stream = openai.chat.completions.stream({
      model: 'builtin/extractive',
      messages: answered.slice(0, 1),
      tools: [weather],
    });
    const completion = await stream.finalChatCompletion();
    expect(completion.choices[0].message.tool_calls![0]).toMatchObject({
      function: { name: 'get_forecast', arguments: '{"city":"Oslo"}' },
    });
  });

  it('honours tool_choice', async () => {
    const ask = (
      tool_choice: OpenAI.Chat.Completions.ChatCompletionToolChoiceOption,
      content = 'weather in Oslo',
    ) =>
      openai.chat.completions.create({
        model: 'builtin/extractive',
        messages: [{ role: 'user', content }],
        tools: [weather],
        tool_choice,
      });
    expect((await ask('none')).choices[0].message.tool_calls).toBeUndefined();
    expect(
      (await ask('required', 'hm')).choices[0].message.tool_calls,
    ).toHaveLength(1);
    expect(
      (await ask({ type: 'function', function: { name: 'get_forecast' } }))
        .choices[0].message.tool_calls,
    ).toHaveLength(1);
  });

  it('honours max_tokens and stop', async () => {
    const short = await openai.chat.completions.create({
      model: 'builtin/extractive',
      messages: answered,
      max_tokens: 3,
    });
    expect(short.choices[0].finish_reason).toBe('length');
    expect(short.usage!.completion_tokens).toBeLessThanOrEqual(3);
    const stopped = await openai.chat.completions.create({
      model: 'builtin/extractive',
      messages: answered,
      stop: ['Source'],
    });
    expect(stopped.choices[0].message.content).not.toContain('Source');
  });

  it('fills a JSON schema from the results and refuses to invent the rest', async () => {
    const ask = (schema: Record<string, unknown>) =>
      openai.chat.completions.create({
        model: 'builtin/extractive',
        messages: answered,
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'x', schema },
        },
      });
    const known = await ask({
      type: 'object',
      properties: {
        sky: { type: 'string' },
        humidity: { type: ['number', 'null'] },
      },
      required: ['sky', 'humidity'],
    });
    expect(JSON.parse(known.choices[0].message.content!)).toEqual({
      sky: 'snow',
      humidity: null,
    });
    const unknown = await ask({
      type: 'object',
      properties: { humidity: { type: 'number' } },
      required: ['humidity'],
    });
    expect(unknown.choices[0].message.refusal).toContain('humidity');
  });

  it('lists its two models and embeds texts', async () => {
    const models = await openai.models.list();
    expect(models.data.map(model => model.id)).toEqual([
      'builtin/extractive',
      'builtin/hashed-ngrams',
    ]);
    // the SDK asks for base64 by itself and decodes it
    const { data, usage } = await openai.embeddings.create({
      model: 'builtin/hashed-ngrams',
      input: ['a red car', 'red cars', 'payroll'],
    });
    const plain = await openai.embeddings.create({
      model: 'builtin/hashed-ngrams',
      input: 'a red car',
      encoding_format: 'float',
    });
    const dot = (a: number[], b: number[]) =>
      a.reduce((sum, value, index) => sum + value * b[index], 0);
    expect(data[0].embedding).toHaveLength(HASHED_EMBEDDING_DIMENSIONS);
    expect(dot(data[0].embedding, plain.data[0].embedding)).toBeCloseTo(1, 5);
    expect(dot(data[0].embedding, data[1].embedding)).toBeGreaterThan(
      dot(data[0].embedding, data[2].embedding) + 0.2,
    );
    expect(usage.prompt_tokens).toBeGreaterThan(0);
  });

  it('says what is wrong with a request', async () => {
    await expect(
      openai.chat.completions.create({
        model: 'builtin/extractive',
        messages: [],
      }),
    ).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('messages'),
    });
    await expect(
      openai.chat.completions.create({ model: 'gpt-9', messages: answered }),
    ).rejects.toMatchObject({ status: 404 });
    const response = await fetch(`${base}/v1/chat/completions`, {
      method: 'POST',
      body: '{',
    });
    expect(response.status).toBe(400);
    expect((await fetch(`${base}/v1/nothing`)).status).toBe(404);
  });
});
