import { tokenCounter } from './countTokens';
import { measure, savedByCompression } from './savedByCompression';

const price = {
  input: { nanoUsdPerMillion: 1_000_000_000 },
  cacheRead: { nanoUsdPerMillion: 100_000_000 },
  output: { nanoUsdPerMillion: 0 },
  version: 'v',
};

const usage = {
  inputUncached: 1_000,
  cacheRead: 1_000,
  cacheWrite: 0,
  outputText: 50,
  reasoning: 0,
};

describe('savings of compression', () => {
  it('are what the input would have cost more, cached in the same part', () => {
    expect(
      savedByCompression({ removedTokens: 250, keptTokens: 500 }, price, usage),
    ).toBe(500 * 1_000 + 500 * 100);
  });

  it('are nothing when the provider did not work or the price is not known', () => {
    const measured = { removedTokens: 250, keptTokens: 500 };
    const nothing = { ...usage, inputUncached: 0, cacheRead: 0 };
    expect(savedByCompression(measured, price, nothing)).toBe(0);
    expect(savedByCompression(measured, undefined, usage)).toBe(0);
  });

  it('are counted in tokens, of texts that changed', () => {
    const count = tokenCounter();
    const { removedTokens, keptTokens } = measure(
      {
        text: '{"messages":[]}',
        removedBytes: 0,
        steps: [],
        changed: [{ from: 'one two three four five six', to: 'one two' }],
      },
      count,
    );
    expect(removedTokens).toBe(4);
    expect(keptTokens).toBeGreaterThan(1);
    expect(keptTokens).toBeLessThan(8);
  });

  it('are counted in bounded time, whatever the text, and signs are text', () => {
    const count = tokenCounter();
    const start = performance.now();
    expect(count('a'.repeat(2_000_000))).toBeGreaterThan(100_000);
    expect(performance.now() - start).toBeLessThan(1_000);
    expect(count('<|endoftext|>')).toBeGreaterThan(1);
  });
});
