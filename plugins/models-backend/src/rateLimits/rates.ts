import { z } from 'zod/v4';
import { type BudgetScope, SCOPE_TYPES } from '../budgets/budget';
import type { RateMeasure } from './rateLimit';
import type { RateTerms } from './RateLimitStore';

const amount = z.number().int().min(0).max(1_000_000_000_000);

/** An entry of `models.rateLimits` in app-config. */
export const rateLimitSchema = z
  .strictObject({
    scope: z.strictObject({
      type: z.enum(SCOPE_TYPES),
      ref: z.string().min(1).max(300).optional(),
    }),
    requestsPerMinute: amount.optional(),
    tokensPerMinute: amount.optional(),
    parallel: amount.optional(),
  })
  .refine(
    limit =>
      [limit.requestsPerMinute, limit.tokensPerMinute, limit.parallel].some(
        each => each !== undefined,
      ),
    {
      message: 'needs one of requestsPerMinute, tokensPerMinute and parallel',
    },
  );

/** How fast a scope may call, in each of the ways that there are. */
export interface Rates {
  requestsPerMinute?: number;
  tokensPerMinute?: number;
  parallel?: number;
}

/** The limits that rates come to, one for each measure that is told. */
export function limitsOf(scope: BudgetScope, rates: Rates): RateTerms[] {
  const asked: Array<[RateMeasure, number | undefined]> = [
    ['requests', rates.requestsPerMinute],
    ['tokens', rates.tokensPerMinute],
    ['parallel', rates.parallel],
  ];
  return asked.flatMap(([measure, most]) =>
    most === undefined ? [] : [{ scope, measure, amount: most }],
  );
}
