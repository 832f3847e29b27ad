import { setTimeout as sleep } from 'node:timers/promises';
import { mockCredentials } from '@backstage/backend-test-utils';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import { route, startModels } from '../__testUtils__/startModels';

jest.setTimeout(120_000);

const price = (usdPerMillion: number) => ({
  inputNanoUsdPerMillionTokens: usdPerMillion * 1e9,
  outputNanoUsdPerMillionTokens: usdPerMillion * 1e9,
});

describe('routing around faults of providers', () => {
  let fake: FakeProvider;
  let models: Awaited<ReturnType<typeof startModels>>;

  beforeAll(async () => {
    fake = await FakeProvider.create();
    const gone = await FakeProvider.create();
    const goneUrl = gone.url;
    await gone.close();
    const at = (id: string, url = fake.url) => ({
      id,
      type: 'openai',
      baseUrl: `${url}/v1`,
      models: ['one', 'two', 'three'],
      region: 'eu',
    });
    models = await startModels({
      fake,
      models: {
        providers: [
          at('fake'),
          {
            id: 'claude',
            type: 'anthropic',
            baseUrl: `${fake.url}/anthropic`,
            region: 'us',
          },
          ...['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map(id =>
            at(id),
          ),
          at('gone', goneUrl),
        ],
        dataPolicy: [{ classification: 'confidential', regions: ['eu'] }],
        prices: [
          { model: 'a/one', ...price(10) },
          { model: 'a/two', ...price(1) },
          { model: 'i/two', ...price(1) },
        ],
        budgets: [
          {
            scope: { type: 'model', ref: 'i/two' },
            window: 'day',
            limitNanoUsd: 1,
          },
        ],
      },
      entities: [
        route('limited', ['b/one', 'b/two']),
        route('outage', ['c/one', 'd/three']),
        route('dead', ['gone/one', 'd/three']),
        route('empty', ['e/one', 'e/two', 'd/three'], { retries: 0 }),
        route('locked', ['f/one', 'f/two', 'd/three'], { retries: 0 }),
        route('cutting', ['fake/cut', 'd/three']),
        route('hedged', ['g/one', 'g/two'], {
          hedge: { maxPercentOfCalls: 10 },
        }),
        route('poor', ['i/one', 'i/two'], { hedge: { maxPercentOfCalls: 50 } }),
        route('waiting', ['j/one'], { retries: 0 }),
        ...(['complexity', 'lowest-cost', 'weighted'] as const).map(strategy =>
          route(`keyless-${strategy}`, ['openai/gpt-5.5', 'gemini/flash'], {
            strategy,
            hedge: {},
            fallbacks: ['builtin/extractive'],
          }),
        ),
        route('cheap', ['a/one', 'a/two'], { strategy: 'lowest-cost' }),
        route('either', ['claude/claude-fake', 'd/three']),
        route('sole', ['h/one'], { retries: 0 }),
        {
          apiVersion: 'agentportal.dev/v1alpha1',
          kind: 'Agent',
          metadata: { name: 'customer-care', namespace: 'default' },
          spec: {
            type: 'assistant',
            lifecycle: 'production',
            autonomy: 'supervised',
            owner: 'group:default/care',
            model: 'model:default/either',
            dataClassification: 'confidential',
          },
        },
        {
          apiVersion: 'agentportal.dev/v1alpha1',
          kind: 'Agent',
          metadata: { name: 'unsaid', namespace: 'default' },
          spec: {
            type: 'assistant',
            lifecycle: 'production',
            autonomy: 'supervised',
            owner: 'group:default/care',
            model: 'model:default/either',
          },
        },
        {
          apiVersion: 'agentportal.dev/v1alpha1',
          kind: 'Agent',
          metadata: { name: 'far-away', namespace: 'default' },
          spec: {
            type: 'assistant',
            lifecycle: 'production',
            autonomy: 'supervised',
            owner: 'group:default/care',
            model: 'claude/claude-fake',
            dataClassification: 'restricted',
          },
        },
      ],
    });
    for (;;) {
      const { body } = await models.get('/models/gone%2Fone');
      if (body.statusMessage?.includes('ECONNREFUSED')) {
        break;
      }
      await sleep(50);
    }
  });

  afterAll(async () => {
    await models?.stop();
    await fake?.close();
  });

  beforeEach(() => fake.moods.clear());

  async function chat(
    model: string,
    options: {
      stream?: boolean;
      token?: string;
      headers?: object;
      signal?: AbortSignal;
    } = {},
  ) {
    const begun = performance.now();
    const response = await fetch(`${models.url}/openai/v1/chat/completions`, {
      method: 'POST',
      signal: options.signal,
      headers: {
        authorization: `Bearer ${
          options.token ?? mockCredentials.user.token()
        }`,
        ...options.headers,
      },
      body: JSON.stringify({
        model,
        stream: options.stream ?? false,
        messages: [{ role: 'user', content: 'Hello' }],
      }),
    });
    const text = await response.text();
    return {
      status: response.status,
      text,
      ms: performance.now() - begun,
      model: response.headers.get('x-agent-portal-model'),
      reason: decodeURIComponent(
        response.headers.get('x-agent-portal-route-reason') ?? '',
      ),
      retryAfter: response.headers.get('retry-after'),
      callId: response.headers.get('x-agent-portal-call-id'),
    };
  }

  /** Attempts of a call, once all have ended. */
  async function attemptsOf(callId: string | null): Promise<any[]> {
    for (;;) {
      const { body } = await models.get('/calls?limit=100');
      const rows = body.items.filter((row: any) => row.callId === callId);
      if (rows.length && rows.every((row: any) => row.status !== 'started')) {
        return rows.sort((a: any, b: any) => a.attempt - b.attempt);
      }
      await sleep(20);
    }
  }

  const received = (model: string) =>
    fake.received.filter(({ json }) => json.model === model).length;
  async function until(holds: () => boolean) {
    while (!holds()) {
      await sleep(10);
    }
  }

  it('asks again after a short wait that the provider asks for', async () => {
    fake.moods.set('one', { status: 429, headers: { 'retry-after': '1' } });
    const before = received('one');
    const call = chat('limited');
    await until(() => received('one') > before);
    fake.moods.clear();
    const { status, model, ms, callId } = await call;
    expect([status, model]).toEqual([200, 'b/one']);
    expect(ms).toBeGreaterThanOrEqual(1_000);
    expect(
      (await attemptsOf(callId)).map(row => [
        row.attempt,
        row.status,
        row.role,
      ]),
    ).toEqual([
      [1, 'failed', undefined],
      [2, 'succeeded', 'retry'],
    ]);
  });

  it('leaves a rate-limited model alone for exactly as long as it was told', async () => {
    fake.moods.set('one', { status: 429, headers: { 'retry-after': '3' } });
    const first = await chat('limited');
    expect(first.model).toBe('b/two');
    expect(first.reason).toMatch(
      /^Chose b\/two: the next candidate .* b\/one was tried first: .* in 3 s\.$/,
    );
    const before = received('one');
    fake.moods.clear();
    const second = await chat('limited');
    expect(second.model).toBe('b/two');
    expect(second.reason).toContain(
      'Skipped b/one: it limits the rate of calls.',
    );
    const direct = await chat('b/one');
    expect(direct.status).toBe(503);
    expect(JSON.parse(direct.text).error).toMatchObject({
      code: 'model_unavailable',
      message: expect.stringContaining('it limits the rate of calls'),
    });
    expect(Number(direct.retryAfter)).toBeLessThanOrEqual(3);
    expect(received('one')).toBe(before);
    const { body } = await models.get('/models/limited');
    expect(body.route.candidates).toMatchObject([
      { id: 'b/one', available: false },
      { id: 'b/two', available: true },
    ]);
    await sleep(3_100);
    expect((await chat('limited')).model).toBe('b/one');
  });

  it('goes straight to the fallback during an outage, and comes back', async () => {
    fake.moods.set('one', { status: 500, delayMs: 300 });
    const first = await chat('outage');
    expect(first.model).toBe('d/three');
    expect(first.ms).toBeGreaterThan(600);
    const before = received('one');
    const second = await chat('outage');
    expect(second.model).toBe('d/three');
    expect(received('one')).toBe(before);
    expect(second.reason).toContain('Skipped c/one: its last calls failed.');
    fake.moods.clear();
    await sleep(2_100);
    expect((await chat('outage')).model).toBe('c/one');
  });

  it('says when to come back once nothing of a route can serve', async () => {
    fake.moods.set('one', { status: 500, delayMs: 300 });
    expect((await chat('sole')).status).toBe(502);
    expect((await chat('sole')).status).toBe(502);
    const before = received('one');
    const third = await chat('sole');
    expect(third.status).toBe(503);
    expect(received('one')).toBe(before);
    expect(third.retryAfter).toMatch(/^[12]$/);
    expect(JSON.parse(third.text).error.message).toMatch(
      /^No model of the route sole can serve now; h\/one is asked again in \d s, because its last calls failed\.$/,
    );
  });

  it('pays for a dead address once', async () => {
    const first = await chat('dead');
    expect(first.model).toBe('d/three');
    const { body } = await models.get('/models/dead');
    expect(body.route.candidates[0]).toMatchObject({ available: false });
    const direct = await chat('gone/one');
    expect([502, 503]).toContain(direct.status);
    const second = await chat('gone/one');
    expect(second.status).toBe(503);
    expect(second.ms).toBeLessThan(200);
  });

  it('leaves all models of an empty account alone', async () => {
    fake.moods.set('one', {
      status: 429,
      message:
        'You exceeded your current quota, please check your plan and billing details.',
    });
    const before = received('two');
    expect((await chat('empty')).model).toBe('d/three');
    fake.moods.clear();
    expect(received('two')).toBe(before);
    const direct = await chat('e/three');
    expect(direct.status).toBe(503);
    expect(Number(direct.retryAfter)).toBeGreaterThan(590);
    expect(JSON.parse(direct.text).error.message).toContain(
      'the account has no quota left',
    );
  });

  it('leaves all models of a rejected key alone', async () => {
    fake.moods.set('one', { status: 401 });
    await chat('f/one');
    fake.moods.clear();
    const call = await chat('locked');
    expect(call.model).toBe('d/three');
    const direct = await chat('f/two');
    expect(direct.status).toBe(503);
    expect(JSON.parse(direct.text).error.message).toContain(
      "it does not accept the portal's credentials",
    );
  });

  it('never repeats a stream that was cut after its first bytes', async () => {
    const before = received('one');
    const { status, text, callId } = await chat('cutting', { stream: true });
    expect(status).toBe(200);
    // The word that had begun is not told: it could have been anything.
    expect(text).toContain('"content":"Hello "');
    expect(text).not.toContain('the"');
    expect(text).toContain('"code":"provider_stream_cut"');
    expect(text).not.toContain('[DONE]');
    expect(received('one')).toBe(before);
    expect(await attemptsOf(callId)).toHaveLength(1);
  });

  it('asks a second model when the first is slower than ever, and books both', async () => {
    for (let i = 0; i < 20; i += 1) {
      expect((await chat('hedged', { stream: true })).model).toBe('g/one');
    }
    fake.moods.set('one', { delayMs: 2_000 });
    const call = await chat('hedged', { stream: true });
    expect([call.status, call.model]).toEqual([200, 'g/two']);
    expect(call.ms).toBeLessThan(1_500);
    expect(call.reason).toContain(
      'g/one was slower than usual, and g/two answered first.',
    );
    expect(
      (await attemptsOf(call.callId)).map(row => [
        row.model,
        row.role,
        row.status,
        row.estimated,
      ]),
    ).toEqual([
      ['g/one', undefined, 'cancelled', true],
      ['g/two', 'hedge', 'succeeded', false],
    ]);
    // One of 21 calls is 5 %; a second one of 22 is within 10 %, a third is not.
    await chat('hedged', { stream: true });
    fake.moods.set('one', { delayMs: 400 });
    const third = await chat('hedged', { stream: true });
    expect(third.model).toBe('g/one');
    expect(await attemptsOf(third.callId)).toHaveLength(1);
  });

  it('asks no second model that a budget has no room for, and says nothing', async () => {
    for (let i = 0; i < 20; i += 1) {
      await chat('poor', { stream: true });
    }
    fake.moods.set('one', { delayMs: 600 });
    const before = received('two');
    const call = await chat('poor', { stream: true });
    expect([call.status, call.model]).toEqual([200, 'i/one']);
    expect(await attemptsOf(call.callId)).toHaveLength(1);
    expect(received('two')).toBe(before);
  });

  it('waits for the only model when that is soon enough', async () => {
    fake.moods.set('one', { status: 429, headers: { 'retry-after': '1' } });
    expect((await chat('waiting')).status).toBe(429);
    fake.moods.clear();
    const call = await chat('waiting');
    expect([call.status, call.model]).toEqual([200, 'j/one']);
    expect(call.ms).toBeGreaterThan(500);
  });

  it('stops trying when the caller goes away', async () => {
    fake.moods.set('one', { status: 429, headers: { 'retry-after': '2' } });
    const before = received('one');
    const gone = new AbortController();
    const call = chat('limited', { signal: gone.signal });
    call.catch(() => {});
    await until(() => received('one') > before);
    // It waits to ask again.
    await sleep(300);
    gone.abort();
    await expect(call).rejects.toThrow();
    await sleep(2_500);
    expect(received('one')).toBe(before + 1);
  });

  it.each(['complexity', 'lowest-cost', 'weighted'])(
    'ends in the built-in model without a key, also by %s',
    async strategy => {
      const { model, reason } = await chat(`keyless-${strategy}`);
      expect(model).toBe('builtin/extractive');
      expect(reason).toContain(
        `Chose builtin/extractive: a fallback of the route keyless-${strategy}.`,
      );
    },
  );

  it('takes the cheapest, says so, and writes down what that saved', async () => {
    const { model, reason, callId } = await chat('cheap');
    expect(model).toBe('a/two');
    expect(reason).toMatch(
      /^Chose a\/two: the cheapest of 2 that can serve; about 0\.000\d USD\.$/,
    );
    const [row] = await attemptsOf(callId);
    expect(row.reason).toBe(reason);
    const stored = await models
      .knex('model_calls')
      .where({ cost_nano_usd: row.costNanoUsd })
      .first();
    expect(Number(stored.saved_by_routing_nano_usd)).toBe(9 * row.costNanoUsd);
  });

  it('keeps confidential data in its regions, on routes and by name', async () => {
    const asAgent = async (agent: string, model: string) =>
      chat(model, { token: await models.tokenOfRun(`agent:default/${agent}`) });
    const routed = await asAgent('customer-care', 'either');
    expect([routed.status, routed.model]).toEqual([200, 'd/three']);
    expect(routed.reason).toContain(
      'customer-care handles confidential data, which may be sent only to eu; claude is in us.',
    );
    const named = await asAgent('far-away', 'claude/claude-fake');
    expect(named.status).toBe(403);
    expect(JSON.parse(named.text).error).toMatchObject({
      code: 'access_denied',
      message: expect.stringContaining('may be sent only to eu'),
    });
    expect((await chat('claude/claude-fake')).status).toBe(200);
    // An agent that says nothing handles what is internal.
    expect((await asAgent('unsaid', 'either')).status).toBe(200);
    const [row] = await models
      .knex('model_calls')
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(1);
    expect(row.classification).toBe(1);
  });
});
