import type { ScopeDirectory } from '../budgets/ScopeDirectory';
import type { RateLimit } from './rateLimit';

/** The rate limits in memory; what changes is known everywhere after seconds. */
export type RateLimitDirectory = ScopeDirectory<RateLimit>;
