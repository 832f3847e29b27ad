import { type LabelledPrompt, TIERS } from './prompts';

/** What a call costs at a model of each tier, relative to the dearest. */
export const COSTS = [0.04, 0.16, 0.48, 1];

/**
 * How often a model does not do as its tier says: it fails at what it is
 * trusted with, or does well at what is too hard for it.
 */
export const NOISE = 0.03;

/** A tier, by its number, for each prompt. */
export type Assignment = number[];

/** What an assignment costs and how many prompts it answers well. */
export interface Outcome {
  cost: number;
  quality: number;
  /** Share of the prompts at each tier. */
  shares: number[];
}

export function judge(prompts: LabelledPrompt[], tiers: Assignment): Outcome {
  const mean = (of: (prompt: LabelledPrompt, i: number) => number) =>
    prompts.reduce((sum, prompt, i) => sum + of(prompt, i), 0) / prompts.length;
  return {
    cost: mean((_, i) => COSTS[tiers[i]]),
    quality: mean(({ label }, i) => chance(label, tiers[i])),
    shares: TIERS.map((_, tier) => mean((__, i) => Number(tiers[i] === tier))),
  };
}

/** How likely it is that a model of a tier answers a prompt well. */
function chance(label: number, tier: number): number {
  return tier >= label ? 1 - NOISE : NOISE;
}

/** Longer prompts go to stronger models, as many as ours sends to each. */
export function byLength(
  prompts: LabelledPrompt[],
  like: Assignment,
): Assignment {
  const sorted = [...like].sort((a, b) => a - b);
  const order = prompts
    .map((prompt, i) => ({ i, length: prompt.prompt.length }))
    .sort((a, b) => a.length - b.length);
  const tiers: Assignment = [];
  order.forEach(({ i }, rank) => {
    tiers[i] = sorted[rank];
  });
  return tiers;
}

/**
 * The best that chance can do at a cost: each prompt to one of two tiers, mixed
 * so that the mean cost is the same. Exact, not drawn.
 */
export function randomQuality(prompts: LabelledPrompt[], cost: number): number {
  const qualities = TIERS.map(
    (_, tier) =>
      judge(
        prompts,
        prompts.map(() => tier),
      ).quality,
  );
  let best = 0;
  for (let low = 0; low < TIERS.length; low += 1) {
    for (let high = low; high < TIERS.length; high += 1) {
      if (COSTS[low] <= cost && cost <= COSTS[high]) {
        const span = COSTS[high] - COSTS[low];
        const share = span === 0 ? 0 : (cost - COSTS[low]) / span;
        best = Math.max(
          best,
          (1 - share) * qualities[low] + share * qualities[high],
        );
      }
    }
  }
  return best;
}
