import { type Price, versioned } from '@agentportal/model-gateway';
import { z } from 'zod/v4';
import {
  FLAT_RATES,
  type FlatPrice,
  type FlatRates,
  toRates,
  toUnits,
  UNIT_PRICES,
  type UnitPrices,
} from './flatPrice';

const nanoUsd = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const flatRates = Object.fromEntries(
  FLAT_RATES.map(name => [name, nanoUsd.optional()]),
) as Record<keyof FlatRates, z.ZodOptional<typeof nanoUsd>>;

/** Of one unit; a million of them must still be a number that is exact. */
const unitNanoUsd = z.number().int().min(0).max(9_000_000_000);

const unitPrices = Object.fromEntries(
  Object.keys(UNIT_PRICES).map(name => [name, unitNanoUsd.optional()]),
) as Record<keyof UnitPrices, z.ZodOptional<typeof unitNanoUsd>>;

/** In configuration a percentage reads better; one digit after the point. */
const percent = z
  .number()
  .positive()
  .max(1_000)
  .refine(value => Math.abs(value * 10 - Math.round(value * 10)) < 1e-6, {
    message: 'must have at most one digit after the point',
  });

const moment = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], {
    error: 'must be a date such as 2026-12-01 or a date-time with a zone',
  })
  .transform(text => Date.parse(text));

/** An entry of `models.prices`. */
export const priceSchema = z
  .strictObject({
    model: z.string().min(1),
    ...flatRates,
    ...unitPrices,
    longContext: z
      .array(
        z.strictObject({
          aboveInputTokens: z.number().int().positive(),
          ...flatRates,
        }),
      )
      .max(10)
      .optional(),
    serviceTiers: z
      .partialRecord(
        z.enum(['flex', 'priority', 'batch', 'scale', 'fast']),
        z.strictObject({
          percentOfStandard: percent.optional(),
          ...flatRates,
        }),
      )
      .optional(),
    requestNanoUsd: nanoUsd.optional(),
    webSearchNanoUsd: nanoUsd.optional(),
    validFrom: moment.optional(),
    validTo: moment.optional(),
  })
  .refine(
    price =>
      price.validFrom === undefined ||
      price.validTo === undefined ||
      price.validFrom < price.validTo,
    { message: 'validTo must be after validFrom', path: ['validTo'] },
  )
  .refine(
    price =>
      Object.keys(UNIT_PRICES).some(name => name in price) ||
      ('inputNanoUsdPerMillionTokens' in price &&
        'outputNanoUsdPerMillionTokens' in price),
    {
      message:
        'needs inputNanoUsdPerMillionTokens and outputNanoUsdPerMillionTokens, or the price of a unit such as imageNanoUsd',
    },
  );

/** An entry of `models.priceLists`. */
export const priceListSchema = z
  .strictObject({
    type: z.literal('litellm'),
    path: z.string().min(1).optional(),
    url: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .optional(),
    refreshHours: z.number().positive().max(8_760).default(24),
  })
  .refine(list => (list.path === undefined) !== (list.url === undefined), {
    message: 'needs one of path and url',
  });

export type PriceListConfig = z.infer<typeof priceListSchema>;

/** The operator's own prices, by gateway id; of several the last one goes first. */
export function configuredPrices(
  prices: Array<z.infer<typeof priceSchema>>,
  builtIn: ReadonlyMap<string, Price> = new Map(),
): Map<string, Price[]> {
  const byModel = new Map<string, Price[]>(
    [...builtIn].map(([model, price]) => [model, [price]]),
  );
  for (const { model, ...entry } of prices) {
    const known = byModel.get(model) ?? [];
    byModel.set(model, [...known, toConfigured(entry)]);
  }
  return byModel;
}

function toConfigured(
  entry: Omit<z.infer<typeof priceSchema>, 'model'>,
): Price {
  const { longContext, serviceTiers, ...rest } = entry;
  const { requestNanoUsd, webSearchNanoUsd, validFrom, validTo, ...told } =
    rest;
  // What is paid by the piece takes tokens for nothing, unless it is said.
  const flat: FlatPrice = {
    inputNanoUsdPerMillionTokens: 0,
    outputNanoUsdPerMillionTokens: 0,
    ...told,
  };
  const tiers = Object.entries(serviceTiers ?? {}).map(
    ([name, { percentOfStandard, ...rates }]) => [
      name,
      {
        rates: toRates(rates),
        ...(percentOfStandard !== undefined && {
          perMille: Math.round(percentOfStandard * 10),
        }),
      },
    ],
  );
  return versioned('operator', {
    ...(toRates(flat, longContext) as Omit<Price, 'version'>),
    ...toUnits(told),
    ...(tiers.length > 0 && { serviceTiers: Object.fromEntries(tiers) }),
    ...(requestNanoUsd && { requestNanoUsd }),
    ...(webSearchNanoUsd && { webSearchNanoUsd }),
    ...(validFrom !== undefined && { validFrom }),
    ...(validTo !== undefined && { validTo }),
  });
}
