import { isSameModel } from './served';
import {
  mergeAnthropicUsage,
  readAnthropicUsage,
} from '../providers/anthropic/usage';
import { readOpenAiUsage, toOpenAiUsage } from './openAiUsage';
import { inputTokens, outputTokens } from './tokenUsage';

describe('ids of one model', () => {
  it.each([
    ['gpt-4o', 'gpt-4o-2024-08-06', true],
    ['claude-x-latest', 'claude-x', true],
    ['m', 'm', true],
    ['gpt-5-mini', 'gpt-5', false],
    ['gpt-5', 'gpt-5-mini', false],
    ['a', 'b', false],
  ])('knows %s and %s', (a, b, same) => {
    expect(isSameModel(a, b)).toBe(same);
  });
});

describe('usage', () => {
  it('splits what OpenAI counts twice into parts that sum to the totals', () => {
    for (const cached of [0, 3, 10, 99]) {
      for (const written of [0, 5, 99]) {
        for (const reasoning of [0, 7, 99]) {
          const usage = readOpenAiUsage({
            prompt_tokens: 10,
            completion_tokens: 7,
            prompt_tokens_details: {
              cached_tokens: cached,
              cache_write_tokens: written,
            },
            completion_tokens_details: { reasoning_tokens: reasoning },
          })!;
          expect(inputTokens(usage)).toBe(10);
          expect(outputTokens(usage)).toBe(7);
          expect(Object.values(usage).every(part => part >= 0)).toBe(true);
          expect(readOpenAiUsage(toOpenAiUsage(usage))).toEqual(usage);
        }
      }
    }
  });

  it.each([[undefined], [null], [{}], ['x'], [{ prompt_tokens: '7' }]])(
    'does not take %j for a usage of zero',
    value => {
      expect(readOpenAiUsage(value)).toBeUndefined();
    },
  );

  it('reads the cached part by the name that DeepSeek gives it', () => {
    expect(
      readOpenAiUsage({
        prompt_tokens: 10,
        completion_tokens: 1,
        prompt_cache_hit_tokens: 4,
      }),
    ).toMatchObject({ inputUncached: 6, cacheRead: 4 });
  });

  it('adds what Anthropic counts beside the input, and lets later fields win', () => {
    const merged = mergeAnthropicUsage(
      { input_tokens: 5, cache_read_input_tokens: 7, output_tokens: 1 },
      { output_tokens: 30, input_tokens: null },
    );
    expect(readAnthropicUsage(merged)).toEqual({
      inputUncached: 5,
      cacheRead: 7,
      cacheWrite: 0,
      outputText: 30,
      reasoning: 0,
    });
  });
});
