import OpenAI from 'openai';
import { mockCredentials } from '@backstage/backend-test-utils';
import { lastCall } from '../__testUtils__/calls';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import { databases, startModels } from '../__testUtils__/startModels';

jest.setTimeout(120_000);

const messages = [{ role: 'user' as const, content: 'Hello' }];

describe.each(databases.eachSupportedId())(
  'chat and embeddings on %s',
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

    it('answers a chat and books it with the price of the catalog', async () => {
      const { data, response } = await client.chat.completions
        .create({ model: 'fake/good', messages })
        .withResponse();
      expect(data.choices[0].message.content).toBe('Hello there');
      // 600 uncached at 1 USD, 400 cached at 0.1 USD, 200 out at 10 USD a million
      const cost = 600_000 + 40_000 + 2_000_000;
      expect(response.headers.get('x-agent-portal-cost-nano-usd')).toBe(
        String(cost),
      );
      expect(response.headers.get('x-agent-portal-model')).toBe('fake/good');
      const call = await lastCall(
        models,
        response.headers.get('x-agent-portal-call-id'),
      );
      expect(call).toMatchObject({
        status: 'succeeded',
        provider: 'fake',
        model: 'fake/good',
        userRef: 'user:default/mock',
        usage: {
          inputUncached: 600,
          cacheRead: 400,
          cacheWrite: 0,
          outputText: 150,
          reasoning: 50,
        },
        costNanoUsd: cost,
        estimated: false,
        attempt: 1,
      });
      expect(call.priceVersion).toMatch(/^catalog /);
      expect(call.ttfbMs).toBeLessThanOrEqual(call.durationMs);
    });

    it('passes fields that it does not know through unchanged, both ways', async () => {
      const body =
        '{ "model" : "fake/good","messages":[{"role":"user","content":"model"}], "seed": 12345678901234567890, "x": {"model":"inner"} }';
      const response = await fetch(`${models.url}/openai/v1/chat/completions`, {
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
      expect(fake.last.text).toBe(body.replace('"fake/good"', '"good"'));
      expect(fake.last.headers.authorization).toBe('Bearer sk-test-secret');
      expect(
        Object.keys(fake.last.headers).filter(name =>
          name.startsWith('x-agent'),
        ),
      ).toEqual([]);
    });

    it('streams chunk by chunk and hides the usage chunk nobody asked for', async () => {
      const { data, response } = await client.chat.completions
        .create({ model: 'fake/good', messages, stream: true })
        .withResponse();
      const chunks = [];
      for await (const chunk of data) {
        chunks.push(chunk);
      }
      expect(
        chunks.map(chunk => chunk.choices[0].delta.content ?? '').join(''),
      ).toBe('Hello');
      expect(chunks.every(chunk => !chunk.usage)).toBe(true);
      expect(fake.last.json.stream_options).toEqual({ include_usage: true });
      const call = await lastCall(
        models,
        response.headers.get('x-agent-portal-call-id'),
      );
      expect(call).toMatchObject({ costNanoUsd: 2_640_000, estimated: false });
    });

    it('tells the cost in the usage chunk of a caller who asked for it', async () => {
      const stream = await client.chat.completions.create({
        model: 'fake/good',
        messages,
        stream: true,
        stream_options: { include_usage: true },
      });
      let usage;
      for await (const chunk of stream) {
        usage = chunk.usage ?? usage;
      }
      expect(usage).toMatchObject({
        prompt_tokens: 1000,
        cost_nano_usd: 2_640_000,
      });
    });

    it('passes tool calls, whole and streamed', async () => {
      const whole = await client.chat.completions.create({
        model: 'fake/tools',
        messages,
      });
      expect(whole.choices[0].message.tool_calls).toHaveLength(1);
      const stream = client.chat.completions.stream({
        model: 'fake/tools',
        messages,
      });
      const final = await stream.finalMessage();
      expect(final.tool_calls?.[0]).toMatchObject({
        function: { name: 'find_order', arguments: '{"orderId":"A-1"}' },
      });
    });

    it('embeds at a provider and with the built-in model', async () => {
      const remote = await client.embeddings.create({
        model: 'fake/text-embedding-good',
        input: 'x',
        encoding_format: 'float',
      });
      expect(remote.data[0].embedding).toEqual([0.5, -0.5]);
      const builtIn = await client.embeddings.create({
        model: 'builtin/hashed-ngrams',
        input: 'where is my order',
      });
      expect(builtIn.data[0].embedding).toHaveLength(384);
    });
  },
);
