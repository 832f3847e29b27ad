import type { Price, TierPrice } from './price';

const HALF: TierPrice = { perMille: 500 };

type Ratios = ReadonlyArray<[RegExp, number]>;

const PRIORITY: Ratios = [
  [/^gpt-4o(-20\d\d|$)/, 1_700],
  [/^gpt-4\.1/, 1_750],
  [/^o3(-20\d\d|$)/, 1_750],
  [/^gpt-5-mini/, 1_800],
];

/** Anthropic's fast mode: six times for Opus 4.6 and 4.7, then two times. */
const FAST: Ratios = [[/^claude-opus-(4-8|5)/, 2_000]];

/**
 * What publishers charge for their service tiers, which the published list does
 * not have. Ratios of their price pages; for a model whose ratio is not known
 * the highest of its publisher stands, so a call is rather booked too dear.
 *
 * Sources: OpenAI "Pricing" (flex and batch are half the standard rate, priority
 * 1.7 to 2 times), Anthropic "Pricing" (batch half, `inference_geo: us` 1.1 times,
 * fast mode 2 to 6 times), Google "Gemini API pricing" (batch and flex half,
 * priority 1.8 times).
 */
export function publisherTiers(
  publisher: string,
  modelId: string,
): Pick<Price, 'serviceTiers' | 'geoPerMille'> {
  switch (publisher) {
    case 'openai':
    case 'azure':
      return {
        serviceTiers: {
          flex: HALF,
          batch: HALF,
          priority: { perMille: ratioOf(PRIORITY, modelId, 2_000) },
        },
      };
    case 'anthropic':
      // Priority is capacity that was paid for beforehand, at the usual rates.
      return {
        serviceTiers: {
          batch: HALF,
          fast: { perMille: ratioOf(FAST, modelId, 6_000) },
        },
        geoPerMille: { us: 1_100 },
      };
    case 'google':
      return {
        serviceTiers: {
          flex: HALF,
          batch: HALF,
          priority: { perMille: 1_800 },
        },
      };
    default:
      return {};
  }
}

function ratioOf(ratios: Ratios, modelId: string, otherwise: number): number {
  return ratios.find(([pattern]) => pattern.test(modelId))?.[1] ?? otherwise;
}
