import type { Filling } from '../slots/fill';
import { actsOf } from '../text/lexicon';
import { nearness, tellingness } from '../text/meaning';
import type { Reading } from '../text/reading';
import { likeness, stemOf } from '../text/words';
import type { ToolCard } from './card';
import type { Relevance } from './toolIndex';

const SEVERAL =
  /\b(?:which|list|all|every|any|how many|count|overview|top \d|most|least|highest|lowest|largest|smallest|newest|latest|oldest|cheapest|average|total|sum)\b|哪些|所有|全部|多少|列出|welche|alle/iu;
/** Questions that take a look at everything. */
const AGGREGATES =
  /\b(?:how many|most|least|average|total|sum|overview|all|every|(?!inter|for|con|harv|requ|sugg|gu|qu|r|t|w|b)\p{L}{2,}est)\b|最|总|平均|wie viele|insgesamt|alle/iu;
const OURS =
  /\b(?:we|our|us|employees?|staff|colleagues?|customers?|company|allowed|entitled|must|have to|has to|maximum|max|limit|standard|rules?|policy|(?:may|can|must|do|should|am) i|my)\b|wir|unser|darf|我们|公司|可以/iu;

/**
 * What each feature adds to the score of a tool, fitted on the requests of `examples/evals/unlike/dev` and of the example
 * company as a choice among the tools and none; `elsewhere` negatives are the same requests before the tools of another
 * trade, and before their own tools without the right one.
 */
export const WEIGHTS: Record<string, number> = {
  loose: -0.81,
  nameCover: 0.49,
  headCover: -0.02,
  nameBest: 0.53,
  verbAny: -0.08,
  lexical: 0.17,
  lexicalShare: 1.03,
  semantic: 0.01,
  semanticShare: -0.15,
  coverage: 2.73,
  unexplained: -0.2,
  subject: 0.36,
  named: 0.62,
  valued: 0.12,
  typed: 0.87,
  anyTyped: -0.12,
  certain: 1.51,
  exact: -0.49,
  exactWhole: 0.25,
  dated: 0.45,
  undated: -0.94,
  missing: -0.39,
  missingChange: -0.43,
  whole: 0.3,
  vague: 0.07,
  conflict: -1.09,
  conflictChange: -0.21,
  same: 1.06,
  kin: 0.8,
  general: -0.12,
  sameChange: 0.92,
  lookLook: -0.14,
  verbNear: 0.2,
  bare: -0.43,
  bareQuestion: 0.09,
  changesAsked: -1.02,
  changes: 1.4,
  changeWanted: -0.58,
  looksWanted: -0.56,
  looksAsked: 1.25,
  unknownAct: -0.48,
  several: 0.32,
  one: -0.69,
  task: -0.35,
  searches: 0.63,
  ours: 1.25,
  asked: 1.36,
  verbKnown: -0.19,
  foreign: -0.04,
};
/** What speaks for none of them. */
export const NONE = {
  bias: 4.54,
  n: 0.0,
  q: -0.23,
  han: 0.06,
};

/** What can be measured of a request and a tool together. */
export function featuresOf(
  reading: Reading,
  card: ToolCard,
  filling: Filling,
  relevance: Relevance,
  act: number | undefined,
): Record<string, number> {
  const f: Record<string, number> = {};
  const valueAt = (w: { start: number; end: number }) =>
    filling.stretches.filter(s => s.start < w.end && w.start < s.end);
  let n = 0;
  let lexical = 0;
  let semantic = 0;
  let expl = 0;
  let total = 0;
  let unexplained = 0;
  let subject = 0;
  let valued = 0;
  for (const { word, by, subject: sub, gain } of relevance.explained) {
    const timed = reading.spans.some(
      s => s.from < word.end && word.start < s.to,
    );
    const counted = reading.numbers.some(
      s => s.start < word.end && word.start < s.end,
    );
    const values = valueAt(word);
    const t = Math.max(...word.stems.map(tellingness));
    if ((timed || counted) && !values.length) {
      f.loose = Math.min(2, (f.loose ?? 0) + 0.5);
      continue;
    }
    n++;
    const v = Math.max(
      0,
      ...values.map(x => ({ certain: 1, likely: 0.9, guess: 0.45 }[x.sure])),
    );
    if (!values.some(x => x.sure !== 'guess')) {
      if (by >= 0.7) lexical += gain * (0.3 + 0.7 * t);
      else semantic += gain * (0.3 + 0.7 * t);
      if (sub) subject += t;
    }
    if (v) valued++;
    const w = timed || counted ? 0.5 * t : t;
    const e = Math.max(v, by);
    expl += w * e;
    total += w;
    if (e < 0.35) unexplained += w;
  }
  const found = [...filling.values].filter(
    ([name]) => card.slots.find(s => s.name === name)?.kind !== 'constant',
  );
  const dates = new Set(
    card.slots
      .filter(s => /^(?:date|datetime|month|time)$/.test(s.kind))
      .map(s => s.name),
  );
  const typed = found.filter(
    ([name, x]) => x.sure !== 'guess' && !dates.has(name),
  );
  const missing = card.slots.filter(
    s => s.required && !filling.values.has(s.name),
  );
  const required = card.slots.filter(s => s.required);
  const wantsOne = card.slots.some(
    s => s.required && ['identifier', 'phrase', 'email'].includes(s.kind),
  );
  const verb = stemOf(card.verb.split('-')[0]);
  const lead = reading.act?.words[0] ?? reading.lead;
  const own = card.label.split(' ').map(word => stemOf(word));
  const match = (stem: string) =>
    Math.max(
      0,
      ...reading.content
        .slice(0, 60)
        .flatMap(word =>
          word.stems.map(other =>
            other === stem
              ? 1
              : Math.max(likeness(other, stem), nearness(other, stem)),
          ),
        ),
    );
  const cover = own.map(match);
  f.nameCover = cover.reduce((x, y) => x + y, 0) / (own.length || 1);
  const heads = [...card.subject]
    .filter(stem => !own.includes(stem))
    .slice(0, 6)
    .map(match);
  f.headCover = heads.reduce((x, y) => x + y, 0) / (heads.length || 1);
  f.nameBest = Math.max(0, ...cover);
  f.verbAny = verb ? match(verb) : 0;
  f.lexical = lexical;
  f.lexicalShare = lexical / (1 + n);
  f.semantic = semantic;
  f.semanticShare = semantic / (1 + n);
  f.coverage = total ? expl / total : 0;
  f.unexplained = Math.min(4, unexplained);
  f.subject = Math.min(3, subject);
  f.named = subject > 0 ? 1 : 0;
  f.valued = Math.min(4, valued);
  f.typed = Math.min(3, typed.length);
  f.anyTyped = typed.length ? 1 : 0;
  f.certain = typed.some(([, x]) => x.sure === 'certain') ? 1 : 0;
  f.exact = typed.some(
    ([name, x]) =>
      x.sure === 'certain' &&
      card.slots.some(
        s =>
          s.name === name &&
          (s.shape || ['identifier', 'email', 'url'].includes(s.kind)),
      ),
  )
    ? 1
    : 0;
  f.exactWhole =
    f.exact && !card.changes && !missing.length && required.length ? 1 : 0;
  f.dated = found.some(([name]) => dates.has(name)) ? 1 : 0;
  f.undated = reading.spans.length && !f.dated ? 1 : 0;
  f.missing = card.changes ? 0 : Math.min(3, missing.length);
  f.missingChange = card.changes ? Math.min(3, missing.length) : 0;
  f.whole = required.length && !missing.length ? 1 : 0;
  f.vague =
    card.slots.length && !found.length && !AGGREGATES.test(reading.text)
      ? 1
      : 0;
  f.conflict = act === undefined ? 1 : 0;
  f.conflictChange = act === undefined && card.changes ? 1 : 0;
  f.same = act === 1 || act === 0.6 ? 1 : 0;
  f.kin = act === 0.7 ? 1 : 0;
  f.general = act === 0.5 ? 1 : 0;
  f.sameChange = act === 1 ? 1 : 0;
  f.lookLook = act === 0.3 ? 1 : 0;
  f.verbNear = lead
    ? Math.max(0, ...lead.stems.map(s => nearness(s, verb)))
    : 0;
  f.bare = lexical === 0 && semantic < 0.6 && !f.exact ? 1 : 0;
  f.bareQuestion = f.bare && reading.isQuestion ? 1 : 0;
  f.changesAsked = card.changes && reading.isQuestion ? 1 : 0;
  f.changes = card.changes ? 1 : 0;
  f.changeWanted = card.changes && reading.act?.changes ? 1 : 0;
  f.looksWanted = !card.changes && reading.act?.changes ? 1 : 0;
  f.looksAsked = !card.changes && reading.isQuestion ? 1 : 0;
  f.unknownAct = !card.changes && reading.unknownAct ? 1 : 0;
  f.several = SEVERAL.test(reading.text) && !wantsOne ? 1 : 0;
  f.one = SEVERAL.test(reading.text) && wantsOne && missing.length ? 1 : 0;
  f.task = card.slots.some(s => s.kind === 'task') ? 1 : 0;
  f.searches = card.searches ? 1 : 0;
  f.ours = card.searches && OURS.test(reading.text) ? 1 : 0;
  f.asked = relevance.asked;
  f.verbKnown = actsOf(card.verb) ? 1 : 0;
  f.foreign = reading.language !== card.language ? 1 : 0;
  return f;
}
