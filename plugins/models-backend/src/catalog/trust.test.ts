import type { Entity } from '@backstage/catalog-model';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { createServiceFactory } from '@backstage/backend-plugin-api';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import { route, startModels, TRUSTED } from '../__testUtils__/startModels';

jest.setTimeout(60_000);

const STRANGER = {
  'backstage.io/managed-by-origin-location':
    'url:https://github.com/somebody/else/blob/main/all.yaml',
};
const FREE = {
  inputNanoUsdPerMillionTokens: 0,
  outputNanoUsdPerMillionTokens: 0,
};

function model(
  metadata: Entity['metadata'],
  spec: Record<string, unknown>,
): Entity {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Model',
    metadata: { namespace: 'default', ...metadata },
    spec: {
      type: 'chat',
      lifecycle: 'production',
      owner: 'group:default/strangers',
      ...spec,
    } as Entity['spec'],
  };
}

describe('what catalog entities of members state', () => {
  let fake: FakeProvider;
  let models: Awaited<ReturnType<typeof startModels>> | undefined;
  const auditor = mockServices.auditor.mock();
  const logger = mockServices.logger.mock();
  logger.child.mockReturnValue(logger);

  const start = async (entities: Entity[]) => {
    models = await startModels({
      fake,
      entities,
      features: [auditor.factory, logger.factory],
    });
    return models;
  };

  beforeEach(async () => {
    jest.clearAllMocks();
    auditor.createEvent.mockResolvedValue({
      success: async () => {},
      fail: async () => {},
    } as any);
    fake = await FakeProvider.create();
  });

  afterEach(async () => {
    await models?.stop();
    await fake.close();
  });

  it('sets neither the price nor the facts of a model that a provider lists', async () => {
    const { get, url } = await start([
      model(
        {
          name: 'free-lunch',
          annotations: STRANGER,
          title: 'Approved for personal data',
          description: 'And free.',
        },
        {
          provider: 'fake',
          modelId: 'good',
          price: FREE,
          contextWindow: 7,
          maxOutputTokens: 1,
          capabilities: ['vision'],
        },
      ),
    ]);
    const { body } = await get('/models/fake%2Fgood');
    expect(body).toMatchObject({
      ref: 'model:default/fake.good',
      contextWindow: 64_000,
      price: { inputNanoUsdPerMillionTokens: 1_000_000_000 },
    });
    expect(body.title).not.toContain('Approved');
    expect(body.description).toBeUndefined();
    expect(body.maxOutputTokens).not.toBe(1);
    expect(body.capabilities).not.toContain('vision');
    expect(body.ignored).toEqual([
      expect.stringMatching(
        /model:default\/free-lunch states price, context window, longest answer, capabilities of fake\/good, which is ignored: .*somebody.*trustedLocations/,
      ),
    ]);
    expect(logger.warn).toHaveBeenCalledWith(
      expect.stringContaining('model:default/free-lunch'),
    );
    const answer = await fetch(`${url}/openai/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${mockCredentials.user.token()}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        model: 'fake/good',
        messages: [{ role: 'user', content: 'Hello' }],
      }),
    });
    expect(answer.status).toBe(200);
    await answer.text();
    const { body: costs } = await get('/costs?groupBy=model');
    expect(costs.totals.costNanoUsd).toBeGreaterThan(0);
  });

  it('takes neither the name nor the kind of a model that a provider lists', async () => {
    const { get } = await start([
      model(
        { name: 'claude.claude-fake', annotations: STRANGER },
        { provider: 'fake', modelId: 'good' },
      ),
      model(
        { name: 'not-for-chat', annotations: STRANGER },
        { type: 'embedding', provider: 'claude', modelId: 'claude-fake' },
      ),
    ]);
    const { body } = await get(
      `/models/${encodeURIComponent('model:default/claude.claude-fake')}`,
    );
    expect(body).toMatchObject({ id: 'claude/claude-fake', type: 'chat' });
  });

  it('takes no calls that are meant for a route or a model', async () => {
    const evil = route('balanced', ['fake/broken']);
    Object.assign(evil.metadata, { namespace: 'evil', annotations: STRANGER });
    const { get } = await start([
      evil,
      // Whoever declares the model would be served by the route.
      route('claude.claude-fake', ['fake/broken']),
    ]);
    expect((await get('/routes/balanced')).body).toMatchObject({
      ref: 'model:default/balanced',
      candidates: [
        { id: 'fake/broken' },
        { id: 'fake/good' },
        { id: 'builtin/extractive' },
      ],
    });
    const byRef = async (ref: string) =>
      (await get(`/models/${encodeURIComponent(ref)}`)).body;
    expect(await byRef('model:default/balanced')).toMatchObject({
      id: 'balanced',
    });
    // It answers to its whole name.
    expect(await byRef('model:evil/balanced')).toMatchObject({
      id: 'model:evil/balanced',
      type: 'route',
    });
    expect(await byRef('model:default/claude.claude-fake')).toMatchObject({
      type: 'chat',
    });
    expect(logger.warn).toHaveBeenCalledWith(
      expect.stringContaining(
        'The route model:default/claude.claude-fake is ignored',
      ),
    );
  });

  it('takes no name that agents may ask for, but names in its own namespace', async () => {
    const squatting = { provider: 'fake', modelId: 'dearest' };
    const ofTeam = route('squatted', ['fake/good']);
    Object.assign(ofTeam.metadata, {
      namespace: 'evil',
      annotations: STRANGER,
    });
    const squatted = route('squatted', ['fake/broken']);
    squatted.metadata.annotations = STRANGER;
    const { get, url } = await start([
      model({ name: 'saved', annotations: STRANGER }, squatting),
      model({ name: 'free', annotations: STRANGER }, squatting),
      model(
        { name: 'own', namespace: 'evil', annotations: STRANGER },
        squatting,
      ),
      model({ name: 'ours', annotations: TRUSTED }, squatting),
      squatted,
      ofTeam,
    ]);
    const idOf = async (ref: string) =>
      (await get(`/models/${encodeURIComponent(ref)}`)).body.id;
    expect(await idOf('model:default/free')).toBeUndefined();
    expect(await idOf('model:default/squatted')).toBeUndefined();
    expect(await idOf('squatted')).toBeUndefined();
    expect(await idOf('model:evil/own')).toBe('fake/dearest');
    expect(await idOf('model:evil/squatted')).toBe('model:evil/squatted');
    expect(await idOf('model:default/ours')).toBe('fake/dearest');
    expect(logger.warn).toHaveBeenCalledWith(
      expect.stringMatching(
        /The route model:default\/squatted is ignored: .*trustedLocations/,
      ),
    );

    for (const name of ['saved', 'squatted']) {
      const saved = await fetch(`${url}/routes/${name}`, {
        method: 'PUT',
        headers: {
          authorization: `Bearer ${mockCredentials.user.token()}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({
          yaml: JSON.stringify(route(name, ['fake/good'])),
        }),
      });
      expect([saved.status, await saved.json()]).toMatchObject([
        200,
        { name, inCatalog: false, candidates: [{ id: 'fake/good' }] },
      ]);
      expect(await idOf(`model:default/${name}`)).toBe(name);
    }
  });

  it('is heard of by every process, not by one for all', async () => {
    const ids: string[] = [];
    const events = createServiceFactory({
      service: eventsServiceRef,
      deps: {},
      factory: () => ({
        publish: async () => {},
        subscribe: async ({ id }) => void ids.push(id),
      }),
    });
    for (const _replica of [1, 2]) {
      await models?.stop();
      models = await startModels({ fake, features: [events] });
    }
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(2);
  });

  it('counts from trusted locations, and a change of price is audited', async () => {
    const { get } = await start([
      model(
        { name: 'cheaper', annotations: TRUSTED },
        { provider: 'claude', modelId: 'claude-fake', price: FREE },
      ),
    ]);
    const { body } = await get('/models/claude%2Fclaude-fake/prices');
    expect(body.current.price.rates).toContainEqual({
      part: 'input',
      nanoUsdPerMillionTokens: 0,
    });
    expect(auditor.createEvent).toHaveBeenCalledWith(
      expect.objectContaining({
        eventId: 'model-price-change',
        meta: expect.objectContaining({ model: 'claude/claude-fake' }),
      }),
    );
  });
});
