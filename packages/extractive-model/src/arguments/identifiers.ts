import { stemOf, splitIdentifier, wordsOf } from '../lexicon/words';
import type { Schema } from './parameter';

/** How the identifiers of one parameter look. */
export interface Shape {
  /** Returns the identifier in its canonical spelling, or undefined when the text is none. */
  accept(candidate: string): string | undefined;
  /** The literal beginning of every identifier, such as `AB-`. */
  prefix: string;
  /** Takes identifiers with other letters than the example's; less sure. */
  loose?: Shape;
}

/** An identifier found in a text. */
export interface IdentifierMention {
  value: string;
  start: number;
  end: number;
}

const SAMPLES = ['hello', 'Hello World', 'the', 'london', 'some words here'];

function fromPattern(pattern: string): Shape | undefined {
  let exact: RegExp;
  try {
    exact = new RegExp(`^(?:${pattern.replace(/^\^|\$$/g, '')})$`, 'u');
  } catch {
    return undefined;
  }
  // a pattern that takes plain words says nothing about identifiers
  if (SAMPLES.some(sample => exact.test(sample))) return undefined;
  // [Aa][Bb]-… is how a pattern without flags says that both cases will do
  const folded = pattern.replace(/\[([A-Z])[a-z]\]|\[[a-z]([A-Z])\]/g, '$1$2');
  const upperFirst = folded !== pattern;
  const prefix =
    /^\^?(?:\(\?:)?([A-Za-z]{1,8}[-_/#]?)(?![*+?{|\]])/.exec(folded)?.[1] ?? '';
  return {
    prefix,
    accept: candidate =>
      [
        upperFirst ? candidate.toUpperCase() : candidate,
        candidate.toUpperCase(),
        candidate.toLowerCase(),
      ].find(spelling => exact.test(spelling)),
  };
}

/** Builds a pattern from an example: `AB-1234` takes `AB-` and two to six digits. */
function fromExample(example: string): Shape | undefined {
  if (
    !/\d/.test(example) ||
    !/^[\w./#-]+$/.test(example) ||
    /^\d{4}-\d{2}/.test(example) ||
    /^\d+(?:\.\d+)?$/.test(example)
  )
    return undefined;
  // letters and digits mixed after the prefix, as in vol-12ab, may be any
  const mixed = /^([A-Za-z]+[-_#/])(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9]+$/.exec(
    example,
  );
  if (mixed) return fromPattern(`${mixed[1]}[A-Za-z0-9]+`);
  const source = example
    .replace(/[.]/g, '\\$&')
    .replace(
      /\d+/g,
      run => `\\d{${Math.max(1, run.length - 2)},${run.length + 2}}`,
    );
  return fromPattern(
    /^[A-Za-z]+[-_#/]/.test(example)
      ? source
      : example
          .replace(/[.]/g, '\\$&')
          .replace(/\d+/g, '\\d+')
          .replace(/[A-Z]+/g, run => `[A-Z]{${run.length}}`),
  );
}

/** The shape of a parameter's identifiers, from its pattern or from the examples that its schema or description gives. */
export function shapeOf(schema: Schema, name: string): Shape | undefined {
  if (schema.pattern) return fromPattern(schema.pattern);
  const examples = [...(schema.examples ?? []), schema.default].filter(
    (value): value is string => typeof value === 'string',
  );
  const described =
    /(?:e\.g\.|for example|example:?|such as|like|format:?|as in)\s*:?\s*["'`]?([\w./#-]+)/i.exec(
      schema.description ?? '',
    )?.[1];
  if (described) examples.push(described.replace(/[.,;]$/, ''));
  for (const example of examples) {
    const shape = fromExample(example);
    if (!shape || !/[-_#/]|^[A-Z]+\d|^\d+[A-Z]/.test(example)) continue;
    const loose = fromPattern(
      example
        .replace(/[.]/g, '\\$&')
        .replace(/\d+/g, '\\d+')
        .replace(/[A-Z]+/g, run => `[A-Z]{${run.length}}`),
    );
    return {
      ...shape,
      ...(loose && /^[A-Z]{3,}/.test(example) ? { loose } : {}),
    };
  }
  return /uuid/i.test(schema.format ?? name)
    ? fromPattern(
        '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
      )
    : undefined;
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

/**
 * Finds identifiers of a shape, also when people write them loosely: `ab 1234`, `ab1234`, `#1234`, or the bare
 * number after the noun that the parameter is named for ("order 1234").
 */
export function findShaped(
  text: string,
  shape: Shape,
  parameterName: string,
): IdentifierMention[] {
  const words = wordsOf(text);
  const nouns = new Set(
    splitIdentifier(parameterName)
      .map(stemOf)
      .filter(stem => !/^(?:id|number|no|code|ref|key)$/.test(stem)),
  );
  const letters = shape.prefix.replace(/[^A-Za-z]/g, '').toLowerCase();
  const found: IdentifierMention[] = [];
  const add = (value: string | undefined, start: number, end: number) => {
    if (value && !found.some(other => other.value === value))
      found.push({ value, start, end });
    return value !== undefined;
  };
  for (const [index, word] of words.entries()) {
    const bare = word.text.replace(/[.'’:]+$/, '').replace(/['’]s$/, '');
    if (add(shape.accept(bare), word.start, word.end)) continue;
    const glued = new RegExp(`^${letters}[-_/#:.]?(\\d+)$`, 'i').exec(bare);
    if (
      letters &&
      glued &&
      add(padded(shape.prefix, glued[1], shape), word.start, word.end)
    )
      continue;
    const next = words[index + 1];
    if (next && next.start - word.end <= 2) {
      if (letters && word.lower === letters && /^\d+$/.test(next.text)) {
        if (add(padded(shape.prefix, next.text, shape), word.start, next.end))
          continue;
      }
      // only spelled-out joints: "AB 12" may be AB-12, ordinary words may not
      if (/\d/.test(next.text) && /^\p{L}{1,5}$/u.test(word.text)) {
        const joined = ['-', '', '_']
          .map(joint => shape.accept(word.text + joint + next.text))
          .find(Boolean);
        if (add(joined, word.start, next.end)) continue;
      }
    }
    if (shape.prefix && /^\d+$/.test(bare)) {
      const [second, first] = [words[index - 2], words[index - 1]];
      const named =
        text[word.start - 1] === '#' ||
        (first !== undefined && nouns.has(first.stem)) ||
        (second !== undefined &&
          nouns.has(second.stem) &&
          /^(?:number|no|nr|id|num)$/.test(first.lower));
      if (named) add(padded(shape.prefix, bare, shape), word.start, word.end);
    }
  }
  return found;
}

/** Finds anything that looks like an identifier, for parameters that do not say how theirs look. */
export function findUnshaped(
  text: string,
  parameterName: string,
): IdentifierMention[] {
  const nouns = splitIdentifier(parameterName).map(stemOf);
  const words = wordsOf(text);
  return words
    .filter((word, index) => {
      if (word.text.includes('@') || !/\d/.test(word.text)) return false;
      if (/^\d{4}-\d{2}(?:-\d{2})?$/.test(word.text)) return false;
      if (/\p{L}/u.test(word.text))
        return !/^\d+(?:st|nd|rd|th|k|m|h|am|pm|kg|g|km|cm|mm|l|x|%)$/i.test(
          word.text,
        );
      return (
        words
          .slice(Math.max(0, index - 2), index)
          .some(other => nouns.includes(other.stem)) ||
        text[word.start - 1] === '#' ||
        word.text.length >= 6
      );
    })
    .map(word => ({
      value: word.text.replace(/[.:]$/, ''),
      start: word.start,
      end: word.end,
    }));
}
