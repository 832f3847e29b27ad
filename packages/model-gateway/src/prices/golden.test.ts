import type { ServedAs } from '../usage/served';
import type { TokenUsage } from '../usage/tokenUsage';
import { costNanoUsd } from './price';
import { readPublishedModel } from './publishedPrices';

const NOVEMBER = Date.UTC(2026, 10, 1, 12);

/** US dollars for a usage by the published list, as its price page has it. */
function dollars(
  [publisher, model]: [string, string],
  usage: Partial<TokenUsage>,
  served?: ServedAs,
  at = NOVEMBER,
): number {
  const { price } = readPublishedModel(publisher, model, at)!;
  const all = {
    inputUncached: 0,
    cacheRead: 0,
    cacheWrite: 0,
    outputText: 0,
    reasoning: 0,
    ...usage,
  };
  return costNanoUsd(price, all, served) / 1e9;
}

describe('the rules of price pages, computed by hand', () => {
  const sonnet: [string, string] = ['anthropic', 'claude-sonnet-4-5'];
  const geminiPro: [string, string] = ['google', 'gemini-2.5-pro'];

  it('Anthropic: writing to the cache costs 1.25x for 5 minutes, 2x for 1 hour, reading 0.1x', () => {
    expect(dollars(sonnet, { inputUncached: 100_000 })).toBe(0.3);
    expect(dollars(sonnet, { cacheWrite: 100_000 })).toBe(0.375);
    expect(dollars(sonnet, { cacheWrite1h: 100_000 })).toBe(0.6);
    expect(dollars(sonnet, { cacheRead: 100_000 })).toBe(0.03);
  });

  it('Anthropic: thinking costs what output costs', () => {
    expect(dollars(sonnet, { outputText: 1_000, reasoning: 1_000 })).toBe(0.03);
  });

  it('Anthropic: inference in the US costs 1.1x, a batch half, both together 0.55x', () => {
    const usage = { inputUncached: 100_000, outputText: 10_000 };
    const opus: [string, string] = ['anthropic', 'claude-opus-4-6'];
    expect(dollars(opus, usage)).toBe(0.75);
    expect(dollars(opus, usage, { inferenceGeo: 'us' })).toBe(0.825);
    expect(dollars(opus, usage, { serviceTier: 'batch' })).toBe(0.375);
    expect(
      dollars(opus, usage, { serviceTier: 'batch', inferenceGeo: 'us' }),
    ).toBe(0.4125);
  });

  it('Anthropic: fast mode costs 6x for Opus 4.6, with the US 6.6x', () => {
    const opus: [string, string] = ['anthropic', 'claude-opus-4-6'];
    const usage = { inputUncached: 10_000, outputText: 1_000 };
    expect(dollars(opus, usage, { serviceTier: 'fast' })).toBe(0.45);
    expect(
      dollars(opus, usage, { serviceTier: 'fast', inferenceGeo: 'us' }),
    ).toBe(0.495);
  });

  it('Anthropic: ten dollars for a thousand web searches', () => {
    expect(dollars(sonnet, { webSearches: 3 })).toBe(0.03);
  });

  it('Gemini: above 200k input tokens the whole call has the higher rates', () => {
    expect(
      dollars(geminiPro, { inputUncached: 200_000, outputText: 1_000 }),
    ).toBe(0.26);
    expect(
      dollars(geminiPro, {
        inputUncached: 150_001,
        cacheRead: 50_000,
        outputText: 1_000,
      }),
    ).toBe(0.4025025);
  });

  it('Gemini: sounds have a rate of their own, cached ones too', () => {
    expect(
      dollars(['google', 'gemini-2.5-flash'], {
        inputUncached: 1_000_000,
        inputAudio: 1_000_000,
        cacheRead: 1_000_000,
        cacheReadAudio: 1_000_000,
      }),
    ).toBe(1.43);
  });

  it('OpenAI: flex is half the price, priority twice it', () => {
    const gpt: [string, string] = ['openai', 'gpt-5.1'];
    const usage = { inputUncached: 80_000, cacheRead: 40_000, outputText: 1e4 };
    expect(dollars(gpt, usage)).toBe(0.205);
    expect(dollars(gpt, usage, { serviceTier: 'flex' })).toBe(0.1025);
    expect(dollars(gpt, usage, { serviceTier: 'priority' })).toBe(0.41);
  });

  it('OpenAI: the long context begins at exactly 272,000 tokens', () => {
    const sol: [string, string] = ['openai', 'gpt-5.6-sol'];
    expect(dollars(sol, { inputUncached: 271_999 })).toBe(1.087996);
    expect(dollars(sol, { inputUncached: 272_000 })).toBe(2.176);
  });

  it('OpenAI: a price holds from its date on', () => {
    const sol: [string, string] = ['openai', 'gpt-5.6-sol'];
    const usage = { inputUncached: 1_000 };
    const day = (date: string) => dollars(sol, usage, {}, Date.parse(date));
    expect(day('2026-08-20T23:59:59Z')).toBe(0.005);
    expect(day('2026-08-21T00:00:00Z')).toBe(0.004);
  });

  it('DeepSeek: hours of the day have prices of their own', () => {
    const chat: [string, string] = ['deepseek', 'deepseek-chat'];
    const at = (time: string) =>
      dollars(chat, { outputText: 1e6 }, {}, Date.parse(`2025-07-01T${time}Z`));
    expect(at('00:29:59')).toBeLessThan(at('00:30:00'));
    expect(at('16:30:00')).toBe(at('00:29:59'));
  });

  it('Perplexity: each request has a fee', () => {
    expect(dollars(['perplexity', 'sonar'], { inputUncached: 1_000_000 })).toBe(
      1.012,
    );
  });
});
