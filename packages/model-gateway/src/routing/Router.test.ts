import fc from 'fast-check';
import type { GatewayModel, GatewayRoute } from '../directory/model';
import { ModelDirectory } from '../directory/ModelDirectory';
import { GatewayError } from '../errors';
import { PriceBook } from '../prices/PriceBook';
import type { JsonObject, ModelProvider } from '../providers/ModelProvider';
import { explainChoice } from '../stages/route';
import type { ComplexityRating } from './complexity';
import { ProviderHealth } from './health/ProviderHealth';
import { Router } from './Router';

const rate = (usdPerMillion: number) => ({
  nanoUsdPerMillion: usdPerMillion * 1e9,
});

const FACTS: Record<string, Partial<GatewayModel> & { usd: number }> = {
  nano: { usd: 0.1, capabilities: ['tools'], contextWindow: 1_000 },
  mini: { usd: 1, capabilities: ['tools', 'vision'], contextWindow: 100_000 },
  big: { usd: 10, capabilities: [] },
};

async function start(options: {
  route: Partial<GatewayRoute>;
  rating?: () => ComplexityRating;
  random?: () => number;
}) {
  const clock = { at: 1_000_000, now: () => clock.at };
  const logger = { warn: () => {}, error: () => {} };
  const provider = {
    id: 'p',
    type: 'openai',
    baseUrl: 'http://p',
    listModels: async () =>
      Object.entries(FACTS).map(([modelId, facts]) => ({
        modelId,
        type: 'chat' as const,
        capabilities: facts.capabilities,
        contextWindow: facts.contextWindow,
      })),
  } as unknown as ModelProvider;
  const directory = new ModelDirectory({
    providers: [{ provider }],
    clock,
    logger,
    refOf: id => `model:default/${id.replace('/', '.')}`,
  });
  await directory.refresh();
  directory.setDeclared({
    models: [],
    routes: [
      {
        name: 'r',
        ref: 'model:default/r',
        title: 'R',
        candidates: [
          { model: 'p/nano', tier: 'simple' },
          { model: 'p/mini', tier: 'complex' },
          { model: 'p/big', tier: 'reasoning' },
        ],
        ...options.route,
      },
    ],
  });
  const health = new ProviderHealth({ clock });
  const router = new Router({
    directory,
    health,
    clock,
    random: options.random,
    complexity: options.rating && { rate: options.rating },
    priceBook: new PriceBook({
      clock,
      configured: new Map(
        Object.entries(FACTS).map(([id, { usd }]) => [
          `p/${id}`,
          { input: rate(usd), output: rate(usd * 4), version: 'test' },
        ]),
      ),
    }),
  });
  const plan = (body: JsonObject = {}, sessionId?: string) => {
    const made = router.plan({
      target: { ...directory.resolve('r')!, leftOut: [] },
      operation: 'chat',
      request: { body, text: JSON.stringify(body), stream: true },
      account: { userRef: 'user:default/guest' },
      settings: { sessionId },
    });
    return {
      ...made,
      ids: made.candidates.map(({ id }) => id.slice(2)),
      why: explainChoice(made, made.candidates[0]),
    };
  };
  return { clock, directory, health, plan };
}

const image = { type: 'image_url', image_url: { url: 'x'.repeat(50_000) } };
const withImage = { messages: [{ role: 'user', content: [image] }] };

describe('which models a route can use', () => {
  it('leaves out what cannot do what the request needs, and says so', async () => {
    const { plan } = await start({ route: {} });
    expect(plan().ids).toEqual(['nano', 'mini', 'big']);
    const seeing = plan(withImage);
    expect(seeing.ids).toEqual(['mini', 'big']);
    expect(seeing.features.needs).toEqual(['vision']);
    expect(seeing.why).toBe(
      'Chose p/mini: the first candidate of the route r that could serve. Skipped p/nano: it cannot take images.',
    );
  });

  it('leaves out what the request does not fit into', async () => {
    const { plan } = await start({ route: {} });
    const long = { messages: [{ role: 'user', content: 'x'.repeat(8_000) }] };
    expect(plan(long).ids).toEqual(['mini', 'big']);
    expect(plan({ messages: [], max_tokens: 99_999 }).ids).toEqual(['big']);
  });

  it('follows the rules of its candidates', async () => {
    const { plan } = await start({
      route: {
        candidates: [
          { model: 'p/mini', when: { needs: ['vision'] } },
          { model: 'p/nano', when: { maxInputTokens: 100 } },
          { model: 'p/big', when: { minInputTokens: 101 } },
        ],
      },
    });
    const long = { messages: [{ role: 'user', content: 'x'.repeat(900) }] };
    expect(plan().ids).toEqual(['nano']);
    expect(plan(long).ids).toEqual(['big']);
    expect(plan(withImage).ids).toContain('mini');
  });

  it('says what the caller can mend when no model can take the request', async () => {
    const { plan } = await start({
      route: { candidates: [{ model: 'p/nano' }] },
    });
    expect(() => plan(withImage)).toThrow(
      expect.objectContaining({
        status: 400,
        message: expect.stringContaining('it cannot take images'),
      }),
    );
  });

  it('puts fallbacks last and does not choose among them', async () => {
    const { plan, health } = await start({
      route: {
        strategy: 'lowest-cost',
        candidates: [{ model: 'p/big' }, { model: 'p/mini' }],
        fallbacks: ['p/nano'],
      },
    });
    expect(plan().ids).toEqual(['mini', 'big', 'nano']);
    for (const id of ['p/mini', 'p/big']) {
      health
        .permit({ id, provider: 'p' })
        .failed(new GatewayError(429, 'provider_rate_limited', 'x'));
    }
    expect(plan().why).toBe(
      'Chose p/nano: a fallback of the route r. Skipped p/big: it limits the rate of calls. Skipped p/mini: it limits the rate of calls.',
    );
  });
});

describe('how a route chooses', () => {
  it('takes the cheapest by what calls cost in effect', async () => {
    const { plan } = await start({ route: { strategy: 'lowest-cost' } });
    const chosen = plan({ messages: [{ role: 'user', content: 'Hello' }] });
    expect(chosen.ids).toEqual(['nano', 'mini', 'big']);
    expect(chosen.why).toBe(
      'Chose p/nano: the cheapest of 3 that can serve; about 0.0001 USD.',
    );
  });

  it('takes what was fastest, what is new first, and looks back at the slow', async () => {
    let drawn = 0.9;
    const { clock, health, plan } = await start({
      route: { strategy: 'lowest-latency', sticky: false },
      random: () => drawn,
    });
    const took = (id: string, ms: number) => {
      const permit = health.permit({ id: `p/${id}`, provider: 'p' });
      clock.at += ms;
      permit.answered('stream');
    };
    took('nano', 900);
    took('mini', 300);
    expect(plan().ids[0]).toBe('big');
    took('big', 2_000);
    expect(plan().ids).toEqual(['mini', 'nano', 'big']);
    drawn = 0.01;
    expect(plan().ids[0]).toBe('nano');
  });

  it('gives hard requests to what is trusted with them, and unsure ones a tier more', async () => {
    let rating: ComplexityRating = { score: 0.1, tier: 'simple', why: '' };
    const { plan } = await start({
      route: { strategy: 'complexity', sticky: false },
      rating: () => rating,
    });
    expect(plan().ids[0]).toBe('nano');
    expect(plan().features.complexity).toBe(0.1);
    rating = { score: 0.1, tier: 'simple', certainty: 0.2, why: '' };
    expect(plan().ids[0]).toBe('mini');
    rating = { score: 0.9, tier: 'reasoning', why: '' };
    expect(plan().ids[0]).toBe('big');
    expect(plan(withImage).ids).toEqual(['big', 'mini']);
  });

  it('goes up with a conversation, never down', async () => {
    let rating: ComplexityRating = { score: 0.1, tier: 'simple', why: '' };
    const { plan } = await start({
      route: { strategy: 'complexity' },
      rating: () => rating,
    });
    const turn = (session: string) => {
      const made = plan({}, session);
      made.onServed!(made.candidates[0]);
      return made.ids[0];
    };
    expect(turn('a')).toBe('nano');
    rating = { score: 0.6, tier: 'complex', why: '' };
    expect(turn('a')).toBe('mini');
    rating = { score: 0.1, tier: 'simple', why: '' };
    expect(turn('a')).toBe('mini');
    expect(turn('b')).toBe('nano');
  });

  it('gives each its share by weight', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 9 }), {
          minLength: 3,
          maxLength: 3,
        }),
        fc.boolean(),
        fc.integer({ min: 1, max: 2 ** 31 }),
        async (weights, sticky, seed) => {
          const { plan } = await start({
            random: seeded(seed),
            route: {
              strategy: 'weighted',
              sticky,
              candidates: ['nano', 'mini', 'big'].map((id, index) => ({
                model: `p/${id}`,
                weight: weights[index],
              })),
            },
          });
          const calls = 3_000;
          const counts = { nano: 0, mini: 0, big: 0 } as Record<string, number>;
          for (let i = 0; i < calls; i += 1) {
            counts[plan({}, `s${seed}-${i}`).ids[0]] += 1;
          }
          const sum = weights.reduce((a, b) => a + b, 0);
          Object.values(counts).forEach((count, index) => {
            const share = sum > 0 ? weights[index] / sum : 1 / 3;
            // Five standard deviations of a count.
            const spread = 5 * Math.sqrt(calls * share * (1 - share)) + 1;
            expect(Math.abs(count - calls * share)).toBeLessThanOrEqual(spread);
          });
        },
      ),
      { numRuns: 15 },
    );
  });

  it('keeps a conversation with its model for as long as that can serve', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(
          'weighted',
          'lowest-cost',
          'lowest-latency',
          'complexity',
        ),
        fc.array(
          fc.record({
            session: fc.constantFrom('a', 'b', 'c'),
            out: fc.subarray(['p/nano', 'p/mini', 'p/big'], { maxLength: 2 }),
          }),
          { maxLength: 40 },
        ),
        fc.integer({ min: 1, max: 2 ** 31 }),
        async (strategy, calls, seed) => {
          const { clock, health, plan } = await start({
            random: seeded(seed),
            route: { strategy },
          });
          const last = new Map<string, string>();
          for (const { session, out } of calls) {
            for (const id of out) {
              health.permit({ id, provider: 'p' }).failed(
                new GatewayError(429, 'provider_rate_limited', 'x', {
                  retryAfter: '1',
                }),
              );
            }
            const made = plan({}, session);
            const before = last.get(session);
            const stays = before && !out.includes(before);
            expect(made.candidates[0].id).toBe(
              stays ? before : made.candidates[0].id,
            );
            expect(out).not.toContain(made.candidates[0].id);
            made.onServed!(made.candidates[0]);
            last.set(session, made.candidates[0].id);
            clock.at += 60_000;
            for (const id of out) {
              health.permit({ id, provider: 'p' }).answered('whole');
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('knows a conversation without a session by how it began', async () => {
    const { plan } = await start({ route: { strategy: 'weighted' } });
    const begun = [
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'Where is order 7?' },
    ];
    const first = plan({ messages: begun }).ids;
    const later = plan({
      messages: [
        ...begun,
        { role: 'assistant', content: 'On its way.' },
        { role: 'user', content: 'Thanks' },
      ],
    });
    expect(later.ids).toEqual(first);
  });
});

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
