import { costNanoUsd } from './price';
import { scaledDecimal } from './decimal';
import { LiteLlmPrices } from './LiteLlmPrices';

const LIST = `{
  "sample_spec": { "input_cost_per_token": 0.0, "mode": "one of: chat, ..." },
  "gpt-5.1": {
    "litellm_provider": "openai", "mode": "chat",
    "max_input_tokens": 272000, "max_output_tokens": 128000, "max_tokens": 128000,
    "input_cost_per_token": 1.25e-06, "output_cost_per_token": 1e-05,
    "cache_read_input_token_cost": 1.25e-07,
    "input_cost_per_token_flex": 6.25e-07, "output_cost_per_token_flex": 5e-06,
    "cache_read_input_token_cost_flex": 6.25e-08,
    "input_cost_per_token_priority": 2.5e-06, "output_cost_per_token_priority": 2e-05,
    "input_cost_per_token_batches": 6.25e-07, "output_cost_per_token_batches": 5e-06,
    "search_context_cost_per_query": { "search_context_size_low": 0.01, "search_context_size_medium": 0.01 },
    "supports_function_calling": true, "supports_vision": true
  },
  "claude-x": {
    "litellm_provider": "anthropic", "mode": "chat",
    "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
    "cache_creation_input_token_cost": 3.75e-06,
    "cache_creation_input_token_cost_above_1hr": 6e-06,
    "input_cost_per_token_above_200k_tokens": 6e-06,
    "output_cost_per_token_above_200k_tokens": 2.25e-05,
    "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 1.2e-05
  },
  "gemini/gemini-x": {
    "litellm_provider": "gemini", "mode": "chat", "max_tokens": "many",
    "input_cost_per_token": 3e-07, "output_cost_per_token": 2.5e-06,
    "input_cost_per_audio_token": 1e-06, "output_cost_per_reasoning_token": 3.5e-06
  },
  "dashscope/qwen-x": {
    "litellm_provider": "dashscope", "mode": "chat",
    "tiered_pricing": [
      { "range": [0, 32000], "input_cost_per_token": 1.2e-06, "output_cost_per_token": 6e-06 },
      { "range": [32000, 128000], "input_cost_per_token": 2.4e-06, "output_cost_per_token": 1.2e-05 }
    ]
  },
  "seconds-x": {
    "litellm_provider": "openai", "mode": "audio_transcription",
    "input_cost_per_second": 0.0001, "input_cost_per_token": 0, "output_cost_per_token": 0.0
  },
  "dall-e-x": { "litellm_provider": "openai", "mode": "image_generation", "input_cost_per_image": 0.04 },
  "paints-x": {
    "litellm_provider": "openai", "mode": "image_generation", "output_cost_per_image": 0.039,
    "input_cost_per_token": 3e-07, "output_cost_per_token": 2.5e-06, "output_cost_per_image_token": 3e-05
  },
  "rerank-x": { "litellm_provider": "cohere", "mode": "rerank", "input_cost_per_query": 0.002, "input_cost_per_token": 0 },
  "pages-x": { "litellm_provider": "mistral", "mode": "ocr", "ocr_cost_per_page": 0.001 },
  "negative": { "litellm_provider": "openai", "input_cost_per_token": -1e-06, "output_cost_per_token": 0 },
  "words": { "litellm_provider": "openai", "input_cost_per_token": "cheap", "output_cost_per_token": 0 },
  "no-object": 7
}`;

const usage = {
  inputUncached: 0,
  cacheRead: 0,
  cacheWrite: 0,
  outputText: 0,
  reasoning: 0,
};

describe('scaledDecimal', () => {
  it.each([
    [1e-7, 100_000_000],
    [3.75e-6, 3_750_000_000],
    [2.5e-10, 250_000],
    [1.25e-6, 1_250_000_000],
    [0.000_000_15, 150_000_000],
    ['1.1e-06', 1_100_000_000],
    [3e-16, 0],
    [5e-16, 1],
    [0, 0],
    [0.04, 40_000_000_000_000],
  ])('moves the point of %s exactly', (usd, nano) => {
    expect(scaledDecimal(usd, 15)).toBe(nano);
  });

  it.each([
    [-1],
    [NaN],
    [Infinity],
    ['x'],
    [''],
    [null],
    [true],
    [1e30],
    ['1e999'],
  ])('takes %s for no price', value => {
    expect(scaledDecimal(value, 15)).toBeUndefined();
  });

  it('is exact where multiplication is not', () => {
    expect(1.05e-6 * 1e15).not.toBe(1_050_000_000);
    expect(scaledDecimal(1.05e-6, 15)).toBe(1_050_000_000);
  });
});

describe('LiteLlmPrices', () => {
  const list = LiteLlmPrices.parse(LIST);
  const price = (id: string, modelId: string, publisher?: string) =>
    list.priceOf({ id, modelId, publisher });

  it('leaves out what it cannot read, and counts it', () => {
    expect(list.size).toBe(8);
    expect(list.skipped).toBe(3);
    expect(list.withoutTokens).toBe(1);
  });

  it('refuses a text that is no list of prices', () => {
    expect(() => LiteLlmPrices.parse('<html>')).toThrow();
    expect(() => LiteLlmPrices.parse('{"a":{"b":1}}')).toThrow(
      /no entry with a price/,
    );
  });

  it.each([
    // An hour of sound at 0.006 USD a minute, three pictures, two searches
    ['seconds-x', 'openai', { audioSeconds: 3_600 }, 360_000_000],
    ['dall-e-x', 'openai', { images: 3 }, 120_000_000],
    ['rerank-x', 'cohere', { searchUnits: 2 }, 4_000_000],
  ])('reads the price of a unit of %s', (modelId, publisher, units, cost) => {
    const found = price(`${publisher}/${modelId}`, modelId, publisher);
    expect(costNanoUsd(found, { ...usage, ...units })).toBe(cost);
  });

  it('takes no picture for two where a list says its price by tokens as well', () => {
    const found = price('openai/paints-x', 'paints-x', 'openai');
    const made = { ...usage, images: 1, outputImage: 1_000 };
    expect(costNanoUsd(found, made)).toBe(30_000_000);
  });

  it('reads rates with those of service tiers and the fee of a search', () => {
    const gpt = price('openai/gpt-5.1', 'gpt-5.1', 'openai')!;
    expect(gpt.version).toMatch(/^litellm [0-9a-f]{8}$/);
    const parts = { ...usage, inputUncached: 1_000, cacheRead: 1_000 };
    expect(costNanoUsd(gpt, parts)).toBe(1_375_000);
    expect(costNanoUsd(gpt, parts, { serviceTier: 'flex' })).toBe(687_500);
    // Priority has no rate for cached tokens here, so they cost the usual one.
    expect(costNanoUsd(gpt, parts, { serviceTier: 'priority' })).toBe(
      2_625_000,
    );
    expect(
      costNanoUsd(gpt, { ...usage, outputText: 10 }, { serviceTier: 'batch' }),
    ).toBe(50_000);
    expect(costNanoUsd(gpt, { ...usage, webSearches: 2 })).toBe(20_000_000);
    expect(
      list.about({ id: 'openai/gpt-5.1', modelId: 'gpt-5.1' }),
    ).toMatchObject({
      contextWindow: 272_000,
      maxOutputTokens: 128_000,
      capabilities: ['tools', 'vision'],
    });
  });

  it('reads long contexts and caches of an hour', () => {
    const claude = price('claude/claude-x', 'claude-x', 'anthropic')!;
    expect(costNanoUsd(claude, { ...usage, cacheWrite1h: 1_000 })).toBe(
      6_000_000,
    );
    expect(costNanoUsd(claude, { ...usage, cacheWrite1h: 200_001 })).toBe(
      2_400_012_000,
    );
    // Without a rate of its own above the threshold a part keeps its rate.
    expect(costNanoUsd(claude, { ...usage, cacheWrite: 200_001 })).toBe(
      750_003_750,
    );
  });

  it('finds a model by its provider, whatever either calls it', () => {
    expect(price('gemini/gemini-x', 'gemini-x', 'google')?.inputAudio).toEqual({
      nanoUsdPerMillion: 1_000_000_000,
    });
    expect(price('google-eu/gemini-x', 'gemini-x', 'google')).toBeDefined();
    expect(price('qwen/qwen-x', 'qwen-x')).toBeDefined();
    expect(price('ollama/gpt-5.1', 'gpt-5.1')).toBeUndefined();
  });

  it("bills Alibaba's ranges by the input of the whole call", () => {
    const qwen = price('qwen/qwen-x', 'qwen-x')!;
    expect(costNanoUsd(qwen, { ...usage, inputUncached: 32_000 })).toBe(
      38_400_000,
    );
    expect(
      costNanoUsd(qwen, { ...usage, inputUncached: 32_001, outputText: 1_000 }),
    ).toBe(76_802_400 + 12_000_000);
  });
});
