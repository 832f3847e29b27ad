import { rankOf } from '../complexity';
import { expectedCost } from './expectedCost';
import { byLeast, type Strategy } from './Strategy';

/**
 * The cheapest that is trusted with so hard a request. When none is, the
 * strongest does what it can.
 */
export const byComplexity: Strategy = (choices, circumstances) => {
  const { tier } = circumstances;
  const needed = rankOf(tier);
  const strength = ({ candidate }: (typeof choices)[number]) =>
    rankOf(candidate.tier);
  const cheapestFirst = byLeast(choices, ({ model }) =>
    expectedCost(model, circumstances),
  );
  const trusted = cheapestFirst.filter(choice => strength(choice) >= needed);
  const others = byLeast(
    cheapestFirst.filter(choice => strength(choice) < needed),
    choice => -strength(choice),
  );
  return {
    order: [...trusted, ...others],
    why:
      trusted.length === 0
        ? `none that can serve is trusted with ${tier} requests, and it is the strongest.`
        : `the cheapest of ${trusted.length} that can serve ${tier} requests.`,
  };
};
