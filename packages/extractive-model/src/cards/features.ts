import type { Filling } from '../slots/fill';
import { nearness, tellingness } from '../text/meaning';
import { overlaps, type Reading } from '../text/reading';
import { likeness, stemOf, type Word } from '../text/words';
import type { ToolCard } from './card';
import type { Relevance } from './toolIndex';

/** Questions that take a look at everything. */
const AGGREGATES =
  /\b(?:which|list|how many|most|least|average|total|sum|overview|all|every|any|(?!inter|for|con|harv|requ|sugg|gu|qu|r|t|w|b)\p{L}{2,}est)\b|最|总|平均|wie viele|insgesamt|alle|welche|哪些|列出/iu;
const OURS =
  /\b(?:we|our|us|employees?|staff|colleagues?|customers?|company|allowed|entitled|must|have to|has to|maximum|max|limit|standard|rules?|policy|(?:may|can|must|do|should|am) i|my)\b|wir|unser|darf|我们|公司|可以/iu;
const DATES = /^(?:date|datetime|month|time)$/;
const NAMES_ONE = ['identifier', 'email', 'url'];

/**
 * What each feature adds to the score of a tool, fitted on the requests of `examples/evals/unlike/dev` and of the example
 * company as a choice among the tools and none. Half as much count the same requests before the tools of another trade,
 * and before their own tools without the right one, where none is right. `one` and `agent` are set by hand: a look at one
 * thing does not answer a question about all, and an agent that is asked in vain says so.
 */
export const WEIGHTS: Record<string, number> = {
  nameCover: 1,
  headCover: 0.06,
  lexical: 0.2,
  lexicalShare: 0.86,
  coverage: 2.1,
  unexplained: -0.25,
  gap: -0.56,
  subject: 0.34,
  typed: 0.96,
  missing: -0.31,
  missingChange: -0.42,
  asked: 1.39,
  named: 0.55,
  certain: 1.28,
  exact: -0.4,
  exactWhole: 0.22,
  dated: 0.64,
  undated: -1.46,
  whole: 0.23,
  conflict: -1.45,
  same: 1.54,
  kin: 0.52,
  lookLook: -0.3,
  one: -3.5,
  overview: 0.94,
  bare: -0.38,
  changes: 1.21,
  changesAsked: -1.29,
  changeWanted: -0.27,
  looksWanted: -0.55,
  looksAsked: 1.04,
  unknownAct: -0.71,
  task: -0.21,
  agent: 1,
  searches: 0.56,
  ours: 1.3,
};
/** What speaks for none of them. */
export const NONE = 3.87;

/** What can be measured of a request and a tool together. */
export function featuresOf(
  reading: Reading,
  card: ToolCard,
  filling: Filling,
  relevance: Relevance,
  act: number | undefined,
): Record<string, number> {
  let lexical = 0;
  let semantic = 0;
  let explained = 0;
  let total = 0;
  let unexplained = 0;
  let subject = 0;
  let words = 0;
  let gap = 0;
  const told = [...reading.names, ...reading.quotes];
  const isValue = (word: Word) =>
    /\d/.test(word.lower) || told.some(s => overlaps(s, word));
  for (const { word, by, subject: own, gain } of relevance.explained) {
    const measured =
      reading.spans.some(s => s.from < word.end && word.start < s.to) ||
      reading.numbers.some(s => overlaps(s, word));
    // another agent fills in itself what was said
    if (card.isAgent && isValue(word)) continue;
    const values = filling.stretches.filter(s => overlaps(s, word));
    if (measured && !values.length) continue;
    words++;
    const telling = Math.max(...word.stems.map(tellingness));
    if (!values.some(x => x.sure !== 'guess')) {
      const part = gain * (0.3 + 0.7 * telling);
      if (by >= 0.7) lexical += part;
      else semantic += part;
      if (own) subject += telling;
    }
    const weight = measured ? 0.5 * telling : telling;
    const best = Math.max(
      by,
      ...values.map(x => ({ certain: 1, likely: 0.9, guess: 0.45 }[x.sure])),
    );
    explained += weight * best;
    total += weight;
    if (best < 0.35) unexplained += weight;
    if (best < 0.45) gap = Math.max(gap, telling * (1 - best));
  }
  const slotOf = (name: string) => card.slots.find(s => s.name === name);
  const found = [...filling.values].flatMap(([name, { sure }]) => {
    const slot = slotOf(name);
    return slot && slot.kind !== 'constant' ? [{ slot, sure }] : [];
  });
  const typed = found.filter(
    ({ slot, sure }) => sure !== 'guess' && !DATES.test(slot.kind),
  );
  const required = card.slots.filter(s => s.required);
  const missing = required.filter(s => !filling.values.has(s.name)).length;
  const exact = typed.some(
    ({ slot, sure }) =>
      sure === 'certain' && (slot.shape || NAMES_ONE.includes(slot.kind)),
  );
  const match = (stem: string) =>
    Math.max(
      0,
      ...reading.content
        .slice(0, 60)
        .flatMap(word =>
          word.stems.map(other =>
            Math.max(likeness(other, stem), nearness(other, stem)),
          ),
        ),
    );
  const mean = (stems: string[]) =>
    stems.reduce((sum, stem) => sum + match(stem), 0) / (stems.length || 1);
  const own = card.label.split(' ').map(word => stemOf(word));
  const dated = found.some(({ slot }) => DATES.test(slot.kind));
  const bare = lexical === 0 && semantic < 0.6 && !exact;
  const { changes } = card;
  const asked = reading.isQuestion;
  const numbers = {
    nameCover: mean(own),
    headCover: mean(
      [...card.subject].filter(stem => !own.includes(stem)).slice(0, 6),
    ),
    lexical,
    lexicalShare: lexical / (1 + words),
    coverage: total && explained / total,
    unexplained: Math.min(4, unexplained),
    // the most telling word that neither the card nor a value explains
    gap,
    subject: Math.min(3, subject),
    typed: Math.min(3, typed.length),
    missing: changes ? 0 : Math.min(3, missing),
    missingChange: changes ? Math.min(3, missing) : 0,
    asked: relevance.asked,
  };
  const facts = {
    named: subject > 0,
    certain: typed.some(({ sure }) => sure === 'certain'),
    exact,
    exactWhole: exact && !changes && !missing && required.length > 0,
    dated,
    undated: !dated && !card.isAgent && reading.spans.length > 0,
    whole: required.length > 0 && !missing,
    conflict: act === undefined,
    same: act === 1 || act === 0.6,
    kin: act === 0.7,
    lookLook: act === 0.3,
    one:
      missing > 0 &&
      !changes &&
      AGGREGATES.test(reading.text) &&
      required.some(s => ['identifier', 'phrase', 'email'].includes(s.kind)),
    overview:
      subject > 0 &&
      !changes &&
      !required.length &&
      AGGREGATES.test(reading.text),
    bare,
    changes,
    changesAsked: changes && asked,
    changeWanted: changes && Boolean(reading.act?.changes),
    looksWanted: !changes && Boolean(reading.act?.changes),
    looksAsked: !changes && asked,
    unknownAct: !changes && reading.unknownAct !== undefined,
    task: card.slots.some(s => s.kind === 'task'),
    agent: card.isAgent,
    searches: card.searches,
    ours: card.searches && OURS.test(reading.text),
  };
  return {
    ...numbers,
    ...Object.fromEntries(
      Object.entries(facts).map(([name, is]) => [name, Number(is)]),
    ),
  };
}
