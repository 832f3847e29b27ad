import {
  type Price,
  RATE_PARTS,
  type RatePart,
  type TokenRate,
  versioned,
} from '@agentportal/model-gateway';

const SUFFIX = 'NanoUsdPerMillionTokens';

/** Rates as people write them: one member for each part. */
export type FlatRates = {
  [Part in RatePart as `${Part}${typeof SUFFIX}`]?: number;
};

/** Rates of a price where the two that every price needs are there. */
export type FlatPrice = FlatRates &
  Required<
    Pick<
      FlatRates,
      'inputNanoUsdPerMillionTokens' | 'outputNanoUsdPerMillionTokens'
    >
  >;

/** The names of all rates in their flat form. */
export const FLAT_RATES = RATE_PARTS.map(
  part => `${part}${SUFFIX}` as keyof FlatRates,
);

/** The flat form of rates, without what long contexts cost more. */
export function toFlatRates(
  rates: Partial<Record<RatePart, TokenRate>>,
): FlatRates {
  const flat: FlatRates = {};
  for (const part of RATE_PARTS) {
    const rate = rates[part];
    if (rate) {
      flat[`${part}${SUFFIX}`] = rate.nanoUsdPerMillion;
    }
  }
  return flat;
}

/** Rates from their flat form, with those of long contexts. */
export function toRates(
  flat: FlatRates,
  longContext: Array<FlatRates & { aboveInputTokens: number }> = [],
): Partial<Record<RatePart, TokenRate>> {
  const steps = [...longContext].sort(
    (a, b) => a.aboveInputTokens - b.aboveInputTokens,
  );
  const rates: Partial<Record<RatePart, TokenRate>> = {};
  for (const part of RATE_PARTS) {
    const nanoUsdPerMillion = flat[`${part}${SUFFIX}`];
    if (nanoUsdPerMillion === undefined) {
      continue;
    }
    const tiers = steps.flatMap(step => {
      const above = step[`${part}${SUFFIX}`];
      return above === undefined
        ? []
        : {
            aboveInputTokens: step.aboveInputTokens,
            nanoUsdPerMillion: above,
          };
    });
    rates[part] = { nanoUsdPerMillion, ...(tiers.length > 0 && { tiers }) };
  }
  return rates;
}

/** A flat price; the digest in its version tells one from the next. */
export function toPrice(flat: FlatPrice, source: string): Price {
  return versioned(source, toRates(flat) as Omit<Price, 'version'>);
}
