import { contentWords, stemOf, wordsOf } from '../lexicon/words';
import { likeness, synonymsOf } from '../lexicon/synonyms';
import { carriedValues, pointsAtOneThing } from '../arguments/carry';
import {
  fillFromText,
  type FillContext,
  type Filling,
  type Finding,
} from '../arguments/fill';
import type { Parameter } from '../arguments/parameter';
import { fieldsOf, isRow, leavesOf, readData, type Row } from '../answer/data';
import { leansOnThePast } from '../conversation/clauses';
import type { Turn } from '../conversation/turns';
import type { ToolCard } from './card';
import type { ToolIndex } from './relevance';

/** Whether a tool can be called now, and with what. */
export interface Readiness {
  arguments: Record<string, unknown>;
  /** More calls of the same tool that the request asks for, such as one for each of two identifiers. */
  siblings: Record<string, unknown>[];
  missing: Parameter[];
  /** What the request itself gave; the rest was carried over. */
  filling: Filling;
  /** True when at least one value is more than a guess, wherever it came from. */
  grounded: boolean;
}

/** Chooses among several values by the words that stand beside them in the result. */
function chooseValues(values: unknown[], text: string, turn: Turn): unknown[] {
  if (values.length < 2) return values;
  const words = contentWords(text);
  const scored = values.map(value => {
    let score = 0;
    for (const call of turn.calls) {
      const data = readData(call.result);
      let sets: Row[] = [];
      if (data.kind === 'rows') sets = data.rows;
      if (data.kind === 'record') {
        sets = Object.values(data.row).flatMap(item =>
          Array.isArray(item) ? item.filter(isRow) : [],
        );
      }
      for (const row of sets) {
        if (![...leavesOf(row)].some(leaf => leaf.value === value)) continue;
        const stems = fieldsOf(row).flatMap(field =>
          wordsOf(String(field.value)).map(word => word.stem),
        );
        score += words.filter(word =>
          stems.some(stem => likeness(stem, word.stem) > 0),
        ).length;
      }
    }
    return { value, score };
  });
  const best = Math.max(...scored.map(item => item.score));
  return best > 0
    ? scored.filter(item => item.score === best).map(item => item.value)
    : values;
}

/** Fills a tool's parameters from a request, the rest of the message and the conversation, in that order. */
export function readinessOf(
  card: ToolCard,
  clause: string,
  turns: Turn[],
  context: FillContext,
): Readiness {
  const turn = turns[turns.length - 1];
  const filling = fillFromText(card.parameters, clause, context);
  const values = new Map<string, Finding>(filling.values);
  const whole =
    clause === turn.question
      ? filling
      : fillFromText(card.parameters, turn.question, context);
  const leans = leansOnThePast(clause);
  const previous = turns[turns.length - 2]?.calls.findLast(
    call => call.name === card.name,
  );
  const namesOne = [...values.keys()].some(name => {
    const parameter = card.parameters.find(
      candidate => candidate.name === name,
    );
    return parameter !== undefined && pointsAtOneThing(parameter);
  });
  const missing: Parameter[] = [];
  const siblings: unknown[][] = [];
  for (const parameter of card.parameters) {
    const own = values.get(parameter.name);
    if (own && own.strength !== 'guess') continue;
    const elsewhere = whole.values.get(parameter.name);
    if (
      elsewhere &&
      elsewhere.strength !== 'guess' &&
      (parameter.required || pointsAtOneThing(parameter))
    ) {
      values.set(parameter.name, elsewhere);
      continue;
    }
    const optionalSubject =
      !parameter.required &&
      leans &&
      !namesOne &&
      pointsAtOneThing(parameter) &&
      parameter.kind !== 'query';
    if (
      (parameter.required &&
        parameter.kind !== 'note' &&
        parameter.kind !== 'query') ||
      optionalSubject
    ) {
      const carried = carriedValues(parameter, turns, context, card.parameters);
      const chosen = carried.fromThisTurn
        ? chooseValues(carried.values, turn.question, turn)
        : carried.values;
      const usable =
        chosen.length > 0 &&
        (chosen.length <= 3 || parameter.required === false);
      if (usable && (parameter.required || chosen.length === 1)) {
        values.set(parameter.name, {
          value: chosen[0],
          strength: 'likely',
          others: [],
        });
        if (chosen.length > 1)
          siblings.push([parameter.name, ...chosen.slice(1)]);
        continue;
      }
    }
    if (
      previous &&
      leans &&
      !own &&
      !parameter.required &&
      previous.arguments[parameter.name] !== undefined &&
      parameter.kind !== 'query'
    ) {
      values.set(parameter.name, {
        value: previous.arguments[parameter.name],
        strength: 'likely',
        others: [],
      });
      continue;
    }
    if (parameter.required && !own) missing.push(parameter);
  }
  const args = Object.fromEntries(
    [...values].map(([name, finding]) => [name, finding.value]),
  );
  const more = [...values].flatMap(([name, finding]) => {
    const parameter = card.parameters.find(
      candidate => candidate.name === name,
    );
    return parameter?.kind === 'identifier' && finding.strength === 'certain'
      ? finding.others.map(value => ({ ...args, [name]: value }))
      : [];
  });
  for (const [name, ...rest] of siblings)
    more.push(...rest.map(value => ({ ...args, [String(name)]: value })));
  return {
    arguments: args,
    siblings: more.slice(0, 4),
    missing,
    filling,
    grounded: [...values.values()].some(
      finding => finding.strength !== 'guess',
    ),
  };
}

/** Stems that name what a tool holds: its name and its parameters, not its prose. */
export function subjectOf(card: ToolCard): ReadonlySet<string> {
  const stems = new Set(contentWords(card.label).map(word => word.stem));
  for (const word of card.name.split(/[^A-Za-z]+/)) stems.add(stemOf(word));
  return stems;
}

/** The context in which a tool's parameters are looked for. */
export function contextFor(
  card: ToolCard,
  index: ToolIndex,
  now: Date,
): FillContext {
  const subject = new Set(subjectOf(card));
  // a search that filters records looks for what a record is called, not for the names of its fields
  if (
    card.parameters.some(
      parameter => parameter.kind === 'query' && !parameter.required,
    )
  ) {
    for (const stem of card.stems.keys()) {
      subject.add(stem);
      for (const other of synonymsOf(stem)) subject.add(other);
    }
  }
  return { now, vocabulary: index.vocabulary, subject };
}
