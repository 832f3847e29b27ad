/**
 * How a provider served a call, as far as its price depends on it. The answer
 * tells it: what was asked for is not always what was given.
 *
 * @public
 */
export interface ServedAs {
  /** `flex`, `priority`, `batch`, `scale`; absent for the standard tier. */
  serviceTier?: string;
  /** Where the model ran, as Anthropic names it: `us`. Absent for anywhere. */
  inferenceGeo?: string;
  /** The model's id at the provider, as the answer names it. */
  model?: string;
}

/** Names of the standard tier, and of those that leave it to the provider. */
const STANDARD = new Set([
  '',
  'auto',
  'default',
  'standard',
  'standard_only',
  'on_demand',
  'unspecified',
  'service_tier_unspecified',
  'traffic_type_unspecified',
]);

/** A tier by one name, whoever tells it; `undefined` for the standard tier. */
export function serviceTierOf(value: unknown): string | undefined {
  if (typeof value !== 'string') {
    return undefined;
  }
  // Vertex calls them ON_DEMAND_FLEX and ON_DEMAND_PRIORITY.
  const name = value.toLowerCase().replace(/^(on_demand|service_tier)_/, '');
  return STANDARD.has(name) || name.length > 40 ? undefined : name;
}

/** A place by its name; `undefined` where the price does not depend on it. */
export function inferenceGeoOf(value: unknown): string | undefined {
  return typeof value === 'string' &&
    value.length <= 40 &&
    !['', 'global', 'not_available'].includes(value)
    ? value.toLowerCase()
    : undefined;
}

/**
 * What an OpenAI chat completion, a chunk of one or a response says of how it
 * was served.
 */
export function readServed(json: { [key: string]: unknown }): ServedAs {
  const serviceTier = serviceTierOf(json.service_tier);
  return {
    ...(serviceTier && { serviceTier }),
    ...(typeof json.model === 'string' && { model: json.model }),
  };
}

/**
 * Whether two ids are of one model: providers answer with the version that a name
 * stands for today (`gpt-4o-2024-08-06` for `gpt-4o`), or the other way round.
 */
export function isSameModel(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return (
    long.startsWith(short) &&
    /^$|^[-@:.](latest|v?\d[\d.-]*)$/.test(long.slice(short.length))
  );
}
