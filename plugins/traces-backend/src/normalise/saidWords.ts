import type { Attributes, Value } from '../decode/RawSpan';
import { isContent } from './contentPolicy';

const MAX_TITLE = 120;
const MAX_WORD = 40;
/** Of one span; of longer texts the beginning is found. */
const MAX_CHARACTERS = 20_000;
/** Of the spans of one request and trace. */
const MAX_WORDS = 1_000;
/** Of one question. */
const MAX_ASKED = 8;

/** Where conventions say what was asked; the text, or messages as JSON. */
const ASKED = [
  'gen_ai.input.messages',
  'input.value',
  'traceloop.entity.input',
  'gen_ai.prompt',
  'ai.prompt',
  'ai.prompt.messages',
  'llm.input_messages.0.message.content',
  'gen_ai.prompt.0.content',
  'mlflow.spanInputs',
  'crewai.task.description',
] as const;

/** Languages that put no space between words; two characters at a time are looked for. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** The first words of what somebody asked, out of what is kept of a span. */
export function titleOf(kept: Attributes): string | undefined {
  for (const name of ASKED) {
    const asked = lastAsked(parsed(kept[name]));
    const title = asked
      ?.slice(0, MAX_CHARACTERS)
      .toWellFormed()
      .replace(/[\s\p{Cc}]+/gu, ' ')
      .trim();
    if (title) {
      return title.length > MAX_TITLE
        ? `${title
            .slice(0, MAX_TITLE - 1)
            .replace(/[\ud800-\udbff]$/, '')
            .trimEnd()}…`
        : title;
    }
  }
  return undefined;
}

/** The words of what was said in spans, by which their trace is found. */
export function wordsSaid(spans: Iterable<Attributes>): string[] {
  const words = new Set<string>();
  for (const kept of spans) {
    let room = MAX_CHARACTERS;
    for (const [name, value] of Object.entries(kept)) {
      if (isContent(name)) {
        for (const text of textsIn(parsed(value))) {
          const part = text.slice(0, room);
          room -= part.length;
          for (const word of wordsIn(part)) {
            if (words.size >= MAX_WORDS) {
              return [...words];
            }
            words.add(word);
          }
        }
      }
    }
  }
  return [...words];
}

/** The words that somebody looks for. */
export function wordsAsked(question: string): string[] {
  return [...new Set(wordsIn(question))].slice(0, MAX_ASKED);
}

function* wordsIn(text: string): Generator<string> {
  const plain = text.toWellFormed().normalize('NFKC').toLowerCase();
  for (const [word] of plain.matchAll(/[\p{L}\p{M}\p{N}]+/gu)) {
    if (UNSPACED.test(word)) {
      const characters = [...word];
      for (let i = 0; i + 1 < characters.length; i++) {
        yield characters[i] + characters[i + 1];
      }
    } else if (word.length > 1) {
      yield word.slice(0, MAX_WORD).toWellFormed();
    }
  }
}

/** Messages are JSON in a text more often than not. */
function parsed(value: Value | undefined): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) {
    return value;
  }
  try {
    return JSON.parse(value);
  } catch {
    // It was cut, or only looks like it.
    return value;
  }
}

function* textsIn(value: unknown, depth = 0): Generator<string> {
  if (typeof value === 'string') {
    yield value;
  } else if (typeof value === 'object' && value !== null && depth < 12) {
    for (const of of Object.values(value)) {
      yield* textsIn(of, depth + 1);
    }
  }
}

/** Of messages the last one of a person; of anything else its first text. */
function lastAsked(value: unknown): string | undefined {
  if (Array.isArray(value)) {
    const asked = value.findLast(
      message => isRecord(message) && message.role === 'user',
    );
    return firstText(asked?.content ?? asked?.parts ?? asked ?? value[0]);
  }
  if (isRecord(value) && Array.isArray(value.messages)) {
    return lastAsked(value.messages);
  }
  return firstText(value);
}

/** Of a part of a message its text, and not what kind of part it is. */
function firstText(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'string') {
    return value;
  }
  if (!isRecord(value) || depth > 6) {
    return undefined;
  }
  const { role: _role, type: _type, ...rest } = value;
  for (const of of Object.values(rest)) {
    const text = firstText(of, depth + 1);
    if (text?.trim()) {
      return text;
    }
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, any> {
  return typeof value === 'object' && value !== null;
}
