import type { CacheOptions } from './cache/CacheOptions';
import type { CallGuard } from './guard/CallGuard';
import type { ModelDirectory } from './directory/ModelDirectory';
import type { GatewayLimits } from './limits';
import type {
  AccessPolicy,
  Authenticator,
  CallLedger,
  Clock,
  GatewayLogger,
} from './ports';
import type { PriceBook } from './prices/PriceBook';
import type { RoutingOptions } from './routing/Routing';
import type { Telemetry } from './telemetry/Telemetry';

/**
 * What a gateway is made of.
 *
 * @public
 */
export interface GatewayOptions<TGrant> {
  directory: ModelDirectory;
  priceBook: PriceBook;
  authenticator: Authenticator<TGrant>;
  policy: AccessPolicy<TGrant>;
  ledger: CallLedger;
  clock: Clock;
  logger: GatewayLogger;
  limits?: GatewayLimits;
  routing?: RoutingOptions;
  /** Answers from memory; without it nobody gets any. */
  cache?: CacheOptions;
  /** Looks at what is written and answered; without it nothing is looked at. */
  guard?: CallGuard<TGrant>;
  /**
   * What happens with models without a price where a budget applies: their calls
   * are refused, which is the default, or count as free.
   */
  unpriced?: 'allow' | 'refuse';
  /** Spans and metrics; by default those of the registered SDK. */
  telemetry?: Telemetry;
}
