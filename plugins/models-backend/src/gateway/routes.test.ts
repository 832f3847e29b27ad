import OpenAI from 'openai';
import { mockCredentials } from '@backstage/backend-test-utils';
import { failureOf, lastCall } from '../__testUtils__/calls';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import { databases, startModels } from '../__testUtils__/startModels';

jest.setTimeout(120_000);

const messages = [{ role: 'user' as const, content: 'Hello' }];

describe.each(databases.eachSupportedId())(
  'routes and lists on %s',
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

    it('falls to the next candidate of a route, says why, and books each attempt', async () => {
      const { response } = await client.chat.completions
        .create({ model: 'balanced', messages, stream: true })
        .withResponse();
      expect(response.headers.get('x-agent-portal-model')).toBe('fake/good');
      const reason = decodeURIComponent(
        response.headers.get('x-agent-portal-route-reason')!,
      );
      expect(reason).toContain('Chose fake/good');
      expect(reason).toContain('fake/broken was tried first');
      const callId = response.headers.get('x-agent-portal-call-id');
      await response.text().catch(() => '');
      await lastCall(models, callId);
      const { body } = await models.get('/calls?limit=100');
      expect(
        body.items
          .filter((call: any) => call.callId === callId)
          .map((call: any) => [call.attempt, call.model, call.route]),
      ).toEqual([
        [3, 'fake/good', 'balanced'],
        [2, 'fake/broken', 'balanced'],
        [1, 'fake/broken', 'balanced'],
      ]);
    });

    it('ends in the built-in model when no key is there, and accepts entity refs', async () => {
      const { data, response } = await client.chat.completions
        .create({ model: 'model:default/keyless', messages })
        .withResponse();
      expect(data.choices[0].message.content).toBeTruthy();
      expect(response.headers.get('x-agent-portal-model')).toBe(
        'builtin/extractive',
      );
      expect(response.headers.get('x-agent-portal-cost-nano-usd')).toBe('0');
      expect(
        decodeURIComponent(
          response.headers.get('x-agent-portal-route-reason')!,
        ),
      ).toContain('no provider has it');
    });

    it('reports the last failure when no candidate served', async () => {
      const error = await failureOf(
        client.chat.completions.create({ model: 'unlucky', messages }),
      );
      expect(error).toMatchObject({
        status: 429,
        code: 'provider_rate_limited',
      });
    });

    it('lists models and routes in both forms, without secrets', async () => {
      const ids = (await client.models.list()).data.map(model => model.id);
      expect(ids).toEqual(
        expect.arrayContaining(['balanced', 'fake/good', 'builtin/extractive']),
      );
      const { body: list } = await models.get('/models?limit=3');
      expect(list.items).toHaveLength(3);
      const { body: next } = await models.get(
        `/models?limit=3&cursor=${list.nextCursor}`,
      );
      expect(next.items[0].id > list.items[2].id).toBe(true);
      const { body: good } = await models.get('/models/fake%2Fgood');
      expect(good).toMatchObject({
        ref: 'model:default/fake.good',
        contextWindow: 64000,
        price: { inputNanoUsdPerMillionTokens: 1_000_000_000 },
        status: 'available',
        source: 'provider',
      });
      const { body: providers } = await models.get('/providers');
      expect(providers.items.map((p: any) => [p.id, p.status])).toEqual([
        ['builtin', 'ok'],
        ['claude', 'ok'],
        ['fake', 'ok'],
      ]);
      expect(JSON.stringify([list, good, providers])).not.toContain('secret');
      expect((await models.get('/models/none')).status).toBe(404);
      expect((await models.get('/models?limit=101')).status).toBe(400);
      expect((await models.get('/models?cursor=rubbish')).status).toBe(400);
    });
  },
);
