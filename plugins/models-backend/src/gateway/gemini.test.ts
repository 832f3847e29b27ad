import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { mockCredentials } from '@backstage/backend-test-utils';
import { failureOf, lastCall } from '../__testUtils__/calls';
import { FakeGemini } from '../__testUtils__/FakeGemini';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import { startModels } from '../__testUtils__/startModels';

jest.setTimeout(120_000);

const model = 'google/gemini-3-fake';
const messages = [{ role: 'user' as const, content: 'Where is A-1?' }];
const tools: OpenAI.ChatCompletionFunctionTool[] = [
  {
    type: 'function',
    function: {
      name: 'find_order',
      description: 'Finds an order',
      parameters: {
        type: 'object',
        properties: { orderId: { type: 'string' } },
      },
    },
  },
];

describe("Google's own Gemini API", () => {
  let fake: FakeProvider;
  let gemini: FakeGemini;
  let models: Awaited<ReturnType<typeof startModels>>;
  let client: OpenAI;

  beforeAll(async () => {
    fake = await FakeProvider.create();
    gemini = await FakeGemini.create();
    models = await startModels({
      fake,
      models: {
        providers: [
          { id: 'fake', type: 'openai', baseUrl: `${fake.url}/v1` },
          { id: 'claude', type: 'anthropic', baseUrl: `${fake.url}/anthropic` },
          {
            id: 'google',
            type: 'gemini',
            baseUrl: gemini.url,
            apiKey: 'AIza-secret',
          },
        ],
      },
    });
    while (
      (await models.get(`/models/${encodeURIComponent(model)}`)).body.status !==
      'available'
    ) {
      await new Promise(resolve => {
        setTimeout(resolve, 50);
      });
    }
    client = new OpenAI({
      baseURL: `${models.url}/openai/v1`,
      apiKey: mockCredentials.user.token(),
      maxRetries: 0,
    });
  });

  afterAll(async () => {
    await models?.stop();
    await fake?.close();
    await gemini?.close();
  });

  it('calls a tool, and adds thoughts to what is paid for', async () => {
    const { data, response } = await client.chat.completions
      .create({ model, messages, tools })
      .withResponse();
    const [choice] = data.choices;
    expect(choice).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: 'Let me look.',
        reasoning_content: 'Hm, an order.',
        tool_calls: [
          {
            type: 'function',
            function: { name: 'find_order', arguments: '{"orderId":"A-1"}' },
          },
        ],
      },
    });
    expect(data.usage).toMatchObject({
      prompt_tokens: 105,
      completion_tokens: 50,
      prompt_tokens_details: { cached_tokens: 40 },
      completion_tokens_details: { reasoning_tokens: 30 },
    });
    const booked = await lastCall(
      models,
      response.headers.get('x-agent-portal-call-id'),
    );
    expect(booked).toMatchObject({
      status: 'succeeded',
      provider: 'google',
      estimated: false,
      usage: {
        inputUncached: 65,
        cacheRead: 40,
        outputText: 20,
        reasoning: 30,
      },
    });
    expect(gemini.last.headers['x-goog-api-key']).toBe('AIza-secret');
    expect(gemini.last.url).toBe(
      '/v1beta/models/gemini-3-fake:generateContent',
    );
  });

  it('translates every part of a request', async () => {
    await client.chat.completions.create({
      model,
      max_completion_tokens: 77,
      temperature: 0.5,
      top_p: 0.9,
      stop: 'END',
      reasoning_effort: 'low',
      tools,
      tool_choice: { type: 'function', function: { name: 'find_order' } },
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'x', schema: { type: 'object' } },
      },
      messages: [
        { role: 'system', content: 'Be kind' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'See' },
            {
              type: 'image_url',
              image_url: { url: 'data:image/png;base64,aWk=' },
            },
          ],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: ['t1', 't2'].map(
            id =>
              ({
                id,
                type: 'function',
                function: {
                  name: 'find_order',
                  arguments: '{"orderId":"A-1"}',
                },
                ...(id === 't1' && {
                  extra_content: { google: { thought_signature: 'c2ln' } },
                }),
              } as OpenAI.ChatCompletionMessageFunctionToolCall),
          ),
        },
        { role: 'tool', tool_call_id: 't1', content: '{"status":"shipped"}' },
        { role: 'tool', tool_call_id: 't2', content: 'lost' },
      ],
    });
    const call = (id: string) => ({
      id,
      name: 'find_order',
      args: { orderId: 'A-1' },
    });
    const answered = (id: string, response: object) => ({
      functionResponse: { id, name: 'find_order', response },
    });
    expect(gemini.last.json).toEqual({
      systemInstruction: { parts: [{ text: 'Be kind' }] },
      contents: [
        {
          role: 'user',
          parts: [
            { text: 'See' },
            { inlineData: { mimeType: 'image/png', data: 'aWk=' } },
          ],
        },
        {
          role: 'model',
          parts: [
            { functionCall: call('t1'), thoughtSignature: 'c2ln' },
            { functionCall: call('t2') },
          ],
        },
        {
          role: 'user',
          parts: [
            answered('t1', { status: 'shipped' }),
            answered('t2', { result: 'lost' }),
          ],
        },
      ],
      tools: [
        {
          functionDeclarations: [
            {
              name: 'find_order',
              description: 'Finds an order',
              parametersJsonSchema: tools[0].function.parameters,
            },
          ],
        },
      ],
      toolConfig: {
        functionCallingConfig: {
          mode: 'ANY',
          allowedFunctionNames: ['find_order'],
        },
      },
      generationConfig: {
        maxOutputTokens: 77,
        temperature: 0.5,
        topP: 0.9,
        stopSequences: ['END'],
        responseMimeType: 'application/json',
        responseJsonSchema: { type: 'object' },
        thinkingConfig: { thinkingLevel: 'low', includeThoughts: true },
      },
    });
  });

  it('streams in the format of each client', async () => {
    const chat = await client.chat.completions
      .stream({
        model,
        messages,
        tools,
        stream_options: { include_usage: true },
      })
      .finalChatCompletion();
    expect(chat.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: 'Let me look.',
        tool_calls: [{ function: { arguments: '{"orderId":"A-1"}' } }],
      },
    });
    expect(chat.usage).toMatchObject({ completion_tokens: 50 });

    const message = await new Anthropic({
      baseURL: `${models.url}/anthropic`,
      apiKey: mockCredentials.user.token(),
      maxRetries: 0,
    }).messages
      .stream({
        model,
        max_tokens: 500,
        thinking: { type: 'enabled', budget_tokens: 100 },
        messages,
      })
      .finalMessage();
    expect(message.content).toMatchObject([
      { type: 'thinking', thinking: 'Hm, an order.' },
      { type: 'text', text: 'Let me look.' },
      { type: 'tool_use', name: 'find_order', input: { orderId: 'A-1' } },
    ]);
    expect(message.usage).toMatchObject({
      input_tokens: 65,
      cache_read_input_tokens: 40,
      output_tokens: 50,
    });

    const response = await client.responses
      .stream({ model, input: 'Where is A-1?' })
      .finalResponse();
    expect(response.output).toMatchObject([
      { type: 'message', content: [{ text: 'Let me look.' }] },
      { type: 'function_call', arguments: '{"orderId":"A-1"}' },
    ]);
  });

  it('says that a prompt was blocked', async () => {
    const answer = await client.chat.completions.create({
      model: 'google/blocked',
      messages,
    });
    expect(answer.choices[0].finish_reason).toBe('content_filter');
  });

  it('tells a stream that was cut from one that ended', async () => {
    const stream = await client.chat.completions.create({
      model: 'google/cut',
      messages,
      stream: true,
    });
    const failure = await failureOf(
      (async () => {
        for await (const _ of stream);
      })(),
    );
    expect(failure.code).toBe('provider_stream_cut');
  });

  it("blames the portal's key, not the caller, for a key that Google refuses", async () => {
    const failure = await failureOf(
      client.chat.completions.create({ model: 'google/bad-key', messages }),
    );
    expect(failure.status).toBe(502);
    expect(failure.code).toBe('provider_credentials_rejected');
  });
});
