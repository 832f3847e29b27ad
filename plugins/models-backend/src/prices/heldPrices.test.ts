import { failureOf, lastCall } from '../__testUtils__/calls';
import {
  CALL_ID,
  createMetered,
  startMetered,
  until,
} from '../__testUtils__/startMetered';

jest.setTimeout(120_000);

const messages = [{ role: 'user' as const, content: 'Hello?' }];

type Running = Awaited<ReturnType<typeof startMetered>>;

describe('prices and budgets', () => {
  let providers: Awaited<ReturnType<typeof createMetered>>;
  let metered: (typeof providers)['metered'];
  let models: Running['models'];
  let openai: Running['openai'];
  let anthropic: Running['anthropic'];
  let ask: Running['ask'];

  const start = async (config?: object) => {
    ({ models, openai, anthropic, ask } = await startMetered(
      providers,
      config,
    ));
  };

  beforeEach(async () => {
    providers = await createMetered();
    metered = providers.metered;
  });
  afterEach(async () => {
    await models?.stop();
    await providers.close();
  });

  it('holds enough for the tier, the cache and the sounds that were asked for', async () => {
    await start({
      budgets: [
        { scope: { type: 'organisation' }, window: 'month', limitUsd: 10 },
      ],
      prices: [
        {
          model: 'metered/gpt-4o-audio',
          inputNanoUsdPerMillionTokens: 1_000_000_000,
          outputNanoUsdPerMillionTokens: 1_000_000_000,
          outputAudioNanoUsdPerMillionTokens: 90_000_000_000,
          serviceTiers: { priority: { percentOfStandard: 170 } },
        },
      ],
    });
    await until(
      async () => (await models.get('/budgets')).body.items?.length === 1,
    );
    const held = (call: { [key: string]: any }) => {
      expect(call.heldNanoUsd).toBeGreaterThanOrEqual(call.costNanoUsd);
      expect(call.overrunNanoUsd).toBe(0);
      return call.heldNanoUsd;
    };
    metered.meter = {
      openai: {
        service_tier: 'priority',
        usage: {
          prompt_tokens: 10,
          completion_tokens: 1_000,
          total_tokens: 1_010,
          completion_tokens_details: { audio_tokens: 1_000 },
        },
      },
      anthropic: {
        input_tokens: 1,
        cache_creation_input_tokens: 1_000,
        cache_creation: { ephemeral_1h_input_tokens: 1_000 },
        output_tokens: 100,
        inference_geo: 'us',
      },
    };
    const spoken = await ask('metered/gpt-4o-audio', {
      max_tokens: 1_000,
      service_tier: 'priority',
      modalities: ['text', 'audio'],
      audio: { voice: 'alloy', format: 'wav' },
    });
    expect(spoken.call.costNanoUsd).toBe(10 * 1_700 + 1_000 * 90_000 * 1.7);
    held(spoken.call);

    // An account may have all of its calls served so; once seen, it is counted on.
    const unasked = () =>
      ask('metered/gpt-4o-audio', {
        max_tokens: 1_000,
        modalities: ['text', 'audio'],
        audio: { voice: 'alloy', format: 'wav' },
      });
    expect((await unasked()).call.overrunNanoUsd).toBeGreaterThan(0);
    held((await unasked()).call);

    const { response } = await anthropic.messages
      .create({
        model: 'sonnet/claude-sonnet-4-5',
        max_tokens: 100,
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'text',
                text: 'Hello?',
                cache_control: { type: 'ephemeral', ttl: '1h' },
              },
            ],
          },
        ],
      })
      .withResponse();
    const kept = await lastCall(models, response.headers.get(CALL_ID));
    // 1 at 3, 1,000 at 6 and 100 at 15 USD a million, and a tenth more
    expect(kept.costNanoUsd).toBe(8_253_300);
    held(kept);
  });

  it('refuses what nobody told the price of where a budget applies, unless it is told not to', async () => {
    metered.meter = {
      openai: { usage: { prompt_tokens: 1, completion_tokens: 1 } },
    };
    const budgets = [
      {
        scope: { type: 'organisation' },
        window: 'month',
        limitUsd: 1,
      },
    ];
    await start({ budgets });
    await until(
      async () => (await models.get('/budgets')).body.items?.length === 1,
    );
    const failure = await failureOf(
      openai.chat.completions.create({ model: 'metered/mystery', messages }),
    );
    expect(failure.status).toBe(402);
    expect(failure.code).toBe('price_unknown');
    expect(failure.message).toContain('models.priceLists');
    expect(failure.message).toContain('metered/mystery');
    await models.stop();

    // A limit of the rate takes no price.
    await start({
      rateLimits: [{ scope: { type: 'organisation' }, requestsPerMinute: 100 }],
    });
    expect((await ask('metered/mystery')).call.costNanoUsd).toBe(0);
    await models.stop();

    await start({ budgets, unpriced: 'allow' });
    const { call } = await ask('metered/mystery');
    expect(call).toMatchObject({ costNanoUsd: 0, priceVersion: 'unpriced' });
  });
});
