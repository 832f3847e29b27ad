import type { TokenUsage } from './tokenUsage';

/**
 * What some models are paid for instead of tokens, or besides them.
 *
 * @public
 */
export const UNITS = [
  'characters',
  'images',
  'audioSeconds',
  'searchUnits',
  'computeSeconds',
] as const;

/**
 * The name of a unit: characters that are spoken, pictures that are made, seconds
 * of sound that are written down, units of search, which is a question with up
 * to a hundred documents, and seconds for which the machine of a model was at work.
 *
 * @public
 */
export type Unit = (typeof UNITS)[number];

/** Nothing was used. */
export const NO_USAGE: TokenUsage = {
  inputUncached: 0,
  cacheRead: 0,
  cacheWrite: 0,
  outputText: 0,
  reasoning: 0,
};
