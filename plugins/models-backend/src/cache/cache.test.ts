import { setTimeout as sleep } from 'node:timers/promises';
import Anthropic from '@anthropic-ai/sdk';
import { mockCredentials } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import OpenAI from 'openai';
import { lastCall } from '../__testUtils__/calls';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import { databases, startModels } from '../__testUtils__/startModels';
import { ENTRIES } from './tables';

jest.setTimeout(120_000);

const COST = 2_640_000;
const SECRET = 'a secret of the test, long enough';

const helper: Entity = {
  apiVersion: 'agentportal.dev/v1alpha1',
  kind: 'Agent',
  metadata: { name: 'glossary', namespace: 'default' },
  spec: {
    type: 'assistant',
    lifecycle: 'production',
    autonomy: 'supervised',
    owner: 'group:default/care',
    model: 'model:default/balanced',
    modelSettings: { cache: { mode: 'semantic', shared: true } },
  },
  relations: [{ type: 'ownedBy', targetRef: 'group:default/care' }],
};

describe.each(databases.eachSupportedId())(
  'answers from memory on %s',
  databaseId => {
    let fake: FakeProvider;
    let models: Awaited<ReturnType<typeof startModels>>;
    let replica: Awaited<ReturnType<typeof startModels>>;

    beforeAll(async () => {
      fake = await FakeProvider.create();
      const options = {
        fake,
        entities: [helper],
        models: { cache: { secret: SECRET } },
      };
      models = await startModels({ ...options, databaseId });
      replica = await startModels({ ...options, knex: models.knex });
    });

    // An answer is written down after its caller has it: one may still come.
    afterEach(async () => {
      await sleep(150);
      await models.knex(ENTRIES).delete();
    });

    afterAll(async () => {
      await replica?.stop();
      await models?.stop();
      await fake?.close();
    });

    const openai = (user = 'user:default/dana', at = models) =>
      new OpenAI({
        baseURL: `${at.url}/openai/v1`,
        apiKey: mockCredentials.user.token(user),
        maxRetries: 0,
      });
    const anthropic = (user = 'user:default/dana') =>
      new Anthropic({
        baseURL: `${models.url}/anthropic`,
        apiKey: mockCredentials.user.token(user),
        maxRetries: 0,
      });
    const wanting = (mode: string, headers = {}) => ({
      headers: { 'x-agent-portal-cache': mode, ...headers },
    });

    async function remembered(count = 1) {
      for (;;) {
        const [row] = await models
          .knex(ENTRIES)
          .where('expires_at', '>', 0)
          .count({ count: '*' });
        if (Number(row.count) >= count) {
          return;
        }
        await sleep(10);
      }
    }

    async function ask(
      question: string,
      options: {
        mode?: string;
        client?: OpenAI;
        model?: string;
        headers?: object;
        body?: object;
      } = {},
    ) {
      const { data, response } = await (
        options.client ?? openai()
      ).chat.completions
        .create(
          {
            model: options.model ?? 'fake/good',
            messages: [{ role: 'user', content: question }],
            ...options.body,
          } as OpenAI.ChatCompletionCreateParamsNonStreaming,
          wanting(options.mode ?? 'semantic', options.headers),
        )
        .withResponse();
      return {
        text: data.choices[0].message.content,
        cache: response.headers.get('x-agent-portal-cache'),
        cost: response.headers.get('x-agent-portal-cost-nano-usd'),
        age: response.headers.get('age'),
        callId: response.headers.get('x-agent-portal-call-id'),
        reason: decodeURIComponent(
          response.headers.get('x-agent-portal-route-reason')!,
        ),
      };
    }

    it('is off unless somebody asks for it', async () => {
      const before = fake.received.length;
      for (let i = 0; i < 2; i += 1) {
        const { response } = await openai()
          .chat.completions.create({
            model: 'fake/good',
            messages: [{ role: 'user', content: 'What is a levy?' }],
          })
          .withResponse();
        expect(response.headers.get('x-agent-portal-cache')).toBeNull();
      }
      expect(fake.received).toHaveLength(before + 2);
      expect(await models.knex(ENTRIES).select()).toHaveLength(0);
    });

    it('gives an answer again, whole and streamed, and books what it saved', async () => {
      const first = await ask('What is VAT?', { mode: 'exact' });
      expect(first).toMatchObject({ cache: 'miss', cost: String(COST) });
      await remembered();
      const calls = fake.received.length;

      const second = await ask(' What  is VAT?', { mode: 'exact' });
      expect(second).toMatchObject({
        text: 'Hello there',
        cache: 'exact',
        cost: '0',
        age: '0',
        reason: expect.stringContaining('Answered from memory'),
      });
      const stream = await openai()
        .chat.completions.create(
          {
            model: 'fake/good',
            messages: [{ role: 'user', content: 'What is VAT?' }],
            stream: true,
            stream_options: { include_usage: true },
          },
          wanting('exact'),
        )
        .withResponse();
      expect(stream.response.headers.get('x-agent-portal-cache')).toBe('exact');
      let text = '';
      let usage: unknown;
      for await (const chunk of stream.data) {
        text += chunk.choices[0]?.delta.content ?? '';
        usage = chunk.usage ?? usage;
      }
      expect(text).toBe('Hello there');
      expect(usage).toMatchObject({ total_tokens: 0, cost_nano_usd: 0 });
      expect(fake.received).toHaveLength(calls);

      const row = await lastCall(models, second.callId);
      expect(row).toMatchObject({
        status: 'succeeded',
        model: 'fake/good',
        costNanoUsd: 0,
        userRef: 'user:default/dana',
      });
      const stored = await models
        .knex('model_calls')
        .where('id', 'like', `${second.callId}-%`);
      expect(stored).toHaveLength(1);
      expect(Number(stored[0].saved_by_cache_nano_usd)).toBe(COST);
    });

    it('remembers a stream, too', async () => {
      const stream = await openai().chat.completions.create(
        {
          model: 'fake/good',
          messages: [{ role: 'user', content: 'What is a form?' }],
          stream: true,
        },
        wanting('exact'),
      );
      for await (const _ of stream);
      await remembered();
      expect(await ask('What is a form?')).toMatchObject({
        cache: 'exact',
        text: 'Hello',
      });
    });

    it('does not remember what was cut', async () => {
      const stream = await openai().chat.completions.create(
        {
          model: 'fake/cut',
          messages: [{ role: 'user', content: 'What is a form?' }],
          stream: true,
        },
        wanting('exact'),
      );
      await expect(
        (async () => {
          for await (const _ of stream);
        })(),
      ).rejects.toThrow();
      expect(
        await models.knex(ENTRIES).where({ model: 'fake/cut' }),
      ).toHaveLength(0);
    });

    it("speaks Anthropic's format", async () => {
      const model = 'fake/good';
      const body = {
        model,
        max_tokens: 50,
        messages: [{ role: 'user' as const, content: 'What is a permit?' }],
      };
      const first = await anthropic().messages.create(body, wanting('exact'));
      await remembered();
      const calls = fake.received.length;
      const { data, response } = await anthropic()
        .messages.create(body, wanting('exact'))
        .withResponse();
      expect(response.headers.get('x-agent-portal-cache')).toBe('exact');
      expect(data.content).toEqual([
        expect.objectContaining({
          type: 'text',
          text: (first.content[0] as Anthropic.TextBlock).text,
        }),
      ]);
      expect(data.stop_reason).toBe('end_turn');
      const streamed = await anthropic()
        .messages.stream(body, wanting('exact'))
        .finalMessage();
      expect(streamed.content[0]).toMatchObject({
        text: (first.content[0] as Anthropic.TextBlock).text,
      });
      expect(fake.received).toHaveLength(calls);
    });

    it('never remembers a call of a tool', async () => {
      const body = {
        model: 'claude/claude-fake',
        max_tokens: 50,
        messages: [{ role: 'user' as const, content: 'What is a pass?' }],
      };
      for (let i = 0; i < 2; i += 1) {
        const { response } = await anthropic()
          .messages.create(body, wanting('exact'))
          .withResponse();
        expect(response.headers.get('x-agent-portal-cache')).toBe('miss');
      }
    });

    it('speaks the Responses format', async () => {
      const body = { model: 'fake/good', input: 'What is a lease?' };
      await openai().responses.create(body, wanting('exact'));
      await remembered();
      const { data, response } = await openai()
        .responses.create(body, wanting('exact'))
        .withResponse();
      expect(response.headers.get('x-agent-portal-cache')).toBe('exact');
      expect(data.output_text).toBe('Hello there');
      let streamed = '';
      for await (const event of await openai().responses.create(
        { ...body, stream: true },
        wanting('exact'),
      )) {
        streamed +=
          event.type === 'response.output_text.delta' ? event.delta : '';
      }
      expect(streamed).toBe('Hello there');
    });

    it('knows a question in other words by its words, and says so', async () => {
      await ask('How do I cancel an order?');
      await remembered();
      const hit = await ask('Please tell me how to cancel an order.');
      expect(hit.cache).toMatch(
        /^semantic; similarity=[01]\.\d\d; embedding=lexical$/,
      );
      expect(hit.reason).toContain('lexical');
      expect(await ask('How do I cancel an invoice?')).toMatchObject({
        cache: 'miss',
      });
      expect(
        await ask('How can I cancel an order?', { mode: 'exact' }),
      ).toMatchObject({ cache: 'miss' });
    });

    it('keeps people apart, and what makes a difference', async () => {
      await ask('What is a bond?');
      await remembered();
      const finn = openai('user:default/finn');
      expect(await ask('What is a bond?', { client: finn })).toMatchObject({
        cache: 'miss',
      });
      await remembered(2);
      expect(
        await ask('What is a bond?', { body: { max_tokens: 7 } }),
      ).toMatchObject({ cache: 'miss' });
      expect(
        await ask('What is a bond?', { body: { temperature: 1 } }),
      ).toMatchObject({ cache: 'bypass; reason=temperature' });
      expect(await ask('What is the weather today?')).toMatchObject({
        cache: 'bypass; reason=time-dependent',
      });
    });

    it('lets people share through an agent that says so, whose owner may purge', async () => {
      const as = async (user: string) =>
        new OpenAI({
          baseURL: `${models.url}/openai/v1`,
          apiKey: await models.tokenOfRun('agent:default/glossary', user),
          maxRetries: 0,
        });
      const asked = async (user: string, headers = {}) =>
        (await as(user)).chat.completions
          .create(
            {
              model: 'balanced',
              messages: [{ role: 'user', content: 'What is a quote?' }],
            },
            { headers },
          )
          .withResponse()
          .then(({ response }) => response.headers.get('x-agent-portal-cache'));
      expect(await asked('user:default/dana')).toBe('miss');
      await remembered();
      expect(await asked('user:default/finn')).toBe('exact');
      expect(
        await asked('user:default/finn', { 'x-agent-portal-cache': 'off' }),
      ).toBeNull();
      const { body } = await models.get(
        '/cache?agentRef=agent:default/glossary',
      );
      expect(body).toMatchObject({
        embeddings: 'lexical',
        totals: { entries: 1, hits: 1, savedNanoUsd: COST },
        items: [{ agentRef: 'agent:default/glossary', hits: 1 }],
      });
    });

    it('is found and forgotten by every process at once', async () => {
      await ask('What is a deed?');
      await remembered();
      const there = openai('user:default/dana', replica);
      expect(await ask('What is a deed?', { client: there })).toMatchObject({
        cache: 'exact',
        text: 'Hello there',
      });
      const response = await fetch(
        `${models.url}/cache?userRef=user:default/dana`,
        {
          method: 'DELETE',
          headers: {
            authorization: `Bearer ${mockCredentials.user.token(
              'user:default/dana',
            )}`,
          },
        },
      );
      expect(await response.json()).toEqual({ deleted: 1 });
      expect(await ask('What is a deed?', { client: there })).toMatchObject({
        cache: 'miss',
      });
    });

    it('accepts no older answer than the caller says', async () => {
      await ask('What is a lien?', {
        headers: { 'x-agent-portal-cache-ttl': '60' },
      });
      await remembered();
      const [row] = await models.knex(ENTRIES).orderBy('created_at', 'desc');
      expect(Number(row.expires_at) - Number(row.created_at)).toBe(60_000);
      await models
        .knex(ENTRIES)
        .update({ created_at: Number(row.created_at) - 30_000 });
      const ttl = (seconds: string) =>
        ask('What is a lien?', {
          headers: { 'x-agent-portal-cache-ttl': seconds },
        });
      expect((await ttl('40')).cache).toBe('exact');
      expect((await ttl('20')).cache).toBe('miss');
      await expect(ttl('soon')).rejects.toThrow(/whole number of seconds/);
      await expect(ask('What is a lien?', { mode: 'yes' })).rejects.toThrow(
        /off, exact or semantic/,
      );
    });

    it('keeps neither question nor answer in the open', async () => {
      await ask('What is a marzipan?');
      await remembered();
      const [row] = await models.knex(ENTRIES).orderBy('created_at', 'desc');
      const all = Object.values(row)
        .map(value =>
          Buffer.isBuffer(value) ? value.toString('latin1') : String(value),
        )
        .join('\n');
      expect(all).not.toMatch(/marzipan|Hello/);
      expect(row.answer[0]).toBe(1);
      // What was tampered with or moved is not an answer.
      await models
        .knex(ENTRIES)
        .where({ id: row.id })
        .update({ id: 'another-id' });
      expect(await ask('What is a marzipan?')).toMatchObject({ cache: 'miss' });
    });

    it('asks the model when memory is away', async () => {
      await models.knex.schema.renameTable(ENTRIES, 'away');
      try {
        expect(await ask('What is a lien?')).toMatchObject({
          cache: 'miss',
          text: 'Hello there',
        });
      } finally {
        await models.knex.schema.renameTable('away', ENTRIES);
      }
    });
  },
);
