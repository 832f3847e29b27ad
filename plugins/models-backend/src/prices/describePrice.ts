import { type Price, RATE_PARTS } from '@agentportal/model-gateway';
import { toUnitPrices } from './flatPrice';
import type { ModelPriceDetails } from '@agentportal/plugin-models-common';

/** A price as a list of everything that it says, for readers. */
export function describePrice(
  price: Omit<Price, 'version'>,
): ModelPriceDetails {
  const tiers = Object.entries(price.serviceTiers ?? {});
  return {
    rates: [
      ...ratesOf(price),
      ...tiers.flatMap(([serviceTier, tier]) =>
        ratesOf(tier.rates ?? {}).map(rate => ({ ...rate, serviceTier })),
      ),
    ],
    multipliers: [
      ...tiers.flatMap(([serviceTier, { perMille }]) =>
        perMille === undefined ? [] : { serviceTier, perMille },
      ),
      ...Object.entries(price.geoPerMille ?? {}).map(
        ([inferenceGeo, perMille]) => ({ inferenceGeo, perMille }),
      ),
    ],
    requestNanoUsd: price.requestNanoUsd,
    webSearchNanoUsd: price.webSearchNanoUsd,
    ...toUnitPrices(price),
    validFrom: toIso(price.validFrom),
    validTo: toIso(price.validTo),
  };
}

function ratesOf(rates: Partial<Price>): ModelPriceDetails['rates'] {
  return RATE_PARTS.flatMap(part => {
    const rate = rates[part];
    if (!rate) {
      return [];
    }
    return [
      { part, nanoUsdPerMillionTokens: rate.nanoUsdPerMillion },
      ...(rate.tiers ?? []).map(tier => ({
        part,
        aboveInputTokens: tier.aboveInputTokens,
        nanoUsdPerMillionTokens: tier.nanoUsdPerMillion,
        ...(rate.marginal && { marginal: true }),
      })),
    ];
  });
}

function toIso(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
