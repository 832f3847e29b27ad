import { normalise, says } from '@agentportal/plugin-evals-common';
import { RE2JS } from 're2js';
import { type EvaluatorFunction, opinion } from '../Attempt';
import { similarity } from './similarity';

const SIMILAR_FROM = 0.7;

const texts = (value: unknown) => [value].flat().map(String);

/** The answer is this text; case, Markdown and spaces do not count. */
export const equals: EvaluatorFunction = ({ value }, { answer }) =>
  opinion(
    normalise(answer) === normalise(String(value)),
    `It is not "${value}".`,
  );

/** The answer says each of these. */
export const contains: EvaluatorFunction = ({ value }, { answer }) => {
  const missing = texts(value).find(text => !says(answer, text));
  return opinion(missing === undefined, `"${missing}" is not in it.`);
};

/** The answer says none of these. */
export const excludes: EvaluatorFunction = ({ value }, { answer }) => {
  const found = texts(value).find(text => says(answer, text));
  return opinion(found === undefined, `"${found}" is in it.`);
};

/** Some part of the answer is of this pattern, which RE2 finds in linear time. */
export const matches: EvaluatorFunction = ({ value }, { answer }) => {
  let pattern: RE2JS;
  try {
    pattern = RE2JS.compile(RE2JS.translateRegExp(String(value)));
  } catch (error) {
    return {
      outcome: 'incomplete',
      reason: `The pattern is none of RE2: ${(error as Error).message}`,
    };
  }
  return opinion(pattern.test(answer), `Nothing in it matches ${value}.`);
};

/** The answer has this number, or one that is not further off than the tolerance. */
export const number: EvaluatorFunction = (
  { value, tolerance = 0 },
  { answer },
) => {
  const wanted = Number(value);
  // What decimal fractions are off by in binary is no difference.
  const room = tolerance + Math.abs(wanted) * 1e-12;
  const found = (normalise(answer).match(/-?\d+(?:\.\d+)?/g) ?? []).some(
    text => Math.abs(Number(text) - wanted) <= room,
  );
  return opinion(
    found,
    `No number in it is ${value}${tolerance ? ` ± ${tolerance}` : ''}.`,
  );
};

/** The words of the answer are mostly those of this text. */
export const similar: EvaluatorFunction = (
  { value, atLeast = SIMILAR_FROM },
  { answer },
) => {
  const score = similarity(answer, String(value));
  return opinion(
    score >= atLeast,
    `It shares ${score.toFixed(
      2,
    )} of its words with what was expected, less than ${atLeast}.`,
    score,
  );
};

/** It took no longer than this many milliseconds. */
export const latency: EvaluatorFunction = ({ atMost }, { latencyMs }) =>
  opinion(
    latencyMs <= atMost!,
    `It took ${latencyMs} ms, more than ${atMost}.`,
  );

/** Its models cost no more than this many nano-USD. */
export const cost: EvaluatorFunction = ({ atMost }, { costNanoUsd }) =>
  opinion(
    costNanoUsd <= atMost!,
    `It cost ${costNanoUsd} nano-USD, more than ${atMost}.`,
  );
