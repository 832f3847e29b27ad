import { costNanoUsd, type Price } from './price';
import { PriceBook } from './PriceBook';

const rate = (nanoUsdPerMillion: number) => ({ nanoUsdPerMillion });
const usage = {
  inputUncached: 0,
  cacheRead: 0,
  cacheWrite: 0,
  outputText: 0,
  reasoning: 0,
};
const clock = { now: () => Date.UTC(2026, 10, 1) };

describe('costNanoUsd', () => {
  const price: Price = {
    input: {
      ...rate(3_000_000_000),
      tiers: [{ aboveInputTokens: 200_000, nanoUsdPerMillion: 6_000_000_000 }],
    },
    output: rate(15_000_000_000),
    cacheRead: rate(300_000_000),
    version: 'test',
  };

  it('prices each part once, and parts without a rate like their whole', () => {
    expect(
      costNanoUsd(price, {
        inputUncached: 1000,
        cacheRead: 1000,
        cacheWrite: 1000,
        outputText: 10,
        reasoning: 10,
      }),
    ).toBe(3_000_000 + 300_000 + 3_000_000 + 150_000 + 150_000);
  });

  it('takes the long-context tier for the whole call, cached tokens counted', () => {
    expect(
      costNanoUsd(price, { ...usage, inputUncached: 1, cacheRead: 200_000 }),
    ).toBe(6_000 + 60_000_000);
  });

  it('prices only what is above a marginal threshold at its rate', () => {
    const marginal: Price = {
      input: { ...price.input, marginal: true },
      output: rate(0),
      version: '',
    };
    expect(costNanoUsd(marginal, { ...usage, inputUncached: 200_010 })).toBe(
      200_000 * 3_000 + 10 * 6_000,
    );
  });

  it('stays exact where doubles would not', () => {
    const odd: Price = {
      input: rate(999_999_999_999),
      output: rate(1),
      version: '',
    };
    expect(costNanoUsd(odd, { ...usage, inputUncached: 9_000_001 })).toBe(
      Number((9_000_001n * 999_999_999_999n + 500_000n) / 1_000_000n),
    );
  });

  it('rounds once, on the sum', () => {
    const tiny: Price = {
      input: rate(400_000),
      output: rate(400_000),
      version: '',
    };
    expect(
      costNanoUsd(tiny, { ...usage, inputUncached: 1, outputText: 1 }),
    ).toBe(1);
    expect(costNanoUsd(tiny, { ...usage, inputUncached: 1 })).toBe(0);
  });
});

describe('PriceBook', () => {
  const key = {
    id: 'anthropic/claude-sonnet-4-5',
    modelId: 'claude-sonnet-4-5',
    publisher: 'anthropic',
  };
  const own = (version: string): Price => ({
    input: rate(1),
    output: rate(1),
    version,
  });

  it('reads published prices with their tiers', () => {
    const book = new PriceBook({ clock });
    const price = book.priceOf(key)!;
    expect(price.output.nanoUsdPerMillion).toBe(15_000_000_000);
    expect(price.input.tiers?.length).toBeGreaterThan(0);
    expect(price.version).toMatch(
      /^genai-prices [\d.]+ \d{4}-\d\d [0-9a-f]{8}$/,
    );
    expect(book.published(key)?.contextWindow).toBe(200_000);
  });

  it('lets the catalog go before the list, and the operator before both', () => {
    const book = new PriceBook({ clock });
    book.setDeclared(new Map([[key.id, own('catalog')]]));
    expect(book.priceOf(key)?.version).toBe('catalog');
    const operated = new PriceBook({
      clock,
      configured: new Map([[key.id, own('app-config')]]),
    });
    operated.setDeclared(new Map([[key.id, own('catalog')]]));
    expect(operated.priceOf(key)?.version).toBe('app-config');
  });

  it('asks imported lists in their order, before the published one', () => {
    const book = new PriceBook({ clock });
    const list = (id: string, version: string) => ({
      priceOf: (model: { id: string }) =>
        model.id === id ? own(version) : undefined,
    });
    book.setLists([
      list('other/x', 'first'),
      list(key.id, 'second'),
      list(key.id, 'third'),
    ]);
    expect(book.priceOf(key)?.version).toBe('second');
    book.setDeclared(new Map([[key.id, own('catalog')]]));
    expect(book.priceOf(key)?.version).toBe('catalog');
    book.setDeclared(new Map());
    book.setLists([]);
    expect(book.priceOf(key)?.version).toMatch(/^genai-prices /);
  });

  it("takes of the operator's prices the one that holds now", () => {
    const at = { value: Date.UTC(2026, 10, 30, 23, 59, 59, 999) };
    const book = new PriceBook({
      clock: { now: () => at.value },
      configured: new Map([
        [
          key.id,
          [
            own('always'),
            { ...own('december'), validFrom: Date.UTC(2026, 11, 1) },
            {
              ...own('advent'),
              validFrom: Date.UTC(2026, 11, 5),
              validTo: Date.UTC(2026, 11, 6),
            },
          ],
        ],
      ]),
    });
    const version = () => book.priceOf(key)?.version;
    expect(version()).toBe('always');
    at.value += 1;
    expect(version()).toBe('december');
    at.value = Date.UTC(2026, 11, 5, 12);
    expect(version()).toBe('advent');
    at.value = Date.UTC(2026, 11, 6);
    expect(version()).toBe('december');
  });

  it('does not invent a price', () => {
    const book = new PriceBook({ clock });
    expect(
      book.priceOf({ id: 'ollama/qwen3', modelId: 'qwen3' }),
    ).toBeUndefined();
    expect(
      book.priceOf({ ...key, id: 'anthropic/x', modelId: 'no-such-model' }),
    ).toBeUndefined();
  });
});
