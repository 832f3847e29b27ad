import { scaledDecimal } from './decimal';
import type { Price, TierPrice, TokenRate } from './price';
import type { RatePart } from './rates';
import type { Unit } from '../usage/units';
import { RateSet } from './RateSet';

/** An entry of LiteLLM's list: members of many kinds, most of them optional. */
export type LiteLlmEntry = { [key: string]: unknown };

/** From USD for a token to nano-USD for a million tokens. */
const PER_TOKEN = 15;
const PER_CALL = 9;

const PARTS: ReadonlyMap<string, RatePart> = new Map([
  ['input_cost_per_token', 'input'],
  ['output_cost_per_token', 'output'],
  ['cache_read_input_token_cost', 'cacheRead'],
  ['cache_read_input_audio_token_cost', 'cacheReadAudio'],
  ['cache_read_input_token_cost_per_audio_token', 'cacheReadAudio'],
  ['cache_read_input_image_token_cost', 'cacheReadImage'],
  ['cache_creation_input_token_cost', 'cacheWrite'],
  ['cache_creation_input_token_cost_above_1hr', 'cacheWrite1h'],
  ['input_cost_per_audio_token', 'inputAudio'],
  ['input_cost_per_image_token', 'inputImage'],
  ['output_cost_per_audio_token', 'outputAudio'],
  ['output_cost_per_image_token', 'outputImage'],
  ['output_cost_per_reasoning_token', 'reasoning'],
]);

/**
 * From USD for a unit to nano-USD for a million, by what the model is for. An entry
 * that has a rate for the tokens of the unit says the same cost twice.
 */
const UNIT_COSTS: ReadonlyArray<
  [key: string, unit: Unit, mode: string, tokens?: RatePart]
> = [
  ['input_cost_per_character', 'characters', 'audio_speech', 'outputAudio'],
  ['output_cost_per_image', 'images', 'image_generation', 'outputImage'],
  ['input_cost_per_image', 'images', 'image_generation', 'outputImage'],
  [
    'input_cost_per_second',
    'audioSeconds',
    'audio_transcription',
    'inputAudio',
  ],
  ['input_cost_per_query', 'searchUnits', 'rerank'],
];

/** `_above_200k_tokens` is for the whole call once its input is larger. */
const NAME =
  /^(?<base>.+?)(?:_above_(?<count>\d+)(?<unit>[km])_tokens)?(?:_(?<tier>batches|flex|priority))?$/;

/**
 * The price of an entry. `undefined` for entries without a price for tokens or for
 * the unit that models of their mode are paid by: pages, pixels, sessions.
 *
 * @throws Error for a price that is no number or negative
 */
export function readLiteLlmPrice(
  entry: LiteLlmEntry,
): Omit<Price, 'version'> | undefined {
  const standard = new RateSet();
  const tiers = new Map<string, RateSet>();
  for (const [key, value] of Object.entries(entry)) {
    const name = NAME.exec(key)?.groups;
    const part = name && PARTS.get(name.base);
    if (!part || value === null || value === undefined) {
      continue;
    }
    const rate = nanoUsd(key, value, PER_TOKEN);
    const tier = name.tier === 'batches' ? 'batch' : name.tier;
    let set = standard;
    if (tier) {
      set = tiers.get(tier) ?? new RateSet();
      tiers.set(tier, set);
    }
    set.add(
      part,
      rate,
      name.count === undefined
        ? 0
        : Number(name.count) * (name.unit === 'm' ? 1_000_000 : 1_000),
    );
  }
  addRanges(standard, entry.tiered_pricing);
  const rates = standard.rates();
  const { input, output } = rates;
  const units = readUnits(entry, rates);
  if (!units && ((!input && !output) || isPricedOtherwise(entry, rates))) {
    return undefined;
  }
  const free: TokenRate = { nanoUsdPerMillion: 0 };
  return {
    ...rates,
    input: input ?? free,
    output: output ?? free,
    ...(units && { units }),
    ...(tiers.size > 0 && { serviceTiers: toTiers(tiers) }),
    ...readFees(entry),
  };
}

/** Of two prices for one unit the first counts. */
function readUnits(
  entry: LiteLlmEntry,
  rates: ReturnType<RateSet['rates']>,
): Price['units'] {
  const units: Partial<Record<Unit, number>> = {};
  for (const [key, unit, mode, tokens] of UNIT_COSTS) {
    const value = entry[key];
    const byTokens = tokens && rates[tokens]?.nanoUsdPerMillion;
    if (
      entry.mode === mode &&
      !byTokens &&
      typeof value === 'number' &&
      value > 0
    ) {
      units[unit] ??= nanoUsd(key, value, PER_TOKEN);
    }
  }
  return Object.keys(units).length > 0 ? units : undefined;
}

/** Free by tokens, but not by pictures, seconds or pages. */
function isPricedOtherwise(
  entry: LiteLlmEntry,
  rates: Partial<Record<RatePart, TokenRate>>,
): boolean {
  return (
    Object.values(rates).every(rate => rate.nanoUsdPerMillion === 0) &&
    Object.entries(entry).some(
      ([key, value]) =>
        /_cost_per_(?!token|request)/.test(key) && Number(value) > 0,
    )
  );
}

function readFees(
  entry: LiteLlmEntry,
): Pick<Price, 'requestNanoUsd' | 'webSearchNanoUsd'> {
  const request = entry.input_cost_per_request;
  const search = (
    entry.search_context_cost_per_query as LiteLlmEntry | null | undefined
  )?.search_context_size_medium;
  return {
    ...(typeof request === 'number' && {
      requestNanoUsd: nanoUsd('input_cost_per_request', request, PER_CALL),
    }),
    ...(typeof search === 'number' && {
      webSearchNanoUsd: nanoUsd(
        'search_context_cost_per_query',
        search,
        PER_CALL,
      ),
    }),
  };
}

function toTiers(sets: Map<string, RateSet>): Record<string, TierPrice> {
  return Object.fromEntries(
    [...sets].map(([tier, set]) => [tier, { rates: set.rates() }]),
  );
}

/**
 * Alibaba's models have a list of ranges instead. A call is billed by the range
 * that its input falls in.
 */
function addRanges(standard: RateSet, ranges: unknown): void {
  for (const range of Array.isArray(ranges) ? (ranges as LiteLlmEntry[]) : []) {
    const from = Array.isArray(range?.range) ? Number(range.range[0]) : NaN;
    if (!Number.isSafeInteger(from) || from < 0) {
      throw new Error('tiered_pricing has a range without a beginning');
    }
    for (const [key, value] of Object.entries(range)) {
      const part = PARTS.get(key);
      if (part && value !== null && value !== undefined) {
        standard.add(part, nanoUsd(key, value, PER_TOKEN), from);
      }
    }
  }
}

function nanoUsd(key: string, value: unknown, powerOfTen: number): number {
  const exact = scaledDecimal(value, powerOfTen);
  if (exact === undefined) {
    throw new Error(`${key} is not a price`);
  }
  return exact;
}
