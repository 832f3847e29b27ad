import type { Turn } from '../conversation/turns';
import { fillFromText } from '../arguments/fill';
import { intentOf, isHowTo } from '../lexicon/verbs';
import { contentWords } from '../lexicon/words';
import type { ToolCard } from './card';
import { contextFor, readinessOf } from './readiness';
import {
  OFFERS,
  relevanceOf,
  searchesText,
  type Relevance,
  type ToolIndex,
} from './relevance';

/** The tool that a request is best served by. */
export interface Goal {
  card: ToolCard;
  score: number;
  /** True when the request alone did not say enough and the one before it helped. */
  borrowed: boolean;
}

/** What stands round a request. */
export interface Surroundings {
  system: string;
  /** The request before, when this one leans on it. */
  before?: string;
  /** The whole message. */
  whole: string;
}

const OTHER_CRAFTS =
  /\b(?:poems?|jokes?|songs?|haiku|story|stories|essay|translate|translation|recipes?|python|javascript|typescript|lyrics|rap|limerick|horoscope)\b|\b(?:write|generate)\b.*\b(?:code|program|script|sql)\b/i;

function acceptable(
  text: string,
  card: ToolCard,
  relevance: Relevance,
  hasIdentifier: boolean,
): boolean {
  const crafts =
    OTHER_CRAFTS.test(text) &&
    !OTHER_CRAFTS.test(`${card.label} ${card.description}`);
  if (crafts) return false;
  if (hasIdentifier) return true;
  if (
    relevance.strongWords >= 1 &&
    relevance.coverage >= 0.34 &&
    relevance.score >= 1.1
  )
    return true;
  if (relevance.coverage >= 0.5 && relevance.score >= 1.8) return true;
  const searches = searchesText(card);
  if (!searches) return false;
  // what a search holds shows only when it is searched, so a touch of its subject is enough
  if (relevance.coverage > 0 && relevance.score > 0.3) return true;
  if (OFFERS.test(text)) return true;
  if (searches !== 'always') return false;
  return isHowTo(text)
    ? /\b(?:i|we|my|our|us|employees?|customers?|staff|someone)\b/i.test(text)
    : /\b(?:we|our|us|employees?|staff|company|in-house)\b/i.test(text);
}

/**
 * A whole question that the best tool could only meet by asking back is better looked up, when something here looks
 * things up: "do unused days expire?" does not ask about one person. "My" and "left" do.
 */
function searchInstead<T extends { card: ToolCard; lacking: number }>(
  text: string,
  fits: T[],
): T | undefined {
  const [top] = fits;
  if (!top?.lacking || top.card.intent === 'write') return undefined;
  const general =
    /^\W*(?:do|does|is|are|am|can|may|how|what|when|which|must|should|who)\b/i.test(
      text,
    ) && !/\b(?:my|left|balance|remaining)\b/i.test(text);
  return general
    ? fits.find(item => !item.lacking && searchesText(item.card) === 'always')
    : undefined;
}

/** Picks the goal of one request, or nothing when no tool fits. */
export function goalOf(
  text: string,
  turns: Turn[],
  index: ToolIndex,
  now: Date,
  around: Surroundings,
): Goal | undefined {
  const ranked = index.cards
    .map(card => {
      const context = contextFor(card, index, now);
      const filling = fillFromText(card.parameters, text, context);
      const relevance = relevanceOf(text, card, filling, index);
      const ready = readinessOf(card, text, turns, context);
      const identified = card.parameters.some(
        parameter =>
          ['identifier', 'email', 'phrase'].includes(parameter.kind) &&
          filling.values.get(parameter.name)?.strength === 'certain',
      );
      let { score } = relevance;
      const lacking = ready.missing.filter(
        parameter => parameter.kind !== 'note',
      ).length;
      if (lacking) score -= intentOf(text) === 'write' ? 0.3 : 1.8;
      const strength = { relevance, identified, lacking, filling };
      return { card, score, ...strength };
    })
    .map((item, _, all) => {
      // what this tool needs, another can find by what the request names
      const wanted = item.card.parameters.filter(
        parameter => parameter.required && parameter.kind === 'identifier',
      );
      const nouns = wanted.flatMap(parameter =>
        parameter.stems.filter(
          stem => !/^(?:id|number|code|key|ref|no)$/.test(stem),
        ),
      );
      const bridged =
        wanted.length > 0 &&
        wanted.every(parameter => !item.filling.values.has(parameter.name)) &&
        (item.lacking === 0 || item.lacking === wanted.length) &&
        item.card.intent === 'read' &&
        all.some(
          other =>
            other.identified &&
            !other.lacking &&
            nouns.some(noun => other.card.stems.has(noun)),
        );
      return bridged
        ? { ...item, score: item.score + (item.lacking ? 3.2 : 1.4) }
        : item;
    })
    .sort((a, b) => b.score - a.score);
  const fits = ranked.filter(item =>
    acceptable(text, item.card, item.relevance, item.identified),
  );
  const alone = searchInstead(text, fits) ?? fits[0];
  if (!around.before)
    return alone && { card: alone.card, score: alone.score, borrowed: false };

  const words = contentWords(text);
  const decisive =
    alone && alone.relevance.strongWords >= 1 && alone.score >= 1.6;
  if (decisive)
    return { card: alone.card, score: alone.score, borrowed: false };
  if (OTHER_CRAFTS.test(text) || words.length > 4)
    return alone && { card: alone.card, score: alone.score, borrowed: false };
  const previous = goalOf(
    around.before,
    turns.slice(0, -1).length ? turns.slice(0, -1) : turns,
    index,
    now,
    { ...around, before: undefined },
  );
  if (!previous)
    return alone && { card: alone.card, score: alone.score, borrowed: false };
  // a clause that names another tool better than the one before is about that one
  const before = ranked.find(item => item.card === previous.card);
  if (
    alone?.relevance.strongWords &&
    alone.card !== previous.card &&
    alone.score - (before?.score ?? 0) >= 0.25
  ) {
    return { card: alone.card, score: alone.score, borrowed: false };
  }
  const helped = ranked
    .map(item => ({
      ...item,
      score: item.score + (item.card === previous.card ? 1.2 : 0),
    }))
    .sort((a, b) => b.score - a.score)[0];
  // words that no tool knows end the subject: "and who won the match?"
  const known =
    words.some(word => index.vocabulary.has(index.corrected(word))) ||
    helped.identified ||
    words.length <= 1 ||
    fillFromText(
      helped.card.parameters,
      text,
      contextFor(helped.card, index, now),
    ).values.size > 0;
  return known
    ? { card: helped.card, score: helped.score, borrowed: true }
    : undefined;
}
