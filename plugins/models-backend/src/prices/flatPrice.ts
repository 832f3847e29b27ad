import {
  type Price,
  RATE_PARTS,
  type RatePart,
  type TokenRate,
  type Unit,
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

/** Prices for a unit, as people write them. */
export type UnitPrices = { [Name in keyof typeof UNIT_PRICES]?: number };

/** Inside, a price is for a million units, and sound is counted in seconds. */
const MILLION = 1_000_000;
export const UNIT_PRICES = {
  characterNanoUsd: { unit: 'characters', per: 1 },
  imageNanoUsd: { unit: 'images', per: 1 },
  audioMinuteNanoUsd: { unit: 'audioSeconds', per: 60 },
  searchUnitNanoUsd: { unit: 'searchUnits', per: 1 },
  gpuHourNanoUsd: { unit: 'computeSeconds', per: 3_600 },
} as const satisfies Record<string, { unit: Unit; per: number }>;

const UNIT_NAMES = Object.keys(UNIT_PRICES) as Array<keyof UnitPrices>;

/** Prices of units from their flat form; nothing where there are none. */
export function toUnits(flat: UnitPrices): Pick<Price, 'units'> {
  const units = UNIT_NAMES.flatMap(name => {
    const nanoUsd = flat[name];
    const { per, unit } = UNIT_PRICES[name];
    return nanoUsd === undefined
      ? []
      : [[unit, Math.round((nanoUsd * MILLION) / per)]];
  });
  return units.length > 0 ? { units: Object.fromEntries(units) } : {};
}

/** The flat form of prices of units. */
export function toUnitPrices({ units }: Pick<Price, 'units'>): UnitPrices {
  return Object.fromEntries(
    UNIT_NAMES.flatMap(name => {
      const { per, unit } = UNIT_PRICES[name];
      const rate = units?.[unit];
      return rate === undefined
        ? []
        : [[name, Math.round((rate * per) / MILLION)]];
    }),
  );
}

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
