import { setTimeout as sleep } from 'node:timers/promises';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { failureOf, lastCall } from '../__testUtils__/calls';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import { keyRequests } from '../__testUtils__/keyRequests';
import { databases, startModels } from '../__testUtils__/startModels';
import { digestOf } from './secrets';
import { KEY_CHANGES, KEYS, SECRETS } from './tables';

jest.setTimeout(120_000);

const DAY_MS = 86_400_000;
const messages = [{ role: 'user' as const, content: 'Hello' }];

const DANA = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'User',
  metadata: { name: 'dana', namespace: 'default' },
  spec: { memberOf: [] },
};

describe.each(databases.eachSupportedId())('keys on %s', databaseId => {
  let fake: FakeProvider;
  let models: Awaited<ReturnType<typeof startModels>>;
  let other: Awaited<ReturnType<typeof startModels>>;
  let here: ReturnType<typeof keyRequests>;
  let there: ReturnType<typeof keyRequests>;

  beforeAll(async () => {
    fake = await FakeProvider.create();
    models = await startModels({ fake, databaseId, entities: [DANA] });
    // As another process would, on the same database.
    other = await startModels({ fake, knex: models.knex });
    here = keyRequests(models.url);
    there = keyRequests(other.url);
  });

  afterAll(async () => {
    await other?.stop();
    await models?.stop();
    await fake?.close();
  });

  it('lets a program call with the official clients, on the account of its key', async () => {
    const { key, secret } = await here.create({
      models: ['fake/good', 'claude/claude-fake'],
      systemRef: 'system:default/orders',
    });
    const openai = new OpenAI({
      baseURL: `${models.url}/openai/v1`,
      apiKey: secret,
      maxRetries: 0,
    });
    const { data, response } = await openai.chat.completions
      .create({ model: 'fake/good', messages })
      .withResponse();
    expect(data.choices[0].message.content).toBe('Hello there');
    const callId = response.headers.get('x-agent-portal-call-id');
    const call = await lastCall(models, callId);
    expect(call).toMatchObject({
      ownerRef: 'group:default/care',
      systemRef: 'system:default/orders',
      domainRef: 'domain:default/commerce',
    });
    expect(call.userRef).toBeUndefined();

    const anthropic = new Anthropic({
      baseURL: `${models.url}/anthropic`,
      apiKey: secret,
      maxRetries: 0,
    });
    const message = await anthropic.messages.create({
      model: 'claude/claude-fake',
      max_tokens: 50,
      messages,
    });
    expect(message.role).toBe('assistant');

    const costs = await models.get(
      `/costs?groupBy=key&keyId=${key.id}&from=2020-01-01`,
    );
    expect(costs.body.items).toEqual([
      expect.objectContaining({ key: key.id, calls: 2 }),
    ]);
    const { body } = await here.send('GET', `/keys/${key.id}`);
    expect(body.month).toEqual({
      calls: 2,
      costNanoUsd: costs.body.totals.costNanoUsd,
    });
    expect(body.lastUsedOn).toBe(new Date().toISOString().slice(0, 10));
    const listed = await openai.models.list();
    expect(listed.data.map(model => model.id).sort()).toEqual([
      // As a route, of what the key may use.
      'balanced',
      'claude/claude-fake',
      'fake/good',
    ]);
  });

  it('shows a secret once, and nothing else ever tells it or its digest', async () => {
    const { key, secret } = await here.create();
    expect((await here.chat(secret)).status).toBe(200);
    const rotated = await here.send('POST', `/keys/${key.id}/rotate`, {});
    const answers = [
      rotated,
      await here.send('GET', `/keys/${key.id}`),
      await here.send('GET', '/keys'),
      await here.send('GET', `/keys/${key.id}/history`),
      await here.send('PATCH', `/keys/${key.id}`, { title: 'Weekly report' }),
      await here.send('POST', `/keys/${key.id}/revoke`),
    ].map(answer => answer.text);
    const secrets = [secret, rotated.body.secret];
    for (const told of [...secrets.map(digestOf), secret]) {
      expect(answers.join()).not.toContain(told);
    }
    expect(answers.slice(1).join()).not.toContain(rotated.body.secret);
    for (const table of [KEYS, SECRETS, KEY_CHANGES]) {
      const stored = JSON.stringify(await models.knex(table));
      for (const each of secrets) {
        expect(stored).not.toContain(each.slice(20, 60));
      }
    }
  });

  it('takes the old secret beside the new one for as long as was said', async () => {
    const { key, secret } = await here.create();
    const { body } = await here.send('POST', `/keys/${key.id}/rotate`, {
      overlapSeconds: 2,
    });
    expect(body.key.secrets).toHaveLength(2);
    expect(body.key.secrets[0].endsAt).toBeUndefined();
    expect(Date.parse(body.key.secrets[1].endsAt)).toBeGreaterThan(Date.now());
    expect((await there.chat(secret)).status).toBe(200);
    expect((await there.chat(body.secret)).status).toBe(200);
    await sleep(Date.parse(body.key.secrets[1].endsAt) - Date.now() + 10);
    const late = await there.chat(secret);
    expect(late.status).toBe(401);
    expect(late.body.error.message).toContain('replaced by a newer one');
    expect((await there.chat(body.secret)).status).toBe(200);

    const again = await here.send('POST', `/keys/${key.id}/rotate`, {
      overlapSeconds: 0,
    });
    expect(again.body.key.secrets).toHaveLength(1);
    expect((await here.chat(body.secret)).status).toBe(401);
    expect((await here.chat(again.body.secret)).status).toBe(200);
  });

  it('refuses a revoked key in every process within a second', async () => {
    const { key, secret } = await here.create();
    expect((await there.chat(secret)).status).toBe(200);
    const { status } = await here.send('POST', `/keys/${key.id}/revoke`);
    const revokedAt = performance.now();
    expect(status).toBe(200);
    expect((await here.chat(secret)).status).toBe(401);
    // The other process is kept busy, as it is under load.
    let lastAccepted = revokedAt;
    let refused;
    for (;;) {
      const asked = performance.now();
      refused = await there.chat(secret);
      if (refused.status !== 200) {
        break;
      }
      lastAccepted = asked;
      await sleep(20);
    }
    expect(lastAccepted - revokedAt).toBeLessThan(1_000);
    expect(refused).toMatchObject({
      status: 401,
      body: { error: { code: 'invalid_api_key' } },
    });
    expect(refused.body.error.message).toMatch(
      /revoked on \d{4}-\d\d-\d\d by user:default\/mock/,
    );
    const rotated = await here.send('POST', `/keys/${key.id}/rotate`, {});
    expect(rotated.status).toBe(409);
  });

  it('refuses what is expired, unknown or not whole, with words', async () => {
    const { key, secret } = await here.create({
      expiresAt: new Date(Date.now() + 1_500).toISOString(),
    });
    expect(key.state).toBe('expiring');
    expect((await here.chat(secret)).status).toBe(200);
    await sleep(1_600);
    const expired = await here.chat(secret);
    expect(expired.status).toBe(401);
    expect(expired.body.error.message).toMatch(/expired on \d{4}/);
    expect((await here.send('GET', `/keys/${key.id}`)).body.state).toBe(
      'expired',
    );

    const cut = await here.chat(secret.slice(0, -3));
    expect(cut.status).toBe(401);
    expect(cut.body.error.message).toContain('cut off');

    await models.knex(SECRETS).where({ key_id: key.id }).delete();
    await models.knex(KEYS).where({ id: key.id }).delete();
    const unknown = await there.chat(secret);
    expect(unknown.status).toBe(401);
    expect(unknown.body.error.message).toContain('no such key');
    const failure = await failureOf(
      new OpenAI({
        baseURL: `${models.url}/openai/v1`,
        apiKey: 'ap_not-a-key',
        maxRetries: 0,
      }).models.list(),
    );
    expect(failure.status).toBe(401);
  });

  it('opens the models of a key and no others', async () => {
    const { key, secret } = await here.create({ models: ['balanced'] });
    expect((await here.chat(secret, 'balanced')).status).toBe(200);
    const direct = await here.chat(secret, 'fake/good');
    expect(direct.status).toBe(403);
    expect(direct.body.error.message).toContain('is for balanced');

    await here.send('PATCH', `/keys/${key.id}`, {
      models: ['model:default/fake.good'],
    });
    expect((await here.chat(secret, 'fake/good')).status).toBe(200);
    expect((await here.chat(secret, 'fake/tools')).status).toBe(403);
    const history = await here.send('GET', `/keys/${key.id}/history`);
    expect(history.body.items[0]).toMatchObject({
      action: 'updated',
      by: 'user:default/mock',
      details: { models: { before: ['balanced'], after: ['fake/good'] } },
    });

    const all = await here.create({ models: ['*'] });
    expect((await here.chat(all.secret, 'fake/tools')).status).toBe(200);
  });

  it('holds the calls of a key to the budget that was made with it', async () => {
    const { key, secret } = await here.create({
      budget: { window: 'day', limitNanoUsd: 1 },
    });
    const refused = await here.chat(secret);
    expect(refused.status).toBe(402);
    expect(refused.body.error.budget).toMatchObject({
      scope: { type: 'key', ref: key.id },
      contactRef: 'group:default/care',
    });
    const { body } = await here.send(
      'GET',
      `/budgets?scopeType=key&scopeRef=${key.id}`,
    );
    expect(body.items[0].ownerRefs).toEqual(['group:default/care']);
  });

  it('lists keys by state, owner and words, page by page', async () => {
    await models.knex(KEYS).delete();
    const made: string[] = [];
    for (const title of ['One 50%', 'Two', 'Three']) {
      made.push((await here.create({ title })).key.id);
    }
    const finance = await here.create({ ownerRef: 'group:default/finance' });
    await here.send('POST', `/keys/${made[1]}/revoke`);
    const soon = new Date(Date.now() + 3 * DAY_MS).toISOString();
    await here.send('PATCH', `/keys/${made[0]}`, { expiresAt: soon });

    const ids = async (query: string) =>
      (await here.send('GET', `/keys?${query}`)).body.items.map(
        (key: any) => key.id,
      );
    expect(await ids('')).toEqual([finance.key.id, ...made.toReversed()]);
    expect(await ids('state=revoked')).toEqual([made[1]]);
    expect(await ids('state=expiring')).toEqual([made[0]]);
    expect(await ids('state=active')).toEqual([finance.key.id, made[2]]);
    expect(await ids('ownerRef=group:default/finance')).toEqual([
      finance.key.id,
    ]);
    expect(await ids(`id=${made[2]}`)).toEqual([made[2]]);
    expect(await ids(`id=${made[0]}&id=${made[2]}`)).toEqual([
      made[2],
      made[0],
    ]);
    expect(await ids('q=50%25')).toEqual([made[0]]);
    expect(await ids('q=three%20care')).toEqual([made[2]]);
    const first = await here.send('GET', '/keys?limit=3');
    expect(first.body.items).toHaveLength(3);
    expect(await ids(`limit=3&cursor=${first.body.nextCursor}`)).toEqual([
      made[0],
    ]);
  });

  it('says what is wrong with a key that cannot be made', async () => {
    const refused = async (key: object) => {
      const { body, status } = await here.send('POST', '/keys', {
        title: 'Wrong',
        ownerRef: 'group:default/care',
        models: ['fake/good'],
        ...key,
      });
      return `${status} ${body.error?.message}`;
    };
    expect(await refused({ models: ['fake/ghost'] })).toMatch(
      /400 There is no model or route fake\/ghost/,
    );
    expect(await refused({ models: [] })).toMatch(/^400/);
    expect(await refused({ models: ['*', 'fake/good'] })).toMatch(
      /400 .*leave the others out/,
    );
    expect(await refused({ ownerRef: 'group:default/ghost' })).toMatch(
      /400 The catalog has no group:default\/ghost/,
    );
    expect(await refused({ ownerRef: 'system:default/orders' })).toMatch(
      /400 .*must be a group or a user/,
    );
    expect(await refused({ expiresAt: null })).toMatch(
      /400 Every key expires here/,
    );
    const far = new Date(Date.now() + 400 * DAY_MS).toISOString();
    expect(await refused({ expiresAt: far })).toMatch(/400 .*365 days at most/);
    expect(await refused({ expiresAt: 'tomorrow' })).toMatch(/^400/);
  });

  it('books what a key of a person spends on that person too, whose limits it keeps to', async () => {
    const { secret } = await here.create({ ownerRef: 'user:default/dana' });
    const { callId } = await here.chat(secret);
    expect(await lastCall(models, callId)).toMatchObject({
      ownerRef: 'user:default/dana',
      userRef: 'user:default/dana',
    });
  });
});
