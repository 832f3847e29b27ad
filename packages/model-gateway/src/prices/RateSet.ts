import type { PriceRates } from './price';
import type { RatePart } from './rates';

/** Rates by the size of the input from which they hold. */
export class RateSet {
  readonly #found = new Map<RatePart, Map<number, number>>();

  add(part: RatePart, nanoUsdPerMillion: number, above: number): void {
    const steps = this.#found.get(part) ?? new Map<number, number>();
    steps.set(above, nanoUsdPerMillion);
    this.#found.set(part, steps);
  }

  rates(): Partial<PriceRates> {
    const result: Partial<PriceRates> = {};
    for (const [part, steps] of this.#found) {
      const [[, base], ...rest] = [...steps].sort(([a], [b]) => a - b);
      result[part] = {
        nanoUsdPerMillion: base,
        ...(rest.length > 0 && {
          tiers: rest.map(([aboveInputTokens, nanoUsdPerMillion]) => ({
            aboveInputTokens,
            nanoUsdPerMillion,
          })),
        }),
      };
    }
    return result;
  }
}
