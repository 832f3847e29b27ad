import { fold } from '../text/fold';
import { Terms } from './Terms';

/**
 * What agents may not speak of, or must stay within. Only the operator says so.
 *
 * @public
 */
export interface TopicRule {
  /** What people call it, such as `medical advice`. */
  name: string;
  /** `avoid` it, or speak `only` of it; of several `only`, one is enough. */
  stance: 'avoid' | 'only';
  /** Words, beginnings of words with *, and phrases in quotation marks' sense: side by side. */
  terms: string[];
  /**
   * How many different terms have to be near each other, in a sentence and the one before
   * it; a phrase counts as two.
   */
  atLeast: number;
  /** Only for these agents. */
  agents?: string[];
}

/** Shorter texts, such as "and in blue?", go on with what was spoken of before. */
const MIN_WORDS = 6;

/**
 * Tells by their words which topics a text is about. It knows no meaning: other words for
 * the same topic are not found.
 *
 * @public
 */
export class Topics {
  readonly #avoided: Array<TopicRule & { words: Terms }> = [];
  readonly #only: Array<TopicRule & { words: Terms }> = [];

  constructor(rules: readonly TopicRule[], agentRef?: string) {
    for (const rule of rules) {
      if (!rule.agents || (agentRef && rule.agents.includes(agentRef))) {
        const words = new Terms(rule.terms.map(fold));
        (rule.stance === 'only' ? this.#only : this.#avoided).push({
          ...rule,
          words,
        });
      }
    }
  }

  get isEmpty(): boolean {
    return this.#avoided.length + this.#only.length === 0;
  }

  /** The topic to avoid that a sentence is about, with the one before it. */
  avoidedIn(sentence: string, before = ''): string | undefined {
    const own = fold(sentence);
    return this.#avoided.find(({ atLeast, words }) => {
      const found = words.in(own);
      if (found.size === 0) return false;
      return (
        weightOf(new Set([...found, ...words.in(fold(before))])) >= atLeast
      );
    })?.name;
  }

  /** Whether a text of some length is about none of the topics to stay within. */
  isOutside(text: string): boolean {
    const folded = fold(text);
    return (
      this.#only.length > 0 &&
      (folded.match(/[\p{L}]{2,}|\p{Script=Han}/gu) ?? []).length >=
        MIN_WORDS &&
      !this.#only.some(({ words }) => words.in(folded).size > 0)
    );
  }
}

function weightOf(terms: Set<string>): number {
  let weight = 0;
  for (const term of terms) weight += term.includes(' ') ? 2 : 1;
  return weight;
}
