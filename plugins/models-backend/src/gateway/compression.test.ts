import Anthropic from '@anthropic-ai/sdk';
import { mockCredentials } from '@backstage/backend-test-utils';
import OpenAI from 'openai';
import { lastCall } from '../__testUtils__/calls';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import { startModels } from '../__testUtils__/startModels';

jest.setTimeout(120_000);

const ORDERS = Array.from({ length: 60 }, (_, i) => ({
  id: `A-${i}`,
  total: 12.5,
  lines: [{ sku: '55-204', count: 2 }],
}));
const PRETTY = JSON.stringify(ORDERS, null, 2);

const history: OpenAI.ChatCompletionMessageParam[] = [
  { role: 'user', content: 'List my orders.' },
  {
    role: 'assistant',
    content: null,
    tool_calls: [
      {
        id: 'c1',
        type: 'function',
        function: { name: 'list_orders', arguments: '{ "all": true }' },
      },
    ],
  },
  { role: 'tool', tool_call_id: 'c1', content: PRETTY },
];

const HEADER = 'x-agent-portal-compression';
const asked = { headers: { [HEADER]: 'structural' } };

describe('compression of prompts', () => {
  let fake: FakeProvider;
  let models: Awaited<ReturnType<typeof startModels>>;
  let client: OpenAI;
  let anthropic: Anthropic;

  beforeAll(async () => {
    fake = await FakeProvider.create();
    models = await startModels({
      fake,
      entities: [
        {
          apiVersion: 'agentportal.dev/v1alpha1',
          kind: 'Agent',
          metadata: { name: 'thrifty', namespace: 'default' },
          spec: {
            type: 'assistant',
            lifecycle: 'production',
            autonomy: 'supervised',
            owner: 'group:default/care',
            model: 'model:default/fake.good',
            modelSettings: { promptCompression: 'structural' },
          },
        },
      ],
    });
    const apiKey = mockCredentials.user.token();
    client = new OpenAI({
      baseURL: `${models.url}/openai/v1`,
      apiKey,
      maxRetries: 0,
    });
    anthropic = new Anthropic({
      baseURL: `${models.url}/anthropic`,
      apiKey,
      maxRetries: 0,
    });
  });

  afterAll(async () => {
    await models?.stop();
    await fake.close();
  });

  it('sends less, says how much, and books what it saved', async () => {
    const { response } = await client.chat.completions
      .create({ model: 'fake/good', messages: history }, asked)
      .withResponse();
    const { messages } = fake.last.json;
    expect(messages[2].content).toBe(JSON.stringify(ORDERS));
    expect(messages[1].tool_calls[0].function.arguments).toBe(
      '{ "all": true }',
    );
    const removed = /^removed=(\d+)$/.exec(response.headers.get(HEADER)!);
    expect(Number(removed![1])).toBeGreaterThan(300);
    const call = await lastCall(
      models,
      response.headers.get('x-agent-portal-call-id'),
    );
    expect(call.savedNanoUsd.compression).toBeGreaterThan(0);
  });

  it('works in streams', async () => {
    const { data, response } = await client.chat.completions
      .create({ model: 'fake/good', messages: history, stream: true }, asked)
      .withResponse();
    let text = '';
    for await (const chunk of data) {
      text += chunk.choices[0]?.delta.content ?? '';
    }
    expect(text).toBe('Hello');
    expect(response.headers.get(HEADER)).toMatch(/^removed=\d+$/);
  });

  it('is off unless it is asked for', async () => {
    const { response } = await client.chat.completions
      .create({ model: 'fake/good', messages: history })
      .withResponse();
    expect(fake.last.json.messages[2].content).toBe(PRETTY);
    expect(response.headers.get(HEADER)).toBeNull();
  });

  it('is on for agents that declare it', async () => {
    await client.chat.completions.create(
      { model: 'fake/good', messages: history },
      {
        headers: {
          authorization: `Bearer ${await models.tokenOfRun(
            'agent:default/thrifty',
          )}`,
        },
      },
    );
    expect(fake.last.json.messages[2].content).toBe(JSON.stringify(ORDERS));
  });

  it('compresses what goes to Anthropic in its own format, thinking untouched', async () => {
    const thinking = {
      type: 'thinking' as const,
      thinking: 'They want   all.\n\n\n\nYes.  ',
      signature: 'c2lnbmVk',
    };
    const messages: Anthropic.MessageParam[] = [
      { role: 'user', content: 'List my orders.' },
      {
        role: 'assistant',
        content: [
          thinking,
          { type: 'tool_use', id: 't1', name: 'list_orders', input: { n: 1 } },
        ],
      },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 't1', content: PRETTY }],
      },
    ];
    const { response } = await anthropic.messages
      .create({ model: 'claude/claude-fake', max_tokens: 100, messages }, asked)
      .withResponse();
    const sent = fake.last.json.messages;
    expect(fake.last.path).toBe('/anthropic/v1/messages');
    expect(sent[1].content[0]).toEqual(thinking);
    expect(sent[2].content[0].content).toBe(JSON.stringify(ORDERS));
    expect(response.headers.get(HEADER)).toMatch(/^removed=\d+$/);

    // The same request translated for another provider says the same.
    await anthropic.messages.create(
      { model: 'fake/good', max_tokens: 100, messages },
      asked,
    );
    expect(fake.last.json.messages.at(-1)).toEqual({
      role: 'tool',
      tool_call_id: 't1',
      content: JSON.stringify(ORDERS),
    });
  });

  it('compresses requests of the Responses API', async () => {
    await client.responses.create(
      {
        model: 'fake/good',
        store: false,
        input: [
          { role: 'user', content: 'List my orders.' },
          {
            type: 'function_call',
            call_id: 'c1',
            name: 'list_orders',
            arguments: '{}',
          },
          { type: 'function_call_output', call_id: 'c1', output: PRETTY },
        ],
      },
      asked,
    );
    expect(fake.last.json.messages.at(-1).content).toBe(JSON.stringify(ORDERS));
  });

  it('refuses what it does not know', async () => {
    const wrong = { headers: { [HEADER]: 'magic' } };
    await expect(
      client.chat.completions.create(
        { model: 'fake/good', messages: history },
        wrong,
      ),
    ).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('must be none or structural'),
    });
  });
});
