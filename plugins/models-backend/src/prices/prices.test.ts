import type OpenAI from 'openai';
import { lastCall } from '../__testUtils__/calls';
import {
  CALL_ID,
  createMetered,
  startMetered,
} from '../__testUtils__/startMetered';

jest.setTimeout(120_000);

const messages = [{ role: 'user' as const, content: 'Hello?' }];

type Running = Awaited<ReturnType<typeof startMetered>>;

describe('what calls cost', () => {
  let providers: Awaited<ReturnType<typeof createMetered>>;
  let metered: (typeof providers)['metered'];
  let openai: Running['openai'];
  let anthropic: Running['anthropic'];
  let ask: Running['ask'];
  let models: Running['models'];

  const start = async (config?: object) => {
    ({ openai, anthropic, ask, models } = await startMetered(
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

  it('takes the tier that served, not the one that was asked for', async () => {
    await start();
    const usage = {
      prompt_tokens: 120_000,
      completion_tokens: 10_000,
      total_tokens: 130_000,
      prompt_tokens_details: { cached_tokens: 40_000 },
      completion_tokens_details: { reasoning_tokens: 6_000 },
    };
    // 80,000 at 1.25, 40,000 at 0.125 and 10,000 at 10 USD a million
    const standard = 205_000_000;

    metered.meter = { openai: { usage, service_tier: 'flex' } };
    const flex = await ask('metered/gpt-5.1', { service_tier: 'flex' });
    expect(flex.call.costNanoUsd).toBe(standard / 2);
    expect(flex.call.usage).toMatchObject({
      inputUncached: 80_000,
      cacheRead: 40_000,
      cacheWrite: 0,
      outputText: 4_000,
      reasoning: 6_000,
    });
    expect(flex.call.priceVersion).toMatch(
      /^genai-prices [\d.]+ \d{4}-\d\d [0-9a-f]{8}$/,
    );
    expect(flex.response.headers.get('x-agent-portal-cost-nano-usd')).toBe(
      String(standard / 2),
    );

    metered.meter = { openai: { usage, service_tier: 'default' } };
    const downgraded = await ask('metered/gpt-5.1', {
      service_tier: 'priority',
    });
    expect(downgraded.call.costNanoUsd).toBe(standard);

    metered.meter = { openai: { usage, service_tier: 'priority' } };
    const stream = await openai.chat.completions
      .create({
        model: 'metered/gpt-5.1',
        messages,
        stream: true,
        stream_options: { include_usage: true },
      })
      .withResponse();
    let last: OpenAI.ChatCompletionChunk | undefined;
    for await (const chunk of stream.data) {
      last = chunk;
    }
    expect(last?.usage).toMatchObject({
      ...usage,
      cost_nano_usd: 2 * standard,
    });
    const call = await lastCall(models, stream.response.headers.get(CALL_ID));
    expect(call.costNanoUsd).toBe(2 * standard);
  });

  it('prices sounds by their own rates, of which the caller hears too', async () => {
    await start({
      prices: [
        {
          model: 'metered/gpt-4o-audio',
          inputNanoUsdPerMillionTokens: 2_500_000_000,
          outputNanoUsdPerMillionTokens: 10_000_000_000,
          inputAudioNanoUsdPerMillionTokens: 40_000_000_000,
          outputAudioNanoUsdPerMillionTokens: 80_000_000_000,
        },
      ],
    });
    metered.meter = {
      openai: {
        usage: {
          prompt_tokens: 600,
          completion_tokens: 300,
          total_tokens: 900,
          prompt_tokens_details: { cached_tokens: 0, audio_tokens: 500 },
          completion_tokens_details: { audio_tokens: 200 },
        },
      },
    };
    const { data, call } = await ask('metered/gpt-4o-audio');
    expect(data.usage?.prompt_tokens_details?.audio_tokens).toBe(500);
    expect(call.usage).toMatchObject({
      inputUncached: 100,
      inputAudio: 500,
      outputText: 100,
      outputAudio: 200,
    });
    expect(call.costNanoUsd).toBe(
      100 * 2_500 + 500 * 40_000 + 100 * 10_000 + 200 * 80_000,
    );
    expect(call.priceVersion).toMatch(/^operator [0-9a-f]{8}$/);
  });

  it('prices what Anthropic keeps for an hour, and where it ran', async () => {
    await start();
    metered.meter = {
      anthropic: {
        input_tokens: 1_000,
        cache_read_input_tokens: 10_000,
        cache_creation_input_tokens: 5_000,
        cache_creation: {
          ephemeral_5m_input_tokens: 2_000,
          ephemeral_1h_input_tokens: 3_000,
        },
        output_tokens: 400,
        service_tier: 'standard',
        inference_geo: 'us',
      },
    };
    const parts =
      1_000 * 3_000 +
      10_000 * 300 +
      2_000 * 3_750 +
      3_000 * 6_000 +
      400 * 15_000;
    const cost = parts * 1.1;
    const request = {
      model: 'sonnet/claude-sonnet-4-5',
      max_tokens: 500,
      messages,
    };
    const { data, response } = await anthropic.messages
      .create(request)
      .withResponse();
    expect(data.usage).toMatchObject(metered.meter.anthropic!);
    const whole = await lastCall(models, response.headers.get(CALL_ID));
    expect(whole.costNanoUsd).toBe(cost);
    expect(whole.usage).toMatchObject({
      inputUncached: 1_000,
      cacheRead: 10_000,
      cacheWrite: 2_000,
      cacheWrite1h: 3_000,
      outputText: 400,
    });

    const stream = await anthropic.messages
      .create({ ...request, stream: true })
      .withResponse();
    for await (const event of stream.data) {
      expect(event.type).toBeTruthy();
    }
    const streamed = await lastCall(
      models,
      stream.response.headers.get(CALL_ID),
    );
    expect(streamed.costNanoUsd).toBe(cost);

    const translated = await ask('sonnet/claude-sonnet-4-5');
    expect(translated.data.usage).toMatchObject({
      prompt_tokens: 16_000,
      completion_tokens: 400,
      prompt_tokens_details: { cached_tokens: 10_000 },
    });
    expect(translated.call.costNanoUsd).toBe(cost);
  });

  it("prices Gemini's sounds and thoughts", async () => {
    await start();
    metered.meter = {
      gemini: {
        promptTokenCount: 2_000,
        promptTokensDetails: [
          { modality: 'TEXT', tokenCount: 500 },
          { modality: 'AUDIO', tokenCount: 1_500 },
        ],
        candidatesTokenCount: 100,
        thoughtsTokenCount: 900,
        totalTokenCount: 3_000,
      },
    };
    const { data, call } = await ask('google/gemini-2.5-flash');
    expect(data.usage?.total_tokens).toBe(3_000);
    expect(data.usage?.completion_tokens_details?.reasoning_tokens).toBe(900);
    expect(call.costNanoUsd).toBe(500 * 300 + 1_500 * 1_000 + 1_000 * 2_500);
    const message = await anthropic.messages.create({
      model: 'google/gemini-2.5-flash',
      max_tokens: 500,
      messages,
    });
    expect(message.usage).toMatchObject({
      input_tokens: 2_000,
      output_tokens: 1_000,
    });
  });
});
