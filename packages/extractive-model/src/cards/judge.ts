import { fillSlots, type FillContext, type Filling } from '../slots/fill';
import { choiceByAct } from '../slots/choices';
import type { Slot } from '../slots/slot';
import { alters, isGeneral, makes } from '../text/lexicon';
import { overlaps, type Reading } from '../text/reading';
import type { ToolCard } from './card';
import { featuresOf, NONE, WEIGHTS } from './features';
import type { Relevance, ToolIndex } from './toolIndex';

/** Questions about what is or was; nobody who asks them wants something done. */
const LOOKS_BACK =
  /^(?:did|was|were|has|have|had|how|when|who|where|which|why|what|wer|wann|wo|welche\w*|wie|warum)\b/i;
/** How likely a tool must be to be called, and to be asked about. */
const CALLS = 0.43;
const CHANGES = 0.55;
const SAFE = 0.35;
const ASKS = 0.25;

/** What speaks for and against serving a request with a tool. */
export interface Judgement {
  card: ToolCard;
  filling: Filling;
  relevance: Relevance;
  score: number;
  /** How likely the request is for this tool and no other, 0 to 1. */
  chance: number;
  /** False when the request is for something that this tool does not do. */
  fits: boolean;
  missing: Slot[];
  /** True when the request holds an identifier or address of the tool's. */
  exact: boolean;
  /** True when a word of the request names what the tool is about. */
  named: boolean;
  /** True for a look at one thing by its identifier or over a whole list, and for a search in what the house has written. */
  safe: boolean;
  /** True when the person wants another thing done than the tool does. */
  opposed: boolean;
}

/** Whether what the person wants done is what the tool does: 1 its very verb, less its kind, undefined another thing. */
export function actFit(reading: Reading, card: ToolCard): number | undefined {
  const { act } = reading;
  // another agent decides itself what it can do
  if (card.slots.some(slot => slot.kind === 'task')) return 0.3;
  const verb = card.verb.split('-')[0];
  if (!act) {
    // somebody wants something done for which there is no word here: looking it up is not that
    if (!card.changes) return reading.unknownAct ? undefined : 0;
    return reading.wants && !reading.isQuestion ? 0.4 : undefined;
  }
  const same =
    act.lower === card.verb ||
    (act.lower.split('-')[0] === verb && !card.verb.includes('-'));
  const kin =
    [...act.groups].some(group => card.acts.has(group)) ||
    card.slots.some(
      slot =>
        act.words.some(word => slot.schema.enum?.includes(word.lower)) ||
        (slot.required && choiceByAct(act.words, slot) !== undefined),
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
    return general || making ? 0.5 : undefined;
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
  const relevance = index.relevanceOf(reading, card, word =>
    filling.stretches.some(stretch => overlaps(stretch, word)),
  );
  const features = featuresOf(
    reading,
    card,
    filling,
    relevance,
    actFit(reading, card),
  );
  let score = 0;
  for (const [name, value] of Object.entries(features))
    score += (WEIGHTS[name] ?? 0) * value;
  return {
    card,
    filling,
    relevance,
    score,
    chance: 0,
    fits: false,
    missing: card.slots.filter(
      slot => slot.required && !filling.values.has(slot.name),
    ),
    exact: features.exact > 0,
    named: features.named > 0,
    safe: features.exactWhole + features.ours + features.overview > 0,
    opposed:
      card.changes &&
      features.conflict > 0 &&
      (reading.act !== undefined || LOOKS_BACK.test(reading.text.trim())),
  };
}

/** How sure it must be: a question does no harm, nor does a look at what is surely there. */
function neededFor(item: Judgement): number {
  if (item.missing.length) return item.opposed ? 0.45 : ASKS;
  // what nobody asked for is not done
  if (item.opposed) return 2;
  if (item.card.changes) return CHANGES;
  return item.safe ? SAFE : CALLS;
}

/** Judges all tools together, the best first: one of them is meant, or none. */
export function judgeAll(
  reading: Reading,
  cards: ToolCard[],
  index: ToolIndex,
): Judgement[] {
  const judged = cards.map(card => judge(reading, card, index));
  const top = Math.max(NONE, ...judged.map(item => item.score));
  const sum = judged.reduce(
    (total, item) => total + Math.exp(item.score - top),
    Math.exp(NONE - top),
  );
  for (const item of judged) {
    item.chance = Math.exp(item.score - top) / sum;
    item.fits = item.chance >= neededFor(item);
  }
  return judged.sort((a, b) => b.score - a.score);
}
