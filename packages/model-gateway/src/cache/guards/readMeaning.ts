import { fold } from '../lexicon/Lexicon';
import { type Token, tokensOf } from './tokens';
import { languageOf, WORD_LISTS, type WordLists } from './WordLists';

/** What the guards read in a question. */
export interface Meaning {
  language: string;
  /**
   * What must be equal in two questions with one answer: the kind of question,
   * numbers with their units, names, codes, negations and what they negate,
   * opposites, quantifiers, modality, tense, whose it is.
   */
  guards: string[];
  /**
   * The stems of what else is said, with one word for all synonyms; in the order
   * in which it is said where that can matter, else in order of the alphabet.
   */
  words: string[];
}

/** Questions that begin with what they are about: can I, must I, was it. */
const KEEPS_ITS_HEAD = new Set(['whether']);

/** How it can be done is how it is done. */
const AS_CAN = new Set(['how-to', 'where']);

/** Questions in which the order of few things does not tell who does what to whom. */
const FREE_ORDER = new Set(['how-to', 'where']);
const MAX_FREE = 3;

/**
 * Reads a question. It understands very little, but that in the same way every
 * time: when two questions differ in anything of it, an answer to one is no
 * answer to the other. Nothing when the language is not one that it knows.
 */
export function readMeaning(question: string): Meaning | undefined {
  const lists = languageOf(question);
  if (!lists) {
    return undefined;
  }
  const { lexicon } = lists;
  const asked = rewritten(question, lists);
  const kind = lexicon.questions.find(([begin]) => begin.test(asked))?.[1];
  const named = namesIn(question, lists);
  const guards = [`language ${lexicon.language}`, `asks ${kind ?? 'order'}`];
  const loose: string[] = [];
  const words: string[] = [];
  let ordered = !FREE_ORDER.has(kind ?? '') || named.length > 1;
  let negator: string | undefined;
  let number: string | undefined;
  const head = KEEPS_ITS_HEAD.has(kind ?? '')
    ? undefined
    : lexicon.questions.find(([begin]) => begin.test(asked))?.[0];
  for (const token of tokensOf(head ? asked.replace(head, '') : asked)) {
    const word = token.folded;
    const value = valueOf(token, lists);
    if (number !== undefined && token.kind !== 'number') {
      guards.push(`number ${number} ${unitOf(word, lists)}`);
    }
    number = value;
    if (token.kind === 'identifier') {
      guards.push(`code ${word}`);
    } else if (token.kind === 'symbol') {
      guards.push(`sign ${word}`);
    } else if (value === undefined) {
      const negated = lists.negators.has(word) || negatedByItself(word, lists);
      const marks = (lists.marks.get(word) ?? []).filter(
        mark => !(AS_CAN.has(kind ?? '') && mark === 'modal can'),
      );
      loose.push(...marks);
      ordered ||= lists.directions.has(word);
      const isContent =
        !lists.functionWords.has(word) && !lists.lightWords.has(word);
      if (negated) {
        guards.push(`not ${word.length > 5 ? stemOf(word, lists) : ''}`);
        negator = word;
      }
      if (lists.directions.has(word)) {
        words.push(`<${word}>`);
      }
      if (isContent && !lists.negators.has(word)) {
        const stem = stemOf(word, lists);
        words.push(stem);
        if (negator !== undefined && negator !== word) {
          guards.push(`negated ${stem}`);
          negator = undefined;
        }
      }
    }
  }
  if (number !== undefined) {
    guards.push(`number ${number}`);
  }
  guards.push(...named.map(name => `name ${name}`), ...loose.sort());
  return {
    language: lexicon.language,
    guards,
    words:
      ordered || words.length > MAX_FREE
        ? words
        : words.filter(word => word[0] !== '<').sort(),
  };
}

/** Whether its answer is true at one time only. */
export function isTimeDependent(question: string): boolean {
  const folded = fold(question);
  const lists = languageOf(question);
  return (lists ? [lists] : WORD_LISTS).some(({ lexicon }) =>
    lexicon.timeDependent.test(folded),
  );
}

/** Whether it speaks of whoever asks it. */
export function isPersonal(question: string): boolean {
  const lists = languageOf(question);
  // Who knows what it says in a language that is not known.
  return !lists || lists.lexicon.personal.test(fold(question));
}

/** The question in other words, the same for all ways to ask it. */
function rewritten(question: string, { lexicon }: WordLists): string {
  let asked = fold(question)
    .replace(/\s+/g, ' ')
    .replace(/^[\s¿¡"']+/, '')
    .replace(lexicon.courtesies, '');
  for (const [way, said] of lexicon.rewrites) {
    asked = asked.replace(way, said);
  }
  return asked;
}

/** Capitalised words, but for those with which every sentence begins. */
function namesIn(question: string, lists: WordLists): string[] {
  return tokensOf(question)
    .filter(
      ({ kind, text, folded, first }) =>
        kind === 'word' &&
        /^\p{Lu}/u.test(text) &&
        !lists.functionWords.has(folded) &&
        !(
          first &&
          (lists.imperatives.has(folded) ||
            lists.lightWords.has(folded) ||
            lists.marks.has(folded) ||
            /^\p{Lu}\p{Ll}*(?:'|’|-)/u.test(text))
        ),
    )
    .map(({ folded }) =>
      // In German every noun has a capital, and nouns have forms.
      lists.lexicon.language === 'de' ? stemOf(folded, lists) : folded,
    );
}

function stemOf(word: string, { lexicon, concepts }: WordLists): string {
  const stem = lexicon.stem(word);
  return concepts.get(stem) ?? stem;
}

/** Words such as unpaid, inactive and non-working. */
function negatedByItself(word: string, lists: WordLists): boolean {
  return (
    word.length > 5 &&
    !lists.functionWords.has(word) &&
    /^(?:un(?!i|der|ter|til|d)|non-?|in(?=act|val|comp|corr|vis)|im(?=pos|pay)|ir(?=reg|rel)|dis(?=ab|all|ap|ad|con)|des(?=ac|ha|in|bl))/.test(
      word,
    )
  );
}

function valueOf(token: Token, lists: WordLists): string | undefined {
  if (token.kind === 'number') {
    return lists.lexicon.language === 'en'
      ? token.folded.replace(/,(?=\d{3}\b)/g, '')
      : token.folded.replace(/[.\s](?=\d{3}\b)/g, '').replace(',', '.');
  }
  return token.kind === 'word' ? lists.numbers.get(token.folded) : undefined;
}

function unitOf(word: string, lists: WordLists): string {
  return lists.functionWords.has(word) ? '' : stemOf(word, lists);
}
