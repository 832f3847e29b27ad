import { RUN_STEP_HEADER } from '@agentportal/plugin-agents-node';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import {
  AuthorizeResult,
  type ConditionalPolicyDecision,
} from '@backstage/plugin-permission-common';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import { startModels } from '../__testUtils__/startModels';
import { modelConditions } from './rules';

jest.setTimeout(60_000);

describe('access to models', () => {
  let fake: FakeProvider;
  let models: Awaited<ReturnType<typeof startModels>>;

  beforeAll(async () => {
    fake = await FakeProvider.create();
  });

  afterEach(async () => {
    await models?.stop();
  });

  afterAll(async () => {
    await fake.close();
  });

  async function chat(
    model: string,
    options: { token?: string; headers?: Record<string, string> } = {},
  ) {
    const response = await fetch(`${models.url}/openai/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${
          options.token ?? mockCredentials.user.token('user:default/dana')
        }`,
        ...options.headers,
      },
      body: JSON.stringify({
        model,
        messages: [{ role: 'user', content: 'Hello' }],
      }),
    });
    return { status: response.status, body: await response.json() };
  }

  it('books a run on its agent, owner, system, domain and person', async () => {
    models = await startModels({ fake });
    const { status } = await chat('model:default/balanced', {
      token: await models.tokenOfRun('agent:default/order-help'),
      headers: { [RUN_STEP_HEADER]: '2' },
    });
    expect(status).toBe(200);
    const { body } = await models.get('/calls?runId=run-1&limit=1');
    expect(body.items[0]).toMatchObject({
      agentRef: 'agent:default/order-help',
      ownerRef: 'group:default/care',
      systemRef: 'system:default/orders',
      domainRef: 'domain:default/commerce',
      userRef: 'user:default/dana',
      runId: 'run-1',
      step: 2,
      route: 'balanced',
      model: 'fake/good',
    });
  });

  it('charges an owner, a system and a domain for an agent only where somebody who speaks for them let it in', async () => {
    const owned = (name: string, kind: string, ...relations: string[][]) => ({
      apiVersion: 'backstage.io/v1alpha1',
      kind,
      metadata: { name, namespace: 'default' },
      spec: { owner: 'group:default/finance' },
      relations: relations.map(([type, targetRef]) => ({ type, targetRef })),
    });
    const stranger = {
      ...owned(
        'stranger',
        'Agent',
        ['ownedBy', 'group:default/finance'],
        ['partOf', 'system:default/books'],
      ),
      apiVersion: 'agentportal.dev/v1alpha1',
      spec: {
        type: 'assistant',
        lifecycle: 'production',
        autonomy: 'supervised',
        owner: 'group:default/finance',
        model: 'model:default/balanced',
      },
    };
    models = await startModels({
      fake,
      entities: [
        stranger,
        {
          ...stranger,
          metadata: { name: 'guest', namespace: 'default' },
          spec: { ...stranger.spec, owner: 'group:default/care' },
          relations: [
            { type: 'ownedBy', targetRef: 'group:default/care' },
            { type: 'partOf', targetRef: 'system:default/books' },
          ],
        },
        owned(
          'books',
          'System',
          ['ownedBy', 'group:default/finance'],
          ['partOf', 'domain:default/commerce'],
        ),
        owned('commerce', 'Domain', ['ownedBy', 'group:default/board']),
        owned('fin', 'User', ['memberOf', 'group:default/finance']),
        owned('cara', 'User', ['memberOf', 'group:default/care']),
      ],
    });
    const bookedOn = async (name: string, personRef: string) => {
      const token = await models.tokenOfRun(`agent:default/${name}`, personRef);
      expect((await chat('model:default/balanced', { token })).status).toBe(
        200,
      );
      const { body } = await models.get('/calls?limit=1');
      const { agentRef, ownerRef, systemRef, domainRef, userRef } =
        body.items[0];
      expect([agentRef, userRef]).toEqual([`agent:default/${name}`, personRef]);
      return { ownerRef, systemRef, domainRef };
    };
    expect(await bookedOn('stranger', 'user:default/dana')).toEqual({});
    expect(await bookedOn('stranger', 'user:default/fin')).toEqual({
      ownerRef: 'group:default/finance',
      systemRef: 'system:default/books',
    });
    expect(await bookedOn('guest', 'user:default/cara')).toEqual({
      ownerRef: 'group:default/care',
    });
    expect(await bookedOn('order-help', 'user:default/dana')).toEqual({
      ownerRef: 'group:default/care',
      systemRef: 'system:default/orders',
      domainRef: 'domain:default/commerce',
    });
  });

  it('believes no header about who calls', async () => {
    models = await startModels({ fake });
    await chat('fake/good', {
      headers: {
        'x-agent-portal-agent': 'agent:default/order-help',
        'x-agent-portal-run': 'run-1',
        [RUN_STEP_HEADER]: '2',
      },
    });
    const { body } = await models.get('/calls');
    expect(body.items).toHaveLength(1);
    expect(body.items[0].agentRef).toBeUndefined();
    expect(body.items[0].runId).toBeUndefined();
  });

  it('keeps an agent to the models that it declares', async () => {
    models = await startModels({ fake });
    const refused = await chat('fake/tools', {
      token: await models.tokenOfRun('agent:default/order-help'),
    });
    expect(refused.status).toBe(403);
    expect(refused.body.error).toMatchObject({
      code: 'access_denied',
      message: expect.stringContaining('spec.model'),
    });
    const unknown = await chat('fake/good', {
      token: mockCredentials.user.token('agent:default/ghost'),
    });
    expect(unknown.status).toBe(403);
    expect(unknown.body.error.message).toContain('The catalog has no agent');
  });

  it('ends with the delegation', async () => {
    models = await startModels({ fake });
    const { client, by } = models.identities;
    const personRef = 'user:default/dana';
    const delegation = await client.createDelegation(
      {
        agentRef: 'agent:default/order-help',
        personRef,
        startedBy: personRef,
        taskId: 'run-2',
        expiresAt: new Date(Date.now() + 600_000).toISOString(),
      },
      by,
    );
    const token = mockCredentials.user.token(delegation.ref);
    expect((await chat('balanced', { token })).status).toBe(200);
    await client.endDelegation(delegation.id, 'The lead stopped it.', by);
    const deadline = Date.now() + 5_000;
    let answer = await chat('balanced', { token });
    while (answer.status === 200 && Date.now() < deadline) {
      answer = await chat('balanced', { token });
    }
    expect(answer).toMatchObject({
      status: 403,
      body: { error: { code: 'access_denied' } },
    });
    expect(answer.body.error.message).toContain('The lead stopped it.');
  });

  it('applies the conditions of the policy to each candidate', async () => {
    const decision: ConditionalPolicyDecision = {
      result: AuthorizeResult.CONDITIONAL,
      pluginId: 'models',
      resourceType: 'models-model',
      conditions: modelConditions.hasProvider({
        providers: ['builtin', 'route', 'claude'],
      }),
    };
    models = await startModels({
      fake,
      features: [
        mockServices.permissions.mock({
          authorizeConditional: async queries =>
            queries.map(({ permission }) =>
              permission.name === 'models.cost.read'
                ? { result: AuthorizeResult.DENY }
                : decision,
            ),
        }).factory,
      ],
    });
    const direct = await chat('fake/good');
    expect(direct.status).toBe(403);
    expect(direct.body.error.message).toContain('permission policy');
    expect((await chat('balanced')).status).toBe(200);
    const { body } = await models.get('/models');
    expect(body.items.map((model: any) => model.provider)).not.toContain(
      'fake',
    );
    expect((await models.get('/models/fake%2Fgood')).status).toBe(404);
    expect((await models.get('/costs?groupBy=agent')).status).toBe(403);
    expect((await models.get('/calls')).status).toBe(403);
  });

  it('answers 503, never 401, when its own parts fail', async () => {
    models = await startModels({
      fake,
      features: [
        mockServices.permissions.mock({
          authorizeConditional: async queries => {
            if (queries[0].permission.name === 'models.model.use') {
              throw new Error('policy backend is down');
            }
            return [{ result: AuthorizeResult.ALLOW }];
          },
        }).factory,
      ],
    });
    const { status, body } = await chat('fake/good');
    expect(status).toBe(503);
    expect(body.error.code).toBe('access_unavailable');
  });

  it('does not call a model that it cannot write down', async () => {
    models = await startModels({ fake });
    const before = fake.received.length;
    await models.knex.schema.renameTable('model_calls', 'away');
    const { status, body } = await chat('fake/good');
    expect(status).toBe(503);
    expect(body.error.code).toBe('ledger_unavailable');
    expect(fake.received).toHaveLength(before);
    await models.knex.schema.renameTable('away', 'model_calls');
  });

  it('refuses requests over the size limit', async () => {
    models = await startModels({
      fake,
      models: { limits: { maxRequestBytes: 50 } },
    });
    const { status, body } = await chat('fake/good');
    expect(status).toBe(413);
    expect(body.error.code).toBe('request_too_large');
  });
});
