import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  mockCredentials,
  mockServices,
  type TestDatabaseId,
} from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { CacheEntry } from '@agentportal/model-gateway';
import OpenAI from 'openai';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import { databases, startModels } from '../__testUtils__/startModels';
import { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import { AnswerSeal } from './AnswerSeal';
import { DatabaseCacheStore } from './DatabaseCacheStore';
import { pruneCache } from './pruneCache';
import { purge } from './purges';
import { ENTRIES } from './tables';

jest.setTimeout(120_000);

const digest = (name: string) => name.padEnd(43, '_');

function entry(over: Partial<CacheEntry> = {}): CacheEntry {
  return {
    partition: digest('partition'),
    question: digest(randomBytes(8).toString('hex')),
    model: 'fake/good',
    answer: { text: 'Hello' },
    costNanoUsd: 5,
    inputTokens: 1,
    outputTokens: 1,
    createdAt: 1_000,
    expiresAt: 10_000,
    madeFor: { agentRef: 'agent:default/a', userRef: 'user:default/dana' },
    ...over,
  };
}

async function storeOn(
  databaseId: TestDatabaseId,
  options: { secret?: string; maxPerPartition?: number } = {},
) {
  const db = await databases.init(databaseId);
  await DatabaseCallLedger.create(mockServices.database({ knex: db }));
  const create = (secret = options.secret ?? 'any') =>
    new DatabaseCacheStore({
      db,
      seal: new AnswerSeal(secret),
      maxPerPartition: options.maxPerPartition ?? 100,
      memoryBytes: 100_000,
    });
  return { db, create, store: create() };
}

describe.each(databases.eachSupportedId())('DatabaseCacheStore on %s', id => {
  it('never brings back what was purged while the answer was made', async () => {
    const { db, store } = await storeOn(id);
    const key = entry({ question: digest('q') });
    const { mark } = await store.find(key, 2_000);
    await purge(db, { agentRef: 'agent:default/b' }, 2_000);
    await store.put(key, mark);
    expect((await store.find(key, 2_000)).candidates).toHaveLength(1);

    const purges = [
      { agentRef: 'agent:default/a' },
      { userRef: 'user:default/dana' },
      {},
    ];
    for (const scope of purges) {
      const seen = (await store.find(key, 2_000)).mark;
      await purge(db, scope, 2_000);
      await store.put(key, seen);
      expect((await store.find(key, 2_000)).candidates).toHaveLength(0);
      expect(await db(ENTRIES).select()).toHaveLength(0);
      const { mark: now } = await store.find(key, 2_000);
      await store.put(key, now);
      expect((await store.find(key, 2_000)).candidates).toHaveLength(1);
    }
  });

  it('is never overtaken by purges that race with it', async () => {
    const { db, store } = await storeOn(id);
    for (let round = 0; round < 20; round += 1) {
      const key = entry({ question: digest(`race ${round}`) });
      const { mark } = await store.find(key, 2_000);
      await Promise.all([
        store.put(key, mark),
        purge(db, { agentRef: 'agent:default/a' }, 2_000),
      ]);
      expect((await store.find(key, 2_000)).candidates).toHaveLength(0);
    }
  });

  it('opens nothing with another secret', async () => {
    const { create, store } = await storeOn(id, { secret: 'one' });
    const key = entry({
      bucket: digest('b'),
      embedding: Float32Array.of(0.6, 0.8),
    });
    await store.put(key, 0);
    const asked = { ...key, question: digest('other') };
    const same = create();
    const found = (await same.find(asked, 2_000)).candidates;
    expect(found[0].embedding).toEqual(Float32Array.of(0.6, 0.8));
    expect(await same.answer(found[0].id)).toEqual({ text: 'Hello' });
    const other = create('another');
    const [blind] = (await other.find(asked, 2_000)).candidates;
    expect(blind.embedding).toBeUndefined();
    expect(await other.answer(blind.id)).toBeUndefined();
  });

  it('keeps one answer to a question and not too many of a partition', async () => {
    const { db, store } = await storeOn(id, { maxPerPartition: 3 });
    await store.put(entry({ question: digest('q') }), 0);
    await store.put(entry({ question: digest('q'), createdAt: 1_001 }), 0);
    expect(await db(ENTRIES).select()).toHaveLength(1);
    for (let i = 0; i < 5; i += 1) {
      await store.put(entry({ createdAt: 2_000 + i }), 0);
    }
    expect(await db(ENTRIES).select()).toHaveLength(3);
  });

  it('forgets what has expired, and the stalest of too much', async () => {
    const { db, store } = await storeOn(id);
    const expired = entry({ expiresAt: 1_500 });
    await store.put(expired, 0);
    for (let i = 0; i < 4; i += 1) {
      await store.put(entry({ createdAt: 1_000 + i }), 0);
    }
    expect((await store.find(expired, 1_499)).candidates).toHaveLength(1);
    expect((await store.find(expired, 1_500)).candidates).toHaveLength(0);
    expect(await pruneCache(db, { now: 2_000, maxEntries: 3 })).toBe(2);
    const left = await db(ENTRIES).orderBy('created_at').pluck('created_at');
    expect(left.map(Number)).toEqual([1_001, 1_002, 1_003]);
  });
});

describe('the answer cache of a portal', () => {
  let fake: FakeProvider;
  let models: Awaited<ReturnType<typeof startModels>> | undefined;

  beforeAll(async () => {
    fake = await FakeProvider.create();
  });

  afterEach(async () => {
    await models?.stop();
    models = undefined;
  });

  afterAll(async () => {
    await fake.close();
  });

  const ask = async (question: string) => {
    const client = new OpenAI({
      baseURL: `${models!.url}/openai/v1`,
      apiKey: mockCredentials.user.token(),
      maxRetries: 0,
    });
    const { response } = await client.chat.completions
      .create(
        { model: 'fake/good', messages: [{ role: 'user', content: question }] },
        { headers: { 'x-agent-portal-cache': 'semantic' } },
      )
      .withResponse();
    return response.headers;
  };
  const settled = async (count: number) => {
    for (;;) {
      const rows = await models!.knex(ENTRIES).where('expires_at', '>', 0);
      if (rows.length >= count) {
        return;
      }
      await sleep(10);
    }
  };

  it('compares by an embedding model, books it, and guards even against the same vector', async () => {
    models = await startModels({
      fake,
      models: { cache: { embeddingModel: 'fake/text-embedding-good' } },
    });
    await ask('How do I rename a folder?');
    await settled(1);
    const hit = await ask('How do I relabel a directory?');
    expect(hit.get('x-agent-portal-cache')).toBe(
      'semantic; similarity=1.00; embedding=fake/text-embedding-good',
    );
    const { body } = await models.get('/calls?limit=100');
    const embedded = body.items.filter(
      (call: any) => call.model === 'fake/text-embedding-good',
    );
    expect(embedded).toHaveLength(2);
    expect(embedded[0]).toMatchObject({
      userRef: mockCredentials.user().principal.userEntityRef,
      callId: hit.get('x-agent-portal-call-id'),
      status: 'succeeded',
      attempt: 0,
    });
    // The fake's vectors are all the same, so likeness alone would take these.
    for (const other of [
      'How do I rename 2 folders?',
      'How do I not rename a folder?',
      'Why do I rename a folder?',
      'How do I rename a folder in Norway?',
    ]) {
      expect((await ask(other)).get('x-agent-portal-cache')).toBe('miss');
    }
  });

  it('remembers what a provider said in its own format', async () => {
    models = await startModels({
      fake,
      models: {
        providers: [
          {
            id: 'fake',
            type: 'openai',
            baseUrl: `${fake.url}/v1`,
            apiKey: 'sk-test-secret',
            responses: true,
          },
          {
            id: 'claude',
            type: 'anthropic',
            baseUrl: `${fake.url}/anthropic`,
            apiKey: 'sk-ant-secret',
          },
        ],
      },
    });
    const client = new OpenAI({
      baseURL: `${models.url}/openai/v1`,
      apiKey: mockCredentials.user.token(),
      maxRetries: 0,
    });
    const body = { model: 'fake/good', input: 'What is a lease?' };
    const wish = { headers: { 'x-agent-portal-cache': 'exact' } };
    const first = await client.responses.create(body, wish);
    expect(fake.last.path).toBe('/v1/responses');
    await settled(1);
    const calls = fake.received.length;
    const { data, response } = await client.responses
      .create(body, wish)
      .withResponse();
    expect(response.headers.get('x-agent-portal-cache')).toBe('exact');
    expect(data.output_text).toBe(first.output_text);
    expect(fake.received).toHaveLength(calls);
  });

  it('can be switched off for all', async () => {
    models = await startModels({ fake, models: { cache: { enabled: false } } });
    expect((await ask('What is VAT?')).get('x-agent-portal-cache')).toBeNull();
  });

  it('lets nobody but owners and administrators make it forget', async () => {
    const denied: string[] = [];
    models = await startModels({
      fake,
      features: [
        mockServices.permissions.mock({
          authorizeConditional: async queries =>
            queries.map(({ permission }) => ({
              result:
                permission.name === 'models.cost.read'
                  ? AuthorizeResult.DENY
                  : AuthorizeResult.ALLOW,
            })),
          authorize: async queries =>
            queries.map(({ permission }) => {
              denied.push(permission.name);
              return { result: AuthorizeResult.DENY };
            }),
        }).factory,
        mockServices.userInfo.mock({
          getUserInfo: async () => ({
            userEntityRef: 'user:default/mock',
            ownershipEntityRefs: ['user:default/mock', 'group:default/care'],
          }),
        }).factory,
      ],
    });
    const purgeOf = async (query: string) => {
      const response = await fetch(`${models!.url}/cache?${query}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${mockCredentials.user.token()}` },
      });
      return response.status;
    };
    expect(await purgeOf('all=true')).toBe(403);
    expect(await purgeOf('userRef=user:default/somebody')).toBe(403);
    expect(await purgeOf('agentRef=agent:default/ghost')).toBe(403);
    expect(denied).toContain('models.cache.purge');
    expect(await purgeOf('userRef=user:default/mock')).toBe(200);
    expect(await purgeOf('agentRef=agent:default/order-help')).toBe(200);
    for (const bad of [
      'agentRef=-1',
      'agentRef=agent:default/%F0%9F%98%80',
      'agentRef=a:b:c',
      'agentRef=user:default/mock',
      'userRef=%2F',
    ]) {
      expect([bad, await purgeOf(bad)]).toEqual([bad, 400]);
    }
    expect(await purgeOf('')).toBe(400);
    expect(await purgeOf('all=true&userRef=user:default/mock')).toBe(400);
    expect((await models.get('/cache')).status).toBe(403);
  });
});
