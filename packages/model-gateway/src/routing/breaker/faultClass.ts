import type { GatewayError, GatewayErrorCode } from '../../errors';

/**
 * Why a model is left alone for a while. Each kind has its own time: a rate limit
 * and a quota end when the provider says so, rejected credentials when somebody
 * mends them, and trouble (overload, 5xx, unreachable) when a probe succeeds.
 */
export type FaultClass = 'rate' | 'quota' | 'auth' | 'trouble';

const CLASSES: Partial<Record<GatewayErrorCode, FaultClass>> = {
  provider_rate_limited: 'rate',
  provider_quota_exhausted: 'quota',
  provider_credentials_rejected: 'auth',
  provider_error: 'trouble',
  provider_unreachable: 'trouble',
  provider_timeout: 'trouble',
  provider_bad_answer: 'trouble',
  provider_stream_cut: 'trouble',
};

/**
 * What a provider said of the request, which the caller hears of and can mend; the
 * model is well.
 */
export const ABOUT_THE_REQUEST: ReadonlySet<GatewayErrorCode> = new Set([
  'provider_refused_request',
  'provider_context_exceeded',
  'provider_content_filtered',
]);

/** Nobody is there, or answers; a second try tells nothing new. */
const NOT_THERE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** A fault of a provider, as the breakers look at it. */
export interface Fault {
  class: FaultClass;
  /** Milliseconds since the epoch, where the provider told a time. */
  until?: number;
  /** One is enough to leave the model alone. */
  certain: boolean;
}

/**
 * What a failure says about its provider. `undefined` for failures that say
 * nothing: a bad request, refused content, a budget, a caller who went away.
 */
export function faultOf(error: GatewayError, now: number): Fault | undefined {
  const found = CLASSES[error.code];
  if (!found) {
    return undefined;
  }
  const { code } = (error.cause ?? {}) as { code?: string };
  const certain =
    found !== 'trouble' || (code !== undefined && NOT_THERE.has(code));
  const wait = toldWaitMs(error);
  return {
    class: found,
    until: wait === undefined ? undefined : now + wait,
    certain,
  };
}

/** How long a provider asked to be left alone, where it said so. */
export function toldWaitMs({ retryAfter }: GatewayError): number | undefined {
  return retryAfter === undefined ? undefined : Number(retryAfter) * 1_000;
}
