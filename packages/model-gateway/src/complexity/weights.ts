import { FEATURE_NAMES, type FeatureName } from './features';

/**
 * What each feature adds to the sum. Fitted to the half of the labelled prompts
 * in examples/evals/routing that is not held out (141 of 287), drawn back to
 * what was believed before; `npm run evals:routing -- --fit` prints them. The
 * prompts say nothing of `paste`, `items`, `tools`, `depth`, `structured` and
 * `effort`, so these are beliefs.
 */
const BY_NAME: Record<FeatureName, number> = {
  proof: 4.87,
  reasoning: 1.84,
  comparison: 1.35,
  planning: 1.53,
  writing: 0.41,
  lookup: -0.13,
  condition: 0.72,
  sequence: -0.18,
  maths: 1.65,
  code: 0.41,
  length: 3.91,
  material: -0.81,
  paste: 0.1,
  questions: -1.54,
  sentences: 1.8,
  items: 0.4,
  digits: -0.22,
  codeLines: 0.31,
  trace: 0.57,
  mathSigns: 0.6,
  tools: 0.1,
  depth: 0.1,
  structured: 0.2,
  effort: 0.8,
};

/** In the order of the features. */
export const WEIGHTS: readonly number[] = FEATURE_NAMES.map(
  name => BY_NAME[name],
);

/** The sum of a request without any feature. */
export const INTERCEPT = -5.51;

/** Where on the sum one tier ends and the next begins. */
export const CUTS = [-3.03, 0, 3.3] as const;
