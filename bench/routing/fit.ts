import {
  FEATURE_NAMES,
  type FeatureName,
  readFeatures,
} from '../../packages/model-gateway/src/complexity/features';
import type { LabelledPrompt } from './prompts';

/**
 * What was believed of the features before any prompt was looked at. The fit
 * starts here and is drawn back to it, so features that the prompts say nothing
 * of (tools, effort, a long conversation) keep these weights.
 */
const BELIEVED: Record<FeatureName, number> = {
  proof: 2,
  reasoning: 1,
  comparison: 1.3,
  planning: 1.4,
  writing: 0.7,
  lookup: -0.3,
  condition: 0.6,
  sequence: 0.3,
  maths: 1.4,
  code: 0.7,
  length: 1.2,
  material: 0.1,
  paste: 0.1,
  questions: 0.1,
  sentences: 0.4,
  items: 0.4,
  digits: 0.1,
  codeLines: 0.5,
  trace: 0.8,
  mathSigns: 0.8,
  tools: 0.1,
  depth: 0.1,
  structured: 0.2,
  effort: 0.8,
};

/** An ordinal logistic model: one sum, and three cuts on it. */
export interface Fit {
  weights: number[];
  cuts: number[];
}

/** Maximum a posteriori by plain gradient ascent; some seconds. */
export function fit(prompts: LabelledPrompt[], pull: number): Fit {
  const rows = prompts.map(({ prompt, label }) => ({
    label,
    x: readFeatures({ messages: [{ role: 'user', content: prompt }] }),
  }));
  const prior = FEATURE_NAMES.map(name => BELIEVED[name]);
  const weights = [...prior];
  const cuts = [2, 4, 6];
  const rate = 0.5 / rows.length;
  for (let round = 0; round < 20_000; round += 1) {
    const gradient = prior.map((p, i) => -pull * (weights[i] - p));
    const cutGradient = [0, 0, 0];
    for (const { x, label } of rows) {
      const z = dot(weights, x);
      const upper = label < 3 ? sigmoid(cuts[label] - z) : 1;
      const lower = label > 0 ? sigmoid(cuts[label - 1] - z) : 0;
      const slope = 1 - upper - lower;
      // d log(upper - lower) / dz = -(1 - upper - lower)
      x.forEach((value, i) => {
        gradient[i] -= slope * value;
      });
      const p = Math.max(upper - lower, 1e-9);
      if (label < 3) {
        cutGradient[label] += (upper * (1 - upper)) / p;
      }
      if (label > 0) {
        cutGradient[label - 1] -= (lower * (1 - lower)) / p;
      }
    }
    gradient.forEach((g, i) => {
      weights[i] += rate * g;
    });
    cutGradient.forEach((g, i) => {
      cuts[i] += rate * g;
    });
  }
  return { weights, cuts };
}

/** Mean log-likelihood of prompts that were left out, over five folds. */
export function crossValidate(prompts: LabelledPrompt[], pull: number): number {
  let sum = 0;
  for (let fold = 0; fold < 5; fold += 1) {
    const model = fit(
      prompts.filter((_, i) => i % 5 !== fold),
      pull,
    );
    for (const { prompt, label } of prompts.filter((_, i) => i % 5 === fold)) {
      const z = dot(
        model.weights,
        readFeatures({ messages: [{ role: 'user', content: prompt }] }),
      );
      const upper = label < 3 ? sigmoid(model.cuts[label] - z) : 1;
      const lower = label > 0 ? sigmoid(model.cuts[label - 1] - z) : 0;
      sum += Math.log(Math.max(upper - lower, 1e-9));
    }
  }
  return sum / prompts.length;
}

/** The fit as the lines of the gateway's table of weights. */
export function print({ weights, cuts }: Fit): string {
  const middle = cuts[1];
  return [
    ...FEATURE_NAMES.map((name, i) => `  ${name}: ${weights[i].toFixed(2)},`),
    `INTERCEPT = ${(-middle).toFixed(2)}`,
    `CUTS = [${cuts.map(cut => (cut - middle).toFixed(2)).join(', ')}]`,
  ].join('\n');
}

function dot(a: number[], b: number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

function sigmoid(z: number): number {
  return 1 / (1 + Math.exp(-z));
}
