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

    it('lets Claude reason for clients of OpenAI, and gives it back what it thought', async () => {
      const ask = {
        messages,
        reasoning_effort: 'medium' as const,
        max_completion_tokens: 8_000,
        temperature: 0.2,
      };
      const older = await client.chat.completions.create({
        ...ask,
        model: 'claude/claude-sonnet-4-5-20250929',
      });
      expect(fake.last.json).toMatchObject({
        max_tokens: 8_000,
        thinking: { type: 'enabled', budget_tokens: 4_000 },
      });
      expect(fake.last.json.temperature).toBeUndefined();
      const { message } = older.choices[0];
      const thought = {
        reasoning_content: 'An order. I look it up.',
        thinking_blocks: [
          {
            type: 'thinking',
            thinking: 'An order. I look it up.',
            signature: 'c2ln',
          },
          { type: 'redacted_thinking', data: 'c2VhbGVk' },
        ],
      };
      expect(message).toMatchObject(thought);
      const result = {
        role: 'tool' as const,
        tool_call_id: 'toolu_1',
        content: 'shipped',
      };
      const goOn = async (said: typeof message) => {
        await client.chat.completions.create({
          ...ask,
          model: 'claude/claude-sonnet-4-5-20250929',
          messages: [...messages, said, result],
        });
        return fake.last.json;
      };
      const told = await goOn(message);
      expect(told.thinking).toMatchObject({ type: 'enabled' });
      expect(told.messages[1].content).toMatchObject([
        ...thought.thinking_blocks,
        { type: 'text' },
        { type: 'tool_use' },
      ]);
      // Without them Anthropic would refuse to go on thinking.
      const { role, content, refusal, tool_calls } = message;
      const lost = await goOn({ role, content, refusal, tool_calls });
      expect(lost.thinking).toBeUndefined();
      const later = await client.chat.completions
        .stream({
          ...ask,
          model: 'claude/claude-opus-5',
          reasoning_effort: 'xhigh',
        })
        .finalMessage();
      expect(later).toMatchObject({
        content: 'Let me look.',
        thinking_blocks: thought.thinking_blocks,
      });
      await client.chat.completions.create({
        ...ask,
        model: 'claude/claude-opus-5',
        reasoning_effort: 'xhigh',
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'answer', schema: { type: 'object' } },
        },
      });
      expect(fake.last.json).toMatchObject({
        thinking: { type: 'adaptive', display: 'summarized' },
        output_config: {
          effort: 'max',
          format: { type: 'json_schema', schema: { type: 'object' } },
        },
      });
      await client.chat.completions.create({
        ...ask,
        model: 'claude/claude-fake',
      });
      expect(fake.last.json).toMatchObject({ temperature: 0.2 });
      expect(fake.last.json.thinking).toBeUndefined();
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
