import { normalise } from '@agentportal/plugin-evals-common';
import { type EvaluatorFunction, opinion } from '../Attempt';

/** Of a list or a sentence, "1." and "2 of them" are said without a source. */
const SMALLEST = 10;
const NUMBER = /(?<![\d.-])\d+(?:\.\d+)?(?![\d]|\.\d)/g;
const QUOTE = /["“„«]([^"“”„«»\n]{4,400})["”“»]/g;

/**
 * Numbers and quotes of the answer are in what tools returned or the person said. Numbers
 * below ten are left out, because lists are counted. What is reckoned from what tools
 * returned is not found there, so it is not for answers with sums.
 */
export const grounded: EvaluatorFunction = (_, { answer, asked, returned }) => {
  const known = normalise([asked, ...returned].join('\n'));
  const numbers = new Set((known.match(NUMBER) ?? []).map(Number));
  const invented = [
    ...(normalise(answer).match(NUMBER) ?? []).filter(
      text => Number(text) >= SMALLEST && !numbers.has(Number(text)),
    ),
    ...[...answer.matchAll(QUOTE)]
      .map(([, quote]) => quote)
      .filter(quote => !known.includes(normalise(quote))),
  ];
  return opinion(
    invented.length === 0,
    `Nothing that it read has ${invented.slice(0, 5).join(', ')}.`,
  );
};
