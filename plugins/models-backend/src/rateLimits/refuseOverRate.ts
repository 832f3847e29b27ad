import { GatewayError } from '@agentportal/model-gateway';
import { burstOf, type RateRefusal, type RateStanding } from './RateCounters';
import type { RateLimit } from './rateLimit';

/** Says which rate limit has nothing left, whose it is and when to try again. */
export function refuseOverRate(refusal: RateRefusal): GatewayError {
  const { limit, retryAfterMs } = refusal;
  const { measure, scope } = limit;
  const whose =
    scope.type === 'organisation'
      ? 'the organisation'
      : `${scope.type} ${scope.ref}`;
  const seconds =
    retryAfterMs === undefined
      ? undefined
      : Math.max(1, Math.ceil(retryAfterMs / 1000));
  return new GatewayError(
    429,
    'rate_limited',
    [
      `The rate limit of ${whose} is reached: ${termsOf(limit)}.`,
      seconds === undefined
        ? 'It lets no call through; ask an administrator of the portal to raise it.'
        : `Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
    ].join(' '),
    {
      ...(seconds !== undefined && { retryAfter: String(seconds) }),
      details: {
        rateLimit: {
          id: limit.id,
          scope,
          measure,
          limit: measure === 'parallel' ? limit.limit : limit.perMinute,
          retryAfterMs,
        },
      },
      headers: {
        'x-agent-portal-rate-limit': limit.id,
        ...(measure !== 'parallel' && {
          [`x-ratelimit-limit-${measure}`]: String(limit.perMinute ?? 0),
          [`x-ratelimit-remaining-${measure}`]: '0',
          ...(retryAfterMs !== undefined && {
            [`x-ratelimit-reset-${measure}`]: `${retryAfterMs}ms`,
          }),
        }),
      },
    },
  );
}

/** OpenAI's headers of what is left, of the tightest limit of each measure. */
export function standingHeaders(
  standings: readonly RateStanding[],
): Record<string, string> {
  const headers: Record<string, string> = {};
  const tightest = new Map<string, number>();
  for (const { limit, remaining, resetMs } of standings) {
    const { measure } = limit;
    const left = remaining / burstOf(limit);
    if (measure !== 'parallel' && left < (tightest.get(measure) ?? Infinity)) {
      tightest.set(measure, left);
      headers[`x-ratelimit-limit-${measure}`] = String(limit.perMinute);
      headers[`x-ratelimit-remaining-${measure}`] = String(remaining);
      headers[`x-ratelimit-reset-${measure}`] = `${resetMs}ms`;
    }
  }
  return headers;
}

function termsOf({ limit, measure, perMinute }: RateLimit): string {
  return measure === 'parallel'
    ? `${limit ?? 0} calls at once`
    : `${perMinute ?? 0} ${measure} per minute`;
}
