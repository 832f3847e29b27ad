import { synonymsOf } from '../lexicon/synonyms';
import { withPlainWords } from '../lexicon/idioms';
import {
  intentOf,
  isHowTo,
  isReadVerb,
  isWriteVerb,
  requestedVerb,
} from '../lexicon/verbs';
import { contentWords, isTypoOf, type Word } from '../lexicon/words';
import type { Filling } from '../arguments/fill';
import type { ToolCard } from './card';

/** How relevant a tool is to a request. */
export interface Relevance {
  score: number;
  /** The share of the request's words that the tool knows, 0 to 1. */
  coverage: number;
  /** How many of the request's words the tool knows by name, title or lead. */
  strongWords: number;
}

/** The vocabulary of all tools together, and how rare each stem is in it. */
export interface ToolIndex {
  cards: ToolCard[];
  rarity(stem: string): number;
  /** Resolves a misspelt word to the stem that the tools use. */
  corrected(word: Word): string;
  vocabulary: ReadonlySet<string>;
}

/** Indexes tools. */
export function indexTools(cards: ToolCard[]): ToolIndex {
  const frequency = new Map<string, number>();
  for (const card of cards) {
    for (const stem of card.stems.keys())
      frequency.set(stem, (frequency.get(stem) ?? 0) + 1);
  }
  const vocabulary = new Set(frequency.keys());
  return {
    cards,
    vocabulary,
    rarity: stem => {
      const count = frequency.get(stem) ?? 0;
      // with few tools the classic formula falls to nothing for shared words; they still tell the subject
      return 0.35 + Math.log(1 + (cards.length - count + 0.5) / (count + 0.5));
    },
    corrected: word => {
      if (vocabulary.has(word.stem) || word.stem.length < 5) return word.stem;
      for (const stem of vocabulary) if (isTypoOf(stem, word.stem)) return stem;
      return word.stem;
    },
  };
}

function match(stem: string, card: ToolCard): { weight: number; by: string } {
  const own = card.stems.get(stem) ?? 0;
  let best = { weight: own, by: stem };
  for (const other of synonymsOf(stem)) {
    const weight = (card.stems.get(other) ?? 0) * 0.55;
    if (weight > best.weight) best = { weight, by: other };
  }
  return best;
}

const MANY =
  /\b(?:which|list|all|every|everything|any|how many|count|show me (?:the )?\p{L}+s\b|what \p{L}+s\b|overview|top \d|the \p{L}+s)\b/iu;

/** "Do we have …?" asks to look through what there is. */
export const OFFERS =
  /\b(?:do|does|did) (?:we|you|they) (?:\w+ )?(?:have|sell|carry|offer|stock|keep)|have (?:we|you) (?:got )?(?:a|an|any)|\bwhat does .+ cost\b/i;

/** Whether a tool looks through text: always, when its search words are required, or when they are given. */
export function searchesText(card: ToolCard): 'always' | 'maybe' | undefined {
  const query = card.parameters.find(parameter => parameter.kind === 'query');
  return query && (query.required ? 'always' : 'maybe');
}

/** Questions that only a look at several things can answer. */
const SEVERAL =
  /\b(?:how many|highest|lowest|largest|smallest|biggest|newest|latest|oldest|earliest|cheapest|most expensive|average|total|sum of|most|least|longest|shortest|heaviest)\b/i;

/** Scores one tool for one request. Words that became arguments count as evidence apart from the subject's words. */
export function relevanceOf(
  request: string,
  card: ToolCard,
  filling: Filling,
  index: ToolIndex,
): Relevance {
  const text = withPlainWords(request);
  const hard = [...filling.values.entries()]
    .filter(([, finding]) => finding.strength !== 'guess')
    .map(
      ([name]) => card.parameters.find(parameter => parameter.name === name)!,
    )
    .filter(Boolean);
  const words = contentWords(text).filter(
    word =>
      !/\d/.test(word.lower) &&
      !word.lower.includes('@') &&
      !SEVERAL.test(word.lower),
  );
  const isValue = (word: Word) =>
    filling.spans.some(
      span => span.start <= word.start && word.end <= span.end,
    );
  let score = 0;
  let matched = 0;
  let total = 0;
  let strongWords = 0;
  const seen = new Set<string>();
  for (const word of words) {
    const stem = index.corrected(word);
    if (seen.has(stem)) continue;
    seen.add(stem);
    const { weight, by } = match(stem, card);
    if (isValue(word) && weight === 0) continue;
    total += 1;
    if (weight === 0) continue;
    matched += Math.min(1, 0.4 + weight / 2);
    if (weight >= 1.2) strongWords += 1;
    score += index.rarity(by) * (weight / (weight + 1.2)) * 2;
  }
  const intent = intentOf(text);
  const verb = requestedVerb(text);
  if (verb && card.verb) {
    if (verb === card.verb) score += 1.4;
    else if (synonymsOf(verb).has(card.verb)) score += 1;
  }
  if (intent === 'read' && card.intent === 'write') score -= 2.2;
  // "open the handbook" is no write when nothing here can be opened in that sense
  const canWrite =
    verb !== undefined &&
    index.cards.some(
      other =>
        other.intent === 'write' &&
        other.verb &&
        (other.verb === verb || synonymsOf(verb).has(other.verb)),
    );
  if (intent === 'write' && card.intent === 'read' && canWrite) score -= 1.2;
  for (const parameter of hard) {
    if (parameter.kind === 'identifier') score += 1.7;
    else if (parameter.kind === 'email') score += 1.5;
    else if (parameter.kind === 'choice' || parameter.kind === 'flag')
      score += 0.7;
    else if (parameter.kind === 'phrase')
      score +=
        filling.values.get(parameter.name)?.strength === 'certain' ? 1.7 : 0.7;
    else score += 0.5;
  }
  const wantsOne = card.parameters.some(
    parameter => parameter.required && parameter.kind === 'identifier',
  );
  const hasIdentifier = hard.some(parameter => parameter.kind === 'identifier');
  if (MANY.test(text) && !wantsOne && !hasIdentifier) score += 0.5;
  // what this agent can do itself it does not hand on
  if (card.parameters.some(parameter => parameter.kind === 'task'))
    score -= 1.2;
  if (SEVERAL.test(text) && wantsOne && !hasIdentifier) score -= 1.5;
  if (searchesText(card) === 'always' && isHowTo(text) && !hasIdentifier)
    score += 1.2;
  if (searchesText(card) && OFFERS.test(text) && !hasIdentifier) score += 0.8;
  return {
    score,
    coverage: total ? matched / total : Number(hard.length > 0),
    strongWords,
  };
}

/** Whether the request names, beside its verb, anything at all that could be looked up. */
export function hasSubject(text: string): boolean {
  return contentWords(text).some(
    word => !isWriteVerb(word.stem) && !isReadVerb(word.stem),
  );
}
