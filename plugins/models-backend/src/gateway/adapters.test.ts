import OpenAI from 'openai';
import { ChatOpenAI } from '@langchain/openai';
import { mockCredentials } from '@backstage/backend-test-utils';
import { lastCall } from '../__testUtils__/calls';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import { databases, startModels } from '../__testUtils__/startModels';

jest.setTimeout(120_000);

const messages = [{ role: 'user' as const, content: 'Hello' }];

describe.each(databases.eachSupportedId())(
  'Anthropic and LangChain on %s',
  databaseId => {
    let fake: FakeProvider;
    let models: Awaited<ReturnType<typeof startModels>>;
    let client: OpenAI;

    beforeAll(async () => {
      fake = await FakeProvider.create();
      models = await startModels({ fake, databaseId });
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

    it('speaks Anthropic behind the same door', async () => {
      const { data, response } = await client.chat.completions
        .create({
          model: 'claude/claude-fake',
          messages: [
            { role: 'system', content: 'Be kind' },
            { role: 'user', content: 'Where is A-1?' },
            {
              role: 'assistant',
              content: null,
              tool_calls: [
                {
                  id: 't1',
                  type: 'function',
                  function: {
                    name: 'find_order',
                    arguments: '{"orderId":"A-1"}',
                  },
                },
              ],
            },
            { role: 'tool', tool_call_id: 't1', content: 'shipped' },
          ],
          tools: [
            {
              type: 'function',
              function: { name: 'find_order', parameters: { type: 'object' } },
            },
          ],
          tool_choice: 'required',
        })
        .withResponse();
      expect(fake.last.headers['x-api-key']).toBe('sk-ant-secret');
      expect(fake.last.json).toMatchObject({
        model: 'claude-fake',
        max_tokens: 4096,
        system: [{ type: 'text', text: 'Be kind' }],
        tool_choice: { type: 'any' },
        tools: [{ name: 'find_order', input_schema: { type: 'object' } }],
        messages: [
          { role: 'user' },
          {
            role: 'assistant',
            content: [
              { type: 'tool_use', id: 't1', input: { orderId: 'A-1' } },
            ],
          },
          {
            role: 'user',
            content: [{ type: 'tool_result', tool_use_id: 't1' }],
          },
        ],
      });
      expect(data.choices[0]).toMatchObject({
        finish_reason: 'tool_calls',
        message: { content: 'Let me look.' },
      });
      expect(data.usage).toMatchObject({ prompt_tokens: 450 });
      const call = await lastCall(
        models,
        response.headers.get('x-agent-portal-call-id'),
      );
      expect(call.usage).toEqual({
        inputUncached: 100,
        cacheRead: 300,
        cacheWrite: 50,
        outputText: 20,
        reasoning: 0,
      });
    });

    it('streams Anthropic as OpenAI chunks', async () => {
      const stream = client.chat.completions.stream({
        model: 'claude/claude-fake',
        messages,
        stream_options: { include_usage: true },
      });
      const final = await stream.finalChatCompletion();
      expect(final.choices[0].message).toMatchObject({
        content: 'Let me look.',
        tool_calls: [
          { function: { name: 'find_order', arguments: '{"orderId":"A-1"}' } },
        ],
      });
      expect(final.usage).toMatchObject({
        prompt_tokens: 450,
        completion_tokens: 20,
      });
    });

    it('serves LangChain, with tools', async () => {
      const model = new ChatOpenAI({
        model: 'fake/tools',
        useResponsesApi: false,
        apiKey: mockCredentials.user.token(),
        configuration: { baseURL: `${models.url}/openai/v1` },
      }).bindTools([
        {
          type: 'function',
          function: {
            name: 'find_order',
            parameters: {
              type: 'object',
              properties: { orderId: { type: 'string' } },
            },
          },
        },
      ]);
      const answer = await model.invoke('Where is A-1?');
      expect(answer.tool_calls).toMatchObject([
        { name: 'find_order', args: { orderId: 'A-1' } },
      ]);
      let text = '';
      for await (const chunk of await model.stream('Where is A-1?')) {
        text += chunk.text;
      }
      expect(text).toBe('Hel');
    });
  },
);
