import { type EvaluatorFunction, opinion } from '../Attempt';

/** The commonest words of each language, of which the others have few. */
const WORDS: Record<string, Set<string>> = {
  de: new Set(
    'der die das und ist nicht ein eine ich sie wir mit für auf dem den von zu wurde werden kann bitte'.split(
      ' ',
    ),
  ),
  en: new Set(
    'the and is are of to in that it for was with you not this have be can on at please'.split(
      ' ',
    ),
  ),
  es: new Set(
    'el los las y es que en un una por con para no del se su está puede como hay'.split(
      ' ',
    ),
  ),
  fr: new Set(
    'le les des et est une que pour dans pas vous nous ce il elle sur avec au du peut'.split(
      ' ',
    ),
  ),
};
const ENOUGH = 3;

/**
 * The answer is in this language: by its commonest words, Chinese by its script. An answer
 * with too few of them says nothing.
 */
export const language: EvaluatorFunction = ({ value }, { answer }) => {
  const letters = answer.match(/\p{L}/gu)?.length ?? 0;
  const han = answer.match(/\p{Script=Han}/gu)?.length ?? 0;
  if (letters && han / letters > 0.3) {
    return opinion(value === 'zh', 'It is in Chinese.');
  }
  const words = answer.toLowerCase().match(/\p{L}+/gu) ?? [];
  const counts = Object.entries(WORDS)
    .map(([name, common]) => ({
      name,
      count: words.filter(word => common.has(word)).length,
    }))
    .sort((a, b) => b.count - a.count);
  const [first, second] = counts;
  if (first.count < ENOUGH || first.count === second.count) {
    return value === 'zh' && letters > 0 && !han
      ? opinion(false, 'It has no Chinese characters.')
      : { outcome: 'incomplete', reason: 'It is too short to tell.' };
  }
  return opinion(first.name === value, `It is in "${first.name}".`);
};
