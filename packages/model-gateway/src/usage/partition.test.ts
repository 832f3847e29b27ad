import fc from 'fast-check';
import {
  readAnthropicServed,
  readAnthropicUsage,
} from '../providers/anthropic/usage';
import { readGeminiServed, readGeminiUsage } from '../providers/gemini/usage';
import { readOpenAiUsage, toOpenAiUsage } from './openAiUsage';
import { inputTokens, outputTokens, type TokenUsage } from './tokenUsage';

/** What stands in the place of a token count in the wild. */
const count = fc.oneof(
  { weight: 6, arbitrary: fc.nat(2_000_000) },
  fc.constantFrom(undefined, null, 0, -5, 1.5, NaN, '12', {}),
);
const total = fc.nat(2_000_000);

/** Both sums, when all parts are whole numbers that are not negative. */
function sumsOf(usage: TokenUsage) {
  for (const [part, tokens] of Object.entries(usage)) {
    if (!Number.isSafeInteger(tokens) || tokens < 0) {
      throw new Error(`${part} is ${tokens}`);
    }
  }
  return [inputTokens(usage), outputTokens(usage)];
}

describe('the parts of a usage', () => {
  it("sum to OpenAI's totals, however its details contradict them", () => {
    const details = fc.option(
      fc.record({
        cached_tokens: count,
        cache_write_tokens: count,
        cache_write_1h_tokens: count,
        audio_tokens: count,
        image_tokens: count,
        cached_tokens_details: fc.option(
          fc.record({ audio_tokens: count, image_tokens: count }),
        ),
      }),
    );
    const said = fc.option(
      fc.record({
        reasoning_tokens: count,
        audio_tokens: count,
        image_tokens: count,
        accepted_prediction_tokens: count,
        rejected_prediction_tokens: count,
      }),
    );
    fc.assert(
      fc.property(total, total, details, said, (prompt, completion, i, o) => {
        const usage = readOpenAiUsage({
          prompt_tokens: prompt,
          completion_tokens: completion,
          total_tokens: prompt + completion,
          prompt_tokens_details: i,
          completion_tokens_details: o,
        })!;
        expect(sumsOf(usage)).toEqual([prompt, completion]);
        expect(readOpenAiUsage(toOpenAiUsage(usage))).toEqual(usage);
      }),
      { numRuns: 1_000 },
    );
  });

  it("sum to Anthropic's input and cache counts, which stand beside each other", () => {
    fc.assert(
      fc.property(
        total,
        total,
        total,
        total,
        count,
        count,
        count,
        (input, read, written, output, in5m, in1h, thinking) => {
          const usage = readAnthropicUsage({
            input_tokens: input,
            cache_read_input_tokens: read,
            cache_creation_input_tokens: written,
            cache_creation: {
              ephemeral_5m_input_tokens: in5m as number,
              ephemeral_1h_input_tokens: in1h as number,
            },
            output_tokens: output,
            output_tokens_details: { thinking_tokens: thinking as number },
          })!;
          expect(sumsOf(usage)).toEqual([input + read + written, output]);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("sum to Gemini's total, thoughts and tools beside the rest", () => {
    const modality = fc.constantFrom('TEXT', 'AUDIO', 'IMAGE', 'VIDEO', 7);
    const details = fc.option(
      fc.array(fc.record({ modality, tokenCount: count }), { maxLength: 5 }),
    );
    fc.assert(
      fc.property(
        total,
        total,
        total,
        total,
        total,
        details,
        details,
        details,
        (prompt, cached, tools, answer, thoughts, asked, kept, said) => {
          const usage = readGeminiUsage({
            promptTokenCount: prompt,
            cachedContentTokenCount: cached,
            toolUsePromptTokenCount: tools,
            candidatesTokenCount: answer,
            thoughtsTokenCount: thoughts,
            promptTokensDetails: asked,
            cacheTokensDetails: kept,
            candidatesTokensDetails: said,
          })!;
          expect(sumsOf(usage)).toEqual([prompt + tools, answer + thoughts]);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('usage of providers', () => {
  it('takes sounds and predicted tokens of OpenAI apart', () => {
    expect(
      readOpenAiUsage({
        prompt_tokens: 1_000,
        completion_tokens: 300,
        total_tokens: 1_300,
        prompt_tokens_details: { cached_tokens: 200, audio_tokens: 500 },
        completion_tokens_details: {
          reasoning_tokens: 40,
          audio_tokens: 100,
          accepted_prediction_tokens: 30,
          rejected_prediction_tokens: 20,
        },
      }),
    ).toEqual({
      inputUncached: 300,
      cacheRead: 200,
      cacheWrite: 0,
      inputAudio: 500,
      outputText: 160,
      reasoning: 40,
      outputAudio: 100,
    });
  });

  it('counts thoughts that xAI tells beside the completion', () => {
    expect(
      readOpenAiUsage({
        prompt_tokens: 32,
        completion_tokens: 9,
        total_tokens: 135,
        prompt_tokens_details: { cached_tokens: 6 },
        completion_tokens_details: { reasoning_tokens: 94 },
      }),
    ).toMatchObject({ outputText: 9, reasoning: 94 });
  });

  it("counts thoughts that Gemini's compatible endpoint tells in the total only", () => {
    expect(
      readOpenAiUsage({
        prompt_tokens: 10,
        completion_tokens: 20,
        total_tokens: 530,
      }),
    ).toMatchObject({ outputText: 20, reasoning: 500 });
  });

  it('tells writes to the cache for an hour from those for five minutes', () => {
    expect(
      readAnthropicUsage({
        input_tokens: 10,
        output_tokens: 5,
        cache_creation_input_tokens: 100,
        cache_creation: {
          ephemeral_5m_input_tokens: 40,
          ephemeral_1h_input_tokens: 60,
        },
        server_tool_use: { web_search_requests: 3 },
      }),
    ).toEqual({
      inputUncached: 10,
      cacheRead: 0,
      cacheWrite: 40,
      cacheWrite1h: 60,
      outputText: 5,
      reasoning: 0,
      webSearches: 3,
    });
  });

  it("takes Gemini's cached sounds out of its sounds", () => {
    expect(
      readGeminiUsage({
        promptTokenCount: 1_000,
        cachedContentTokenCount: 300,
        promptTokensDetails: [
          { modality: 'TEXT', tokenCount: 400 },
          { modality: 'AUDIO', tokenCount: 600 },
        ],
        cacheTokensDetails: [{ modality: 'AUDIO', tokenCount: 200 }],
        candidatesTokenCount: 10,
        candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 10 }],
        thoughtsTokenCount: 7,
      }),
    ).toEqual({
      inputUncached: 300,
      cacheRead: 100,
      cacheWrite: 0,
      cacheReadAudio: 200,
      inputAudio: 400,
      outputText: 0,
      outputImage: 10,
      reasoning: 7,
    });
  });

  it('calls a service tier by one name, and the standard one by none', () => {
    expect(
      readAnthropicServed({ service_tier: 'standard', inference_geo: 'us' }),
    ).toEqual({ inferenceGeo: 'us' });
    expect(
      readAnthropicServed({
        service_tier: 'batch',
        inference_geo: 'not_available',
      }),
    ).toEqual({ serviceTier: 'batch' });
    expect(readGeminiServed({ trafficType: 'ON_DEMAND_FLEX' })).toEqual({
      serviceTier: 'flex',
    });
    expect(readGeminiServed({ trafficType: 'ON_DEMAND' })).toEqual({});
  });
});
