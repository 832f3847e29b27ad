import { LEXICONS } from '../lexicon';
import { fold, type Lexicon, wordsIn } from '../lexicon/Lexicon';

/** A lexicon in the form in which it is looked up. */
export interface WordLists {
  lexicon: Lexicon;
  functionWords: ReadonlySet<string>;
  lightWords: ReadonlySet<string>;
  imperatives: ReadonlySet<string>;
  negators: ReadonlySet<string>;
  directions: ReadonlySet<string>;
  /** Marks by word: poles, quantifiers, modals, tenses and possessives. */
  marks: ReadonlyMap<string, string[]>;
  /** Values by word. */
  numbers: ReadonlyMap<string, string>;
  /** One word of each group of synonyms by the stem of each. */
  concepts: ReadonlyMap<string, string>;
}

/** Letters and signs that tell a language from the others. */
const LETTERS: Partial<Record<Lexicon['language'], RegExp>> = {
  de: /[äöüß]/i,
  fr: /[àâçèêëîïœùû]/i,
  es: /[¿¡ñ]/i,
};

/** The languages, ready to be looked up. */
export const WORD_LISTS: readonly WordLists[] = LEXICONS.map(lexicon => ({
  lexicon,
  functionWords: setOf(lexicon.functionWords),
  lightWords: setOf(lexicon.lightWords),
  imperatives: setOf(lexicon.imperatives),
  negators: setOf(lexicon.negators),
  directions: setOf(lexicon.directions),
  marks: marksOf(lexicon),
  numbers: new Map([
    ...wordsIn(lexicon.numbers).map(
      (word, value) => [word, String(value)] as const,
    ),
    ...wordsIn(lexicon.ordinals).map(
      (word, index) => [word, `${index + 1}.`] as const,
    ),
  ]),
  concepts: new Map(
    lexicon.synonyms.flatMap(group => {
      const [name, ...others] = wordsIn(group).map(lexicon.stem);
      return [name, ...others].map(stem => [stem, name] as const);
    }),
  ),
}));

/**
 * The language of a question, told by the words that hold it together; none when
 * it has none of them or as many of another language.
 */
export function languageOf(question: string): WordLists | undefined {
  const words = fold(question).match(/\p{L}+/gu) ?? [];
  const votes = WORD_LISTS.map(lists => ({
    lists,
    count:
      words.filter(word => lists.functionWords.has(word)).length +
      (LETTERS[lists.lexicon.language]?.test(question) ? 1 : 0),
  })).sort((one, other) => other.count - one.count);
  return votes[0].count > votes[1].count ? votes[0].lists : undefined;
}

function setOf(list: string): ReadonlySet<string> {
  return new Set(wordsIn(fold(list)));
}

function marksOf(lexicon: Lexicon): Map<string, string[]> {
  const marks = new Map<string, string[]>();
  const groups = [
    ['pole', lexicon.poles],
    ['quantifier', lexicon.quantifiers],
    ['modal', lexicon.modals],
    ['tense', lexicon.tenses],
    ['whose', lexicon.possessives],
  ] as const;
  for (const [kind, names] of groups) {
    for (const [name, words] of Object.entries(names)) {
      for (const word of setOf(words)) {
        marks.set(word, [...(marks.get(word) ?? []), `${kind} ${name}`]);
      }
    }
  }
  return marks;
}
