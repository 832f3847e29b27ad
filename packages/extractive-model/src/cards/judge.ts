import { fillSlots, type FillContext, type Filling } from '../slots/fill';
import type { Slot } from '../slots/slot';
import { alters, isGeneral, makes } from '../text/lexicon';
import type { Reading } from '../text/reading';
import { stemOf, stemsOf, type Word } from '../text/words';
import type { ToolCard } from './card';
import type { Relevance, ToolIndex } from './toolIndex';

/** What speaks for and against serving a request with a tool. */
export interface Judgement {
  card: ToolCard;
  filling: Filling;
  relevance: Relevance;
  score: number;
  /** False when the request is for something that this tool does not do. */
  fits: boolean;
  /** The share of the request's words that the tool explains, as its own words or as values, 0 to 1. */
  coverage: number;
  missing: Slot[];
  /** True when the request holds an identifier or address of the tool's. */
  exact: boolean;
  /** True when nothing but a span of time speaks for the tool. */
  weak: boolean;
  /** True when a word of the request names what the tool is about. */
  named: boolean;
}

const SURE = { certain: 1, likely: 0.9, guess: 0.45 };
const GAIN = { certain: 1.6, likely: 1, guess: 0.2 };
const LIBRARY =
  /^(?:polici|handbook|document|articl|knowledg|faq|guid|manual|wiki|regul|guidelin|procedur|instruct|help|runbook|rule)$/;
const OURS =
  /\b(?:we|our|us|employees?|staff|colleagues?|customers?|company|allowed|entitled|must|have to|has to|maximum|max|limit|standard|rules?|policy|(?:may|can|must|do|should|am) i|my)\b|wir|unser|darf|我们|公司|可以/iu;
const LIGHT =
  /^(?:people|person|team|kind|sort|type|way|thing|list|overview|details?|info|information|data|number|name|place|moment|currently|known|show|whole|exact|exactly|full|new|current|total|average|sum|most|least|highest|lowest|largest|smallest|biggest|newest|latest|oldest|cheapest|longest|shortest|best)$/;
const AGGREGATES =
  /\b(?:how many|most|least|highest|lowest|largest|smallest|biggest|newest|latest|oldest|cheapest|longest|shortest|average|total|sum|overview|all|every)\b|最|总|平均/iu;
const SEVERAL =
  /\b(?:which|list|all|every|any|how many|count|overview|top \d|most|least|highest|lowest|largest|smallest|newest|latest|oldest|cheapest|average|total|\p{L}+s)\b|哪些|所有|全部|多少|列出|welche|alle/iu;

/** Whether what the person wants done is what the tool does: 1 its very verb, less its kind, undefined another thing. */
function actFit(reading: Reading, card: ToolCard): number | undefined {
  const { act, lead } = reading;
  // another agent decides itself what it can do
  if (card.slots.some(slot => slot.kind === 'task')) return 0.3;
  const verb = card.verb.split('-')[0];
  const sameLead =
    lead !== undefined &&
    card.changes &&
    lead.stems.some(
      stem => stem === stemOf(verb) || stemsOf(card.label).includes(stem),
    );
  if (!act) {
    if (sameLead) return 1;
    // somebody wants something done for which there is no word here: looking it up is not that
    if (!card.changes) return reading.unknownAct ? undefined : 0;
    return reading.wants && !reading.isQuestion ? 0.4 : undefined;
  }
  const same =
    act.lower === card.verb ||
    (act.lower.split('-')[0] === verb && !card.verb.includes('-'));
  const kin =
    [...act.groups].some(group => card.acts.has(group)) ||
    act.words.some(word =>
      card.slots.some(slot => slot.schema.enum?.includes(word.lower)),
    );
  // "set them to rejected", "put the kettle on": any change of a thing that is there
  const general =
    isGeneral(act.words[0].lower) &&
    [...card.acts].some(group => alters(group));
  // booking, ordering or filing something makes one
  const making =
    /^(?:create|add|make|new)/.test(card.verb) &&
    [...act.groups].some(group => makes(group));
  if (card.changes) {
    if (same) return 1;
    if (kin) return act.changes ? 0.7 : undefined;
    if (general || making) return 0.5;
    return sameLead ? 1 : undefined;
  }
  if (!act.changes) return same ? 0.6 : 0.3;
  return kin || same ? 0.3 : undefined;
}

/** The context in which a tool's slots are filled: what belongs to the tool is hardly a value. */
export function vocabularyOf(card: ToolCard, index: ToolIndex): FillContext {
  return {
    known: word => word.stems.some(stem => card.subject.has(stem)),
    heard: word => word.stems.some(stem => card.stems.has(stem)),
    careful: card.changes,
    foreign: text => index.belongsElsewhere(text, card),
  };
}

/** Judges one tool for one request. */
export function judge(
  reading: Reading,
  card: ToolCard,
  index: ToolIndex,
): Judgement {
  const filling = fillSlots(card.slots, reading, vocabularyOf(card, index));
  const valueAt = (word: Word) =>
    filling.stretches.filter(
      stretch => stretch.start < word.end && word.start < stretch.end,
    );
  const relevance = index.relevanceOf(
    reading,
    card,
    word => valueAt(word).length > 0,
  );
  let sum = 0;
  let total = 0;
  let named = false;
  for (const { word, by, subject } of relevance.explained) {
    const values = valueAt(word);
    const timed = reading.spans.some(
      span => span.from < word.end && word.start < span.to,
    );
    const counted = reading.numbers.some(
      number => number.start < word.end && word.start < number.end,
    );
    if ((timed || counted) && !values.length) {
      total += 0.3;
      continue;
    }
    const known = subject ? 1 : 0.8;
    const own = by >= 0.7 ? known : by * 0.6;
    // of a word in another language than the tool's, not knowing it says little
    const foreign = reading.language !== card.language && !by && !values.length;
    const light = LIGHT.test(word.lower) && !values.length && by < 0.7;
    const full = timed || counted || foreign ? 0.5 : 1;
    const weight = light ? 0.25 : full;
    sum += weight * Math.max(own, ...values.map(value => SURE[value.sure]));
    total += weight;
    if (subject && !values.some(value => value.sure !== 'guess')) named = true;
  }
  const coverage = total ? sum / total : 0;
  const missing = card.slots.filter(
    slot => slot.required && !filling.values.has(slot.name),
  );
  const found = [...filling.values].filter(
    ([name]) =>
      card.slots.find(slot => slot.name === name)?.kind !== 'constant',
  );
  // a span of time fits every tool that takes days, so it speaks for none
  const dated = new Set(
    card.slots
      .filter(slot => /^(?:date|datetime|month|time)$/.test(slot.kind))
      .map(slot => slot.name),
  );
  const typed = found.filter(
    ([name, finding]) => finding.sure !== 'guess' && !dated.has(name),
  ).length;
  const exact = found.some(
    ([name, finding]) =>
      finding.sure === 'certain' &&
      card.slots.some(
        slot =>
          slot.name === name &&
          (slot.shape || ['identifier', 'email', 'url'].includes(slot.kind)),
      ),
  );
  const certain = found.some(
    ([name, finding]) => finding.sure === 'certain' && !dated.has(name),
  );
  const act = actFit(reading, card);
  let score = relevance.score + (act ?? 0) * 2.5 - (total - sum) * 0.8;
  for (const [name, finding] of found) {
    const slot = card.slots.find(item => item.name === name)!;
    score += GAIN[finding.sure] * (slot.required ? 1.1 : 0.9);
  }
  // what is asked about one named thing is looked up by its name
  if (exact && !card.changes && card.slots.some(slot => slot.required))
    score += 1.5;
  score -= missing.length * (card.changes ? 0.5 : 1.3);
  const wantsOne = card.slots.some(
    slot =>
      slot.required && ['identifier', 'phrase', 'email'].includes(slot.kind),
  );
  if (SEVERAL.test(reading.text) && !wantsOne && !exact) score += 0.4;
  if (wantsOne && !card.changes && missing.length && SEVERAL.test(reading.text))
    score -= 2;
  // what this agent can do itself it does not hand on
  if (card.slots.some(slot => slot.kind === 'task')) score -= 1.5;

  let fits = false;
  if (act !== undefined) {
    if (card.changes) {
      fits =
        (act >= 0.5
          ? named || typed > 0 || relevance.explained.length === 0
          : named && (typed > 0 || coverage >= 0.6)) && coverage >= 0.34;
    } else {
      fits =
        (named && coverage >= 0.34) ||
        (exact && coverage >= 0.3) ||
        (act === 0.6 && typed >= 1 && !missing.length && coverage >= 0.6) ||
        (typed >= 1 && certain && !missing.length && coverage >= 0.7) ||
        (typed >= 2 && !missing.length && coverage >= 0.45) ||
        (relevance.asked >= 0.5 &&
          found.length > 0 &&
          !missing.length &&
          coverage >= 0.4) ||
        (coverage >= 0.75 && relevance.score >= 1.5);
      // what is only told, at length, is no question
      const told =
        !reading.isQuestion &&
        act === 0 &&
        !reading.wants &&
        relevance.explained.length >= 5;
      if (told) fits &&= named && coverage >= 0.5;
      // listing everything is no answer to what was not understood
      const vague = card.slots.length && !found.length && coverage < 0.6;
      if (vague && !AGGREGATES.test(reading.text)) fits = false;
      const library =
        card.searches && [...card.subject].some(stem => LIBRARY.test(stem));
      if (
        !fits &&
        library &&
        (reading.isQuestion || reading.act !== undefined) &&
        (relevance.explained.some(item => item.by >= 0.7) ||
          OURS.test(reading.text))
      ) {
        fits = true;
        score -= 0.5;
      }
    }
  }
  const weak =
    !fits &&
    act !== undefined &&
    !card.changes &&
    reading.language !== card.language &&
    !missing.length &&
    found.some(([name]) => dated.has(name));
  return {
    card,
    filling,
    relevance,
    score,
    fits,
    weak,
    exact,
    coverage,
    missing,
    named,
  };
}
