import OpenAI from 'openai';
import { mockCredentials } from '@backstage/backend-test-utils';
import { failureOf, lastCall } from '../__testUtils__/calls';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import { databases, startModels } from '../__testUtils__/startModels';

jest.setTimeout(120_000);

const messages = [{ role: 'user' as const, content: 'Hello' }];

describe.each(databases.eachSupportedId())(
  'faults of calls on %s',
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

    it('takes the last usage of odd chunks', async () => {
      const { data, response } = await client.chat.completions
        .create({ model: 'fake/odd-usage', messages, stream: true })
        .withResponse();
      for await (const _ of data);
      const call = await lastCall(
        models,
        response.headers.get('x-agent-portal-call-id'),
      );
      expect(call.usage).toMatchObject({ inputUncached: 600, reasoning: 50 });
      expect(call).toMatchObject({
        estimated: false,
        priceVersion: 'unpriced',
      });
    });

    it('estimates when the provider tells no usage, and says so', async () => {
      const { data, response } = await client.chat.completions
        .create({
          model: 'fake/no-usage',
          messages,
          stream: true,
          stream_options: { include_usage: true },
        })
        .withResponse();
      let usage: any;
      for await (const chunk of data) {
        usage = chunk.usage ?? usage;
      }
      expect(usage).toMatchObject({ estimated: true, completion_tokens: 2 });
      const call = await lastCall(
        models,
        response.headers.get('x-agent-portal-call-id'),
      );
      expect(call).toMatchObject({ status: 'succeeded', estimated: true });
      expect(call.usage.outputText).toBe(2);
    });

    it.each([
      ['rate-limited', 429, 'provider_rate_limited'],
      ['broken', 502, 'provider_error'],
      ['bad-key', 502, 'provider_credentials_rejected'],
      ['rubbish', 502, 'provider_bad_answer'],
      ['refusing', 400, 'provider_refused_request'],
    ])('turns the fault "%s" into %d %s', async (model, status, code) => {
      const error = await failureOf(
        client.chat.completions.create({ model: `fake/${model}`, messages }),
      );
      expect(error).toMatchObject({ status, code });
      expect(error.message).not.toContain('sk-');
      expect(error.headers?.get('retry-after')).toBe(
        status === 429 ? '7' : null,
      );
      const call = await lastCall(
        models,
        error.headers!.get('x-agent-portal-call-id'),
      );
      expect(call).toMatchObject({
        status: 'failed',
        errorCode: code,
        ...(code !== 'provider_bad_answer' && { costNanoUsd: 0 }),
      });
    });

    it('tells at the end of a stream that was cut what was booked', async () => {
      const { data, response } = await client.chat.completions
        .create({
          model: 'fake/cut',
          messages,
          stream: true,
          stream_options: { include_usage: true },
        })
        .withResponse();
      let usage: unknown;
      const reading = (async () => {
        for await (const chunk of data) {
          usage = chunk.usage ?? usage;
        }
      })();
      const error = await failureOf(reading);
      expect(error.code).toBe('provider_stream_cut');
      const call = await lastCall(
        models,
        response.headers.get('x-agent-portal-call-id'),
      );
      expect(usage).toMatchObject({
        cost_nano_usd: call.costNanoUsd,
        completion_tokens: call.usage.outputText,
        estimated: true,
      });
    });

    it('reports a stream that was cut, after what came of it', async () => {
      const { data, response } = await client.chat.completions
        .create({ model: 'fake/cut', messages, stream: true })
        .withResponse();
      let text = '';
      const reading = (async () => {
        for await (const chunk of data) {
          text += chunk.choices[0].delta.content;
        }
      })();
      const error = await failureOf(reading);
      expect(error.code).toBe('provider_stream_cut');
      expect(text).toBe('Hello ');
      const call = await lastCall(
        models,
        response.headers.get('x-agent-portal-call-id'),
      );
      expect(call).toMatchObject({
        status: 'failed',
        errorCode: 'provider_stream_cut',
        estimated: true,
      });
      expect(call.usage.outputText).toBeGreaterThan(0);
    });

    it('stops the provider and settles once when the client goes away', async () => {
      const { data, response } = await client.chat.completions
        .create({ model: 'fake/slow', messages, stream: true })
        .withResponse();
      const received = fake.last;
      let seen = 0;
      for await (const _ of data) {
        seen += 1;
        if (seen === 3) {
          break;
        }
      }
      const call = await lastCall(
        models,
        response.headers.get('x-agent-portal-call-id'),
      );
      expect(call).toMatchObject({
        status: 'cancelled',
        errorCode: 'client_gone',
        estimated: true,
      });
      for (let i = 0; i < 100 && !received.aborted; i += 1) {
        await new Promise(resolve => {
          setTimeout(resolve, 10);
        });
      }
      expect(received.aborted).toBe(true);
    });

    it.each([
      [{ model: 'nobody/nothing', messages }, 404, 'model_not_found'],
      [{ model: 7, messages }, 400, 'invalid_request'],
      [
        { model: 'builtin/hashed-ngrams', messages },
        400,
        'operation_not_supported',
      ],
      [
        { model: 'builtin/extractive', messages: 'x' },
        400,
        'provider_refused_request',
      ],
    ])('refuses %j with %d', async (body, status, code) => {
      const error = await failureOf(
        client.chat.completions.create(body as any),
      );
      expect(error).toMatchObject({ status, code });
    });

    it('refuses bad credentials in OpenAI form', async () => {
      const stranger = new OpenAI({
        baseURL: `${models.url}/openai/v1`,
        apiKey: mockCredentials.user.invalidToken(),
        maxRetries: 0,
      });
      const error = await failureOf(
        stranger.chat.completions.create({ model: 'fake/good', messages }),
      );
      expect(error).toMatchObject({
        status: 401,
        code: 'authentication_required',
      });
    });
  },
);
