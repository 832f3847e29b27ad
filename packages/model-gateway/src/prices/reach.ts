import type { JsonObject } from '../providers/ModelProvider';
import { inferenceGeoOf, serviceTierOf } from '../usage/served';

/**
 * What of a price a request may make its call cost: the parts besides text, the
 * tiers, the fees. Where it cannot be told, it may.
 */
export interface PriceReach {
  inputAudio: boolean;
  inputImage: boolean;
  outputAudio: boolean;
  /** Caches for an hour, which costs more than the usual time. */
  cacheWrite1h: boolean;
  /** Service tiers besides the standard one. */
  serviceTiers: readonly string[];
  /** Places by which the price may rise; `undefined` for any. */
  inferenceGeos?: readonly string[];
  webSearches: number;
}

/** No provider is known to make more searches for one call. */
export const MOST_SEARCHES = 50;

/** Whatever a price has. */
export const ANY_REACH: PriceReach = {
  inputAudio: true,
  inputImage: true,
  outputAudio: true,
  cacheWrite1h: true,
  serviceTiers: [],
  webSearches: 0,
};

/** Reads from a request what its call may be charged for. */
export function reachOf(options: {
  body: JsonObject;
  /** The request in its own format, when that is another than OpenAI's chat. */
  nativeText?: string;
  /** Whether it brings things besides text. */
  media: boolean;
  /** Service tiers that it may be served in without asking. */
  unaskedTiers?: readonly string[];
}): PriceReach {
  const { body, nativeText, media } = options;
  const own =
    nativeText === undefined ? body : { ...body, ...tiersIn(nativeText) };
  const tier = own.speed === 'fast' ? 'fast' : serviceTierOf(own.service_tier);
  const modalities = Array.isArray(body.modalities) ? body.modalities : [];
  return {
    inputAudio: media,
    inputImage: media,
    outputAudio: modalities.includes('audio') || body.audio !== undefined,
    // Escapes can hide the word, so a text with any may have it.
    cacheWrite1h: nativeText !== undefined && /"1h"|\\u/.test(nativeText),
    serviceTiers: tier ? [tier] : options.unaskedTiers ?? [],
    inferenceGeos: geosOf(own.inference_geo),
    webSearches: body.web_search_options ? MOST_SEARCHES : 0,
  };
}

/** Unless the caller chose, the account at the provider chooses. */
function geosOf(asked: unknown): readonly string[] | undefined {
  if (typeof asked !== 'string') {
    return undefined;
  }
  const geo = inferenceGeoOf(asked);
  return geo ? [geo] : [];
}

/** The members of a native request that its translation does not have. */
function tiersIn(text: string): JsonObject {
  if (!/service_tier|inference_geo|"speed"|\\u/.test(text)) {
    return {};
  }
  const { service_tier, inference_geo, speed } = JSON.parse(text) as JsonObject;
  return { service_tier, inference_geo, speed };
}
