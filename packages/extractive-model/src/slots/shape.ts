import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';
import type { Mention, Reading } from '../text/reading';
import type { Word } from '../text/words';
import type { Slot } from './slot';

/** How the identifiers of one slot look. */
export interface Shape {
  /** The identifier in its own spelling, or undefined when the text is none. `named`: it stands after its noun. */
  accept(candidate: string, named?: boolean): string | undefined;
  /** The literal beginning of every identifier, such as `AB-`. */
  prefix: string;
}

const PLAIN = ['hello', 'Hello', 'the', 'London', 'some words here'];
const LONGEST = 200;

const compiled = new LRUCache<string, { shape: Shape | undefined }>({
  max: 1_000,
});

/** Foreign patterns run in RE2, whose time is linear; what it cannot compile guides nothing. */
function compile(pattern: string): Shape | undefined {
  if (pattern.length > LONGEST) return undefined;
  let exact: RE2JS;
  try {
    exact = RE2JS.compile(`^(?:${pattern.replace(/^\^|\$$/g, '')})$`);
  } catch {
    return undefined;
  }
  const fits = (text: string) => text.length <= LONGEST && exact.matches(text);
  // a pattern that takes plain words says nothing about identifiers
  if (PLAIN.some(fits)) return undefined;
  // [Aa][Bb]-… is how a pattern without flags says that both cases will do
  const folded = pattern.replace(/\[([A-Z])[a-z]\]|\[[a-z]([A-Z])\]/g, '$1$2');
  return {
    prefix:
      /^\^?(?:\(\?:)?([A-Za-z]{1,8}[-_/#:.]?)(?![*+?{|\]])/.exec(folded)?.[1] ??
      '',
    accept: (candidate, named = false) => {
      if (folded !== pattern && fits(candidate.toUpperCase()))
        return candidate.toUpperCase();
      if (/^\p{Ll}+$/u.test(candidate) && !named) return undefined;
      if (fits(candidate)) return candidate;
      // letters alone count only in their own case: "the" is no airport
      if (!/\d/.test(candidate) && !named) return undefined;
      return [candidate.toUpperCase(), candidate.toLowerCase()].find(fits);
    },
  };
}

/** The shape of a pattern, compiled once. */
function fromPattern(pattern: string): Shape | undefined {
  const known = compiled.get(pattern) ?? { shape: compile(pattern) };
  compiled.set(pattern, known);
  return known.shape;
}

/** A text as a pattern that takes nothing else. */
export const escaped = (text: string) =>
  text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A pattern from an example: `AB-1234` takes `AB-` and digits. */
function fromExample(example: string): Shape | undefined {
  if (
    !/\d/.test(example) ||
    !/^[\w./#:-]{2,40}$/.test(example) ||
    /^\d{4}-\d{2}/.test(example) ||
    /^\d+(?:[.:]\d+)?$/.test(example)
  )
    return undefined;
  const mixed = /^([A-Za-z]+[-_#/:])(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9]+$/.exec(
    example,
  );
  if (mixed) return fromPattern(`${escaped(mixed[1])}[A-Za-z0-9]+`);
  const source = escaped(example).replace(/\d+/g, '\\d+');
  return fromPattern(
    /^[A-Za-z]+[-_#/:]/.test(example)
      ? source
      : source.replace(/[A-Z]+/g, run => `[A-Z]{1,${run.length + 1}}`),
  );
}

/** The shape of a slot's identifiers, from its pattern, or from the examples that its schema or description gives. */
export function shapeOf(schema: {
  pattern?: string;
  format?: string;
  examples?: unknown[];
  description?: string;
}): Shape | undefined {
  if (typeof schema.pattern === 'string') return fromPattern(schema.pattern);
  if (schema.format === 'uuid')
    return fromPattern(
      '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
    );
  const examples = (
    Array.isArray(schema.examples) ? schema.examples : []
  ).filter((value): value is string => typeof value === 'string');
  const described =
    /(?:e\.g\.|for example|example:?|such as|like|format:?|as in|z\.\s?B\.|例如|如)[\s:]*["'`“]?([\w./#:-]{2,40})/i.exec(
      (schema.description ?? '').slice(0, 600),
    )?.[1];
  if (described) examples.push(described.replace(/[.,;:]+$/, ''));
  for (const example of examples.slice(0, 5)) {
    const shape = fromExample(example);
    if (shape) return shape;
  }
  return undefined;
}

function padded(
  prefix: string,
  digits: string,
  shape: Shape,
): string | undefined {
  for (let length = digits.length; length <= 8; length++) {
    const found = shape.accept(prefix + digits.padStart(length, '0'));
    if (found) return found;
  }
  return undefined;
}

const COUNTER = /^(?:id|number|no|nr|num|nummer|编号|号|号码|code|#)$/;

/** True when the word at `index` follows the noun of a slot: "order 1234", "order number 1234". */
export function isNamed(slot: Slot, reading: Reading, index: number): boolean {
  const { words, text } = reading;
  const [first, second] = [words[index - 1], words[index - 2]];
  if (text[words[index].start - 1] === '#') return true;
  const is = (word?: Word) =>
    word !== undefined &&
    !word.plain &&
    (slot.nouns.some(noun => word.stems.includes(noun)) ||
      word.stems.some(stem => slot.stems.has(stem)));
  return (
    is(first) ||
    (first !== undefined &&
      COUNTER.test(first.lower) &&
      (is(second) || !slot.nouns.length)) ||
    (first?.lower === 'is' && is(second))
  );
}

/** An identifier in a text. */
export interface IdentifierMention extends Mention {
  sure: boolean;
  /** True when it stands behind the noun of its slot. */
  named: boolean;
}

/** An identifier behind its noun may be written in parts: "KR 7715 B", "411 09". */
function extended(
  reading: Reading,
  index: number,
  named: boolean,
): [string, number, number] {
  const { words, text } = reading;
  let last = index;
  while (
    named &&
    last < index + 3 &&
    /^ $/.test(text.slice(words[last].end, words[last + 1]?.start)) &&
    /^(?:\d+|\p{Lu}{1,3})$/u.test(words[last + 1].text)
  )
    last++;
  const [start, end] = [words[index].start, words[last].end];
  return [text.slice(start, end).replace(/[’']s$/, ''), start, end];
}

/** Identifiers of a slot in a text, also when people write them loosely: `ab 1234`, `ab1234`, `#1234`, "order 1234". */
export function identifiersIn(
  reading: Reading,
  slot: Slot,
): IdentifierMention[] {
  const { words } = reading;
  const { shape } = slot;
  const found: IdentifierMention[] = [];
  let here = false;
  const add = (
    value: string | undefined,
    start: number,
    end: number,
    sure = true,
  ) => {
    if (value !== undefined && !found.some(other => other.value === value))
      found.push({ value, start, end, sure, named: here });
    return value !== undefined;
  };
  for (const [index, word] of words.entries()) {
    if (word.text.length > 64) continue;
    const dated = reading.spans.some(
      span => span.from <= word.start && word.end <= span.to,
    );
    const bare = word.text.replace(/[’']s$/, '');
    const named = isNamed(slot, reading, index);
    here = named;
    if (!shape) {
      if (bare.includes('@')) continue;
      const code =
        /\d/.test(bare) &&
        /\p{L}/u.test(bare) &&
        !/^\d+(?:st|nd|rd|th|k|m|h|am|pm|kg|g|km|cm|mm|ml|l|x|min|s|days?)$/i.test(
          bare,
        );
      const slug = /^[\p{L}\p{N}]+(?:[-_/][\p{L}\p{N}]+)+$/u.test(bare);
      const plain = /^\d+(?:[./]\d+)*$/.test(bare);
      if (
        plain
          ? named
          : !dated && (code || (slug && (named || /\d|_/.test(bare))))
      )
        add(
          ...extended(reading, index, named),
          named || (code && /[-_]/.test(bare)),
        );
      continue;
    }
    const isWord =
      /^\p{Lu}+$/u.test(bare) && word.plain && bare.length > 1 && !named;
    const sole = bare.length === 1 && !named;
    if (
      !isWord &&
      !(dated && !named && /^\d/.test(bare)) &&
      !sole &&
      add(shape.accept(bare, named && !word.plain), word.start, word.end)
    )
      continue;
    const amount = reading.numbers.some(
      number => number.start === word.start && number.currency,
    );
    if (/^\d+$/.test(bare) && named && shape.prefix && !amount)
      add(padded(shape.prefix, bare, shape), word.start, word.end);
  }
  // what stands behind the slot's own noun is meant, not what merely looks alike
  return found.sort((a, b) => Number(b.named) - Number(a.named));
}
