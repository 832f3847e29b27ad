import { FEATURE_NAMES, type FeatureName } from './features';
import { WEIGHTS } from './weights';

/** What a feature that made a request harder is called, in a sentence. */
const PHRASES: Partial<Record<FeatureName, string>> = {
  proof: 'strict reasoning',
  reasoning: 'an explanation',
  comparison: 'a comparison',
  planning: 'a plan',
  writing: 'a text',
  condition: 'an answer under several conditions',
  sequence: 'several steps',
  maths: 'maths',
  code: 'work on code or systems',
  questions: 'several answers',
  sentences: 'an answer to a longer story',
  items: 'several points',
  digits: 'work with numbers',
  codeLines: 'work on code',
  trace: 'the cause of an error',
  mathSigns: 'maths',
  structured: 'structured output',
  effort: 'much thought',
};

/** A part of the score that is worth mentioning. */
const WORTH_SAYING = 0.6;

const NOTHING_HARD = 'Asks for something plain in few words.';

/** The two strongest reasons, in one sentence. */
export function explainComplexity(features: number[]): string {
  let first: string | undefined;
  let second: string | undefined;
  let most = WORTH_SAYING;
  let more = WORTH_SAYING;
  for (let index = 0; index < features.length; index += 1) {
    const part = features[index] * WEIGHTS[index];
    const phrase = PHRASES[FEATURE_NAMES[index]];
    if (!phrase) {
      continue;
    }
    if (part > most) {
      if (phrase !== first) {
        second = first;
        more = most;
      }
      first = phrase;
      most = part;
    } else if (part > more && phrase !== first) {
      second = phrase;
      more = part;
    }
  }
  if (!first) {
    return NOTHING_HARD;
  }
  return second ? `Asks for ${first} and ${second}.` : `Asks for ${first}.`;
}
