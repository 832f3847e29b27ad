import { type AnswerCache } from '../cache/AnswerCache';
import { createAnswerCache } from '../cache/CacheOptions';
import type { GatewayOptions } from '../GatewayOptions';
import { DEFAULT_LIMITS, type GatewayLimits } from '../limits';
import { ServedTiers } from '../prices/ServedTiers';
import { UnpricedModels } from '../prices/UnpricedModels';
import { FaultLog } from '../routing/health/FaultLog';
import { Routing } from '../routing/Routing';
import { LateSettlements } from './LateSettlements';
import { ReadingOn } from './ReadingOn';

/** Until then most answers that somebody left have told what they cost. */
const READ_ON_MS = 2_000;

/** What the stages of all calls share: what they were given and what they learn. */
export interface GatewayParts<TGrant>
  extends Pick<
    GatewayOptions<TGrant>,
    | 'authenticator'
    | 'clock'
    | 'directory'
    | 'guard'
    | 'ledger'
    | 'logger'
    | 'policy'
    | 'priceBook'
  > {
  cache?: AnswerCache;
  faults: FaultLog;
  late: LateSettlements;
  limits: GatewayLimits;
  readingOn: ReadingOn;
  routing: Routing;
  tiers: ServedTiers;
  unpriced: UnpricedModels;
}

/** Makes the parts of a gateway. */
export function createParts<TGrant>(
  options: GatewayOptions<TGrant>,
): GatewayParts<TGrant> {
  const late = new LateSettlements(options);
  const unpriced = new UnpricedModels({
    mode: options.unpriced,
    logger: options.logger,
  });
  return {
    ...options,
    cache:
      options.cache &&
      createAnswerCache(options.cache, { ...options, late, unpriced }),
    faults: new FaultLog(options),
    late,
    limits: options.limits ?? DEFAULT_LIMITS,
    readingOn: new ReadingOn({
      forMs: options.limits?.readOnMs ?? READ_ON_MS,
    }),
    routing: new Routing({ ...options, ...options.routing }),
    tiers: new ServedTiers(),
    unpriced,
  };
}
