import { numbersIn } from '../lexicon/numbers';
import { requestedVerb } from '../lexicon/verbs';
import { stemOf, wordsOf, type Word } from '../lexicon/words';
import { findChoices, findFlag } from './choices';
import { datesIn } from './dates';
import { dateFor } from './dateRoles';
import { findShaped, findUnshaped } from './identifiers';
import type { Parameter, ParameterKind } from './parameter';
import { findNote, findPhrases, searchWords, type Span } from './phrases';
import { findQuantity } from './quantities';

/** How sure a value is: read off its form, or only guessed from where it stands. */
export type Strength = 'certain' | 'likely' | 'guess';

/** A value found for a parameter. */
export interface Finding {
  value: unknown;
  strength: Strength;
  /** Further values that would fit as well, such as the second of two order numbers. */
  others: unknown[];
}

/** What a text gives for a tool's parameters. */
export interface Filling {
  values: Map<string, Finding>;
  /** The parts of the text that became values. */
  spans: Span[];
}

/** What the search for values knows besides the text. */
export interface FillContext {
  now: Date;
  /** Stems that belong to the tools' own vocabulary, so are no values. */
  vocabulary: ReadonlySet<string>;
  /** Stems that name what the tool holds; left out of search words. */
  subject: ReadonlySet<string>;
}

const ORDER: ParameterKind[] = [
  'identifier',
  'email',
  'date',
  'choice',
  'flag',
  'list',
  'number',
  'object',
  'phrase',
  'note',
  'query',
  'task',
];

const EMAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;

/** Hides the verb of a request, so that "cancel it" is not read as the status "cancelled". */
function withoutVerb(text: string): string {
  const verb = requestedVerb(text);
  const word =
    verb && wordsOf(text).find(candidate => stemOf(candidate.lower) === verb);
  return word
    ? text.slice(0, word.start) +
        ' '.repeat(word.end - word.start) +
        text.slice(word.end)
    : text;
}

/** Fills parameters from one text. */
export function fillFromText(
  parameters: Parameter[],
  text: string,
  context: FillContext,
): Filling {
  const values = new Map<string, Finding>();
  const spans: Span[] = [];
  const isFree = (span: Span) =>
    !spans.some(used => used.start < span.end && span.start < used.end);
  const put = (
    parameter: Parameter,
    value: unknown,
    strength: Strength,
    span: Span,
    others: unknown[] = [],
  ) => {
    values.set(parameter.name, { value, strength, others });
    spans.push({ start: span.start, end: span.end });
  };
  const known = (word: Word) => context.vocabulary.has(word.stem);
  const dates = datesIn(text, context.now);
  const sorted = [...parameters].sort(
    (a, b) =>
      ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) ||
      Number(b.shape !== undefined) - Number(a.shape !== undefined) ||
      Number(b.required) - Number(a.required),
  );
  for (const parameter of sorted) {
    const { kind, schema, required } = parameter;
    if (schema.const !== undefined) {
      values.set(parameter.name, {
        value: schema.const,
        strength: 'guess',
        others: [],
      });
    } else if (kind === 'identifier') {
      const found = (
        parameter.shape
          ? findShaped(text, parameter.shape, parameter.name)
          : findUnshaped(text, parameter.name)
      ).filter(isFree);
      const [first, ...rest] = found;
      if (first)
        put(
          parameter,
          first.value,
          parameter.shape ? 'certain' : 'likely',
          first,
          rest.map(other => other.value),
        );
    } else if (kind === 'email') {
      const [first] = [...text.matchAll(EMAIL)];
      if (first)
        put(parameter, first[0], 'certain', {
          start: first.index,
          end: first.index + first[0].length,
        });
    } else if (kind === 'choice') {
      const found = findChoices(withoutVerb(text), parameter).filter(isFree);
      const [first] = found;
      if (first && (first.exact || required || found.length === 1))
        put(parameter, first.value, first.exact ? 'certain' : 'guess', first);
    } else if (kind === 'flag') {
      const found = findFlag(text, parameter);
      if (found) put(parameter, found.value, 'likely', found);
    } else if (kind === 'date') {
      const found = dateFor(parameter, parameters, dates);
      if (found) {
        values.set(parameter.name, {
          value: found.value,
          strength: 'certain',
          others: [],
        });
        spans.push(found);
      }
    } else if (kind === 'number') {
      const free = numbersIn(text).filter(
        mention =>
          isFree(mention) &&
          !dates.some(
            date => date.start < mention.end && mention.start < date.end,
          ),
      );
      const found = findQuantity(free, parameter);
      if (found) put(parameter, found.value, 'likely', found);
    } else if (kind === 'list' && parameter.item) {
      const found = fillList(parameter.item, text, context, isFree);
      if (found.length)
        values.set(parameter.name, {
          value: found,
          strength: 'likely',
          others: [],
        });
    } else if (kind === 'object' && parameter.members) {
      const inner = fillFromText(parameter.members, text, context);
      const complete = parameter.members.every(
        member => !member.required || inner.values.has(member.name),
      );
      if (complete && inner.values.size) {
        put(
          parameter,
          Object.fromEntries(
            [...inner.values].map(([key, finding]) => [key, finding.value]),
          ),
          'guess',
          { start: 0, end: 0 },
        );
      }
    } else if (kind === 'phrase') {
      const shaped = [parameter.shape, parameter.shape?.loose].flatMap(shape =>
        shape ? findShaped(text, shape, parameter.name).filter(isFree) : [],
      )[0];
      const mail = /e-?mail/i.test(parameter.description)
        ? [...text.matchAll(EMAIL)][0]
        : undefined;
      if (shaped) {
        put(parameter, shaped.value, 'certain', shaped);
        continue;
      }
      if (mail) {
        put(parameter, mail[0], 'certain', {
          start: mail.index,
          end: mail.index + mail[0].length,
        });
        continue;
      }
      const [first, ...rest] = findPhrases(text, parameter, spans, known);
      if (first)
        put(
          parameter,
          first.value,
          first.marked ? 'likely' : 'guess',
          first,
          rest.filter(other => other.marked).map(other => other.value),
        );
    } else if (kind === 'note') {
      const found = findNote(text, spans);
      if (found) put(parameter, found.value, 'likely', found);
    } else if (kind === 'task') {
      if (text.trim())
        values.set(parameter.name, {
          value: text.trim(),
          strength: 'guess',
          others: [],
        });
    } else if (kind === 'query') {
      const found = searchWords(text, [...spans, ...dates], word =>
        context.subject.has(word.stem),
      );
      const telling = searchWords(text, [...spans, ...dates], () => false)
        .split(' ')
        .some(word => !context.subject.has(stemOf(word)));
      if (found && (required || telling))
        values.set(parameter.name, {
          value: found,
          strength: 'guess',
          others: [],
        });
    }
  }
  return { values, spans };
}

function fillList(
  item: Parameter,
  text: string,
  context: FillContext,
  isFree: (span: Span) => boolean,
): unknown[] {
  if (item.kind === 'identifier') {
    return (
      item.shape
        ? findShaped(text, item.shape, item.name)
        : findUnshaped(text, item.name)
    )
      .filter(isFree)
      .map(found => found.value);
  }
  if (item.kind === 'choice') {
    return findChoices(text, item).map(found => found.value);
  }
  if (item.kind === 'email')
    return [...text.matchAll(EMAIL)].map(found => found[0]);
  if (item.kind === 'object' && item.members) {
    // one object for each part of "two of A and three of B"
    return text
      .split(/,|;|\band\b|\bplus\b/i)
      .map(part => fillFromText(item.members!, part, context).values)
      .filter(
        values =>
          item.members!.every(
            member => !member.required || values.has(member.name),
          ) && values.size,
      )
      .map(values =>
        Object.fromEntries(
          [...values].map(([key, finding]) => [key, finding.value]),
        ),
      );
  }
  if (item.kind === 'phrase') {
    return findPhrases(text, item, [], word =>
      context.vocabulary.has(word.stem),
    )
      .filter(found => found.marked)
      .map(found => found.value);
  }
  return [];
}
