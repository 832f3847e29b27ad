/**
 * What the guards know of a language. Words are folded: lower case, without
 * accents. Lists are one text with blanks between the words, to be read in one go.
 */
export interface Lexicon {
  language: 'en' | 'de' | 'fr' | 'es';
  /** Words that hold a sentence together. By them the language is told, too. */
  functionWords: string;
  /** Words that add nothing to what is asked: please, exactly, the steps to. */
  lightWords: string;
  /** Ways to begin that are not part of the question. */
  courtesies: RegExp;
  /** Ways to say one thing, made one before anything else is looked at. */
  rewrites: Array<[RegExp, string]>;
  /** How a question begins, and what it asks for; the first that fits holds. */
  questions: Array<[RegExp, string]>;
  /** Begins of a sentence that are no names although they are capitalised. */
  imperatives: string;
  negators: string;
  /** Opposites: the name of an axis with its sign, and the words for it. */
  poles: Record<string, string>;
  quantifiers: Record<string, string>;
  modals: Record<string, string>;
  tenses: Record<string, string>;
  possessives: Record<string, string>;
  /** From zero. */
  numbers: string;
  /** From the first. */
  ordinals: string;
  /** Words after which it matters what stands before and behind. */
  directions: string;
  /** Groups of words with one meaning. */
  synonyms: string[];
  /** What is true only when it is asked. */
  timeDependent: RegExp;
  /** The question is about whoever asks it. */
  personal: RegExp;
  /** What the forms of a word have in common. */
  stem(word: string): string;
}

/** Lower case without accents. */
export function fold(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .replace(/ß/g, 'ss')
    .replace(/[’‘`´]/g, "'");
}

export function wordsIn(list: string): string[] {
  return list.split(/\s+/).filter(Boolean);
}
