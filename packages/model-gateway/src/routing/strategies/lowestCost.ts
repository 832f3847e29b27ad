import { expectedCost, roundedUsd } from './expectedCost';
import { byLeast, type Strategy } from './Strategy';

/** The cheapest for this request. */
export const lowestCost: Strategy = (choices, circumstances) => {
  const costs = new Map(
    choices.map(({ model }) => [model.id, expectedCost(model, circumstances)]),
  );
  const order = byLeast(choices, ({ model }) => costs.get(model.id)!);
  const cost = costs.get(order[0].model.id)!;
  return {
    order,
    why: Number.isFinite(cost)
      ? `the cheapest of ${choices.length} that can serve; about ${roundedUsd(
          cost,
        )}.`
      : `nobody has told the price of any of ${choices.length} that can serve, so it is the first.`,
  };
};
