import canonicalize from 'canonicalize';
import type { EvalCase, ExpectedCall } from './dataset';

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
  const bare = (name: string) =>
    name
      .replace(/^tool:[^/]+\//, '')
      .replace(/[^a-zA-Z0-9]+/g, '_')
      .toLowerCase();
  return bare(a) === bare(b);
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
  const said = normalise(text);
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
    ? new RegExp(`(?<![\\d.-])${tail}(?![\\d]|\\.\\d|-\\d)`).test(said)
    : said.includes(wanted);
}

/** A value as it is compared: no case in texts, numbers as numbers. */
function plain(value: unknown): unknown {
  if (typeof value === 'string') {
    const text = value.trim().toLowerCase().replace(/\s+/g, ' ');
    return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
  }
  if (Array.isArray(value)) return value.map(plain);
  if (value && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, plain(item)]),
    );
  }
  return value;
}

/** True when the call has the expected arguments and no others, but for those that the case leaves free. */
export function hasArguments(
  actual: unknown,
  expected: Record<string, unknown>,
  may: string[] = [],
): boolean {
  const given = Object.entries((actual ?? {}) as Record<string, unknown>);
  const graded = given.filter(([key]) => key in expected || !may.includes(key));
  return (
    canonicalize(plain(Object.fromEntries(graded))) ===
    canonicalize(plain(expected))
  );
}

/** A record poured out says everything and answers nothing. */
const MOST_FIELDS = 10;

function isDump(answer: string): boolean {
  return (answer.match(/^\s*[-*•] .{0,60}: /gm) ?? []).length > MOST_FIELDS;
}

const REFUSAL =
  /\b(?:cannot|can't|can not|unable|not able|won't|don't|do not|no tool|not possible|outside|beyond|sorry)\b/i;

/** Grades what an agent did. Calls that nobody asked for are wrong, whatever else was right. */
export function grade(item: EvalCase, outcome: Outcome): Grade {
  if (outcome.failure !== undefined)
    return { tool: false, arguments: false, facts: false, all: false };
  const isOf = (tools: string[], tool: string) =>
    tools.some(name => sameTool(name, tool));
  const tool =
    item.calls.every(({ tool: tools }) =>
      outcome.calls.some(call => isOf(tools, call.tool)),
    ) &&
    outcome.calls.every(
      call =>
        isOf(item.also, call.tool) ||
        item.calls.some(({ tool: tools }) => isOf(tools, call.tool)),
    );
  const fits = (call: Outcome['calls'][0], expected: ExpectedCall) =>
    isOf(expected.tool, call.tool) &&
    hasArguments(call.arguments, expected.arguments, expected.may);
  const args =
    tool &&
    item.calls.every(expected =>
      outcome.calls.some(call => fits(call, expected)),
    ) &&
    outcome.calls.every(
      call =>
        isOf(item.also, call.tool) ||
        item.calls.some(expected => fits(call, expected)),
    );
  const facts =
    outcome.answer.trim() !== '' &&
    (item.whole || !item.facts.length || !isDump(outcome.answer)) &&
    item.facts.every(anyOf => anyOf.some(fact => says(outcome.answer, fact))) &&
    (item.without !== 'decline' || REFUSAL.test(outcome.answer));
  return { tool, arguments: args, facts, all: tool && args && facts };
}
