import type { IncomingHttpHeaders } from 'node:http';
import { invalidRequest } from '../errors';
import type { Caller } from '../ports';

/** What a caller wants of the answers of others, or of their own. */
export interface CacheWish {
  mode: 'exact' | 'semantic';
  ttlSeconds?: number;
  shared: boolean;
}

const MODE_HEADER = 'x-agent-portal-cache';
const TTL_HEADER = 'x-agent-portal-cache-ttl';

/**
 * An agent's entity decides for its calls; whoever calls directly says it in a
 * header. A header can always switch answers from memory off.
 */
export function wishOf(
  caller: Caller,
  headers: IncomingHttpHeaders,
): CacheWish | undefined {
  const agreed = caller.settings?.cache;
  const asked = headers[MODE_HEADER];
  if (asked === undefined && (!agreed || agreed.mode === 'off')) {
    return undefined;
  }
  if (
    asked !== undefined &&
    asked !== 'off' &&
    asked !== 'exact' &&
    asked !== 'semantic'
  ) {
    throw invalidRequest(
      `The header ${MODE_HEADER} must be off, exact or semantic.`,
    );
  }
  const mode =
    asked === 'off' || caller.account.agentRef === undefined
      ? asked ?? agreed?.mode
      : agreed?.mode;
  if (!mode || mode === 'off') {
    return undefined;
  }
  const limits = [agreed?.ttlSeconds, readTtl(headers[TTL_HEADER])].filter(
    seconds => seconds !== undefined,
  );
  return {
    mode,
    shared: agreed?.shared === true,
    ...(limits.length > 0 && { ttlSeconds: Math.min(...limits) }),
  };
}

function readTtl(value: string | string[] | undefined): number | undefined {
  if (value === undefined) {
    return undefined;
  }
  const seconds = Number(value);
  if (!Number.isSafeInteger(seconds) || seconds < 1) {
    throw invalidRequest(
      `The header ${TTL_HEADER} must be a whole number of seconds, 1 or more.`,
    );
  }
  return seconds;
}
