import type { EvalCase } from './dataset';

/** What an agent did with the last thing that it was told. */
export interface Outcome {
  calls: { tool: string; arguments: unknown }[];
  answer: string;
  /** Set when the agent could not be asked at all. */
  failure?: string;
}

/** Which parts of a case were right; a case passes when all are. */
export interface Grade {
  tool: boolean;
  arguments: boolean;
  facts: boolean;
  all: boolean;
}

/** `tool:default/orders.find_order`, `orders.find_order` and `orders_find_order` are one tool. */
export function sameTool(a: string, b: string): boolean {
  const plain = (name: string) =>
    name
      .replace(/^tool:[^/]+\//, '')
      .replace(/[^a-zA-Z0-9]+/g, '_')
      .toLowerCase();
  return plain(a) === plain(b);
}

/** Text as it is compared: no case, no Markdown, no thousands separators, single spaces. */
export function normalise(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/(\d)[,\u00a0\u202f'](?=\d{3}\b)/g, '$1')
    .replace(/[*_`|#>"“”]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** True when the text says the fact; a number must stand alone, 4 is not in 14. */
export function says(text: string, fact: string): boolean {
  const wanted = normalise(fact);
  const plain = normalise(text);
  const escaped = wanted.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const number = /^\d+(?:\.\d+)?$/.test(wanted);
  // 233.00 is also written 233
  const [whole, cents] = wanted.split('.');
  let tail = escaped;
  if (number) {
    const fraction = Number(cents ?? 0)
      ? `\\.${cents.replace(/0+$/, '')}0*`
      : '(?:\\.0+)?';
    tail = whole + fraction;
  }
  return number
    ? new RegExp(`(?<![\\d.-])${tail}(?![\\d]|\\.\\d|-\\d)`).test(plain)
    : plain.includes(wanted);
}

function canonical(value: unknown): unknown {
  if (typeof value === 'string') {
    const text = value.trim().toLowerCase().replace(/\s+/g, ' ');
    return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
  }
  if (Array.isArray(value)) return value.map(canonical);
  if (value && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, canonical(item)]),
    );
  }
  return value;
}

function contains(actual: unknown, expected: unknown): boolean {
  if (expected && typeof expected === 'object' && !Array.isArray(expected)) {
    return (
      Boolean(actual) &&
      typeof actual === 'object' &&
      Object.entries(expected).every(([key, item]) =>
        contains((actual as Record<string, unknown>)[key], item),
      )
    );
  }
  return JSON.stringify(actual) === JSON.stringify(expected);
}

/** True when the call has every expected argument. */
export function hasArguments(
  actual: unknown,
  expected: Record<string, unknown>,
): boolean {
  return contains(canonical(actual), canonical(expected));
}

const REFUSAL =
  /cannot|can't|can not|unable|not able|don't have|do not have|none of my tools|no tool|outside|sorry|only help/i;

/** Grades what an agent did. */
export function grade(item: EvalCase, outcome: Outcome): Grade {
  if (outcome.failure !== undefined)
    return { tool: false, arguments: false, facts: false, all: false };
  const tool = item.without
    ? outcome.calls.length === 0
    : item.calls.every(expected =>
        outcome.calls.some(call =>
          expected.tool.some(name => sameTool(name, call.tool)),
        ),
      );
  const args = item.without
    ? tool
    : item.calls.every(expected =>
        outcome.calls.some(
          call =>
            expected.tool.some(name => sameTool(name, call.tool)) &&
            hasArguments(call.arguments, expected.arguments),
        ),
      );
  const facts =
    outcome.answer.trim() !== '' &&
    item.facts.every(anyOf => anyOf.some(fact => says(outcome.answer, fact))) &&
    (item.without !== 'decline' || REFUSAL.test(outcome.answer));
  return { tool, arguments: args, facts, all: tool && args && facts };
}
