import canonicalize from 'canonicalize';
import type { Expectation, ExpectedCall } from '../cases/Expectation';
import { sameTool, says } from './text';

/**
 * What an agent did with the last thing that it was told.
 *
 * @public
 */
export interface Outcome {
  calls: { tool: string; arguments?: unknown }[];
  answer: string;
  /** Set when the agent could not be asked at all. */
  failure?: string;
}

/**
 * Which parts of a case were right; a case passes when all are.
 *
 * @public
 */
export interface Grade {
  tool: boolean;
  arguments: boolean;
  facts: boolean;
  all: boolean;
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

/**
 * True when the call has the expected arguments and no others, but for those that the case
 * leaves free.
 *
 * @public
 */
export function hasArguments(
  actual: unknown,
  expected: Record<string, unknown>,
  may: string[] = [],
): boolean {
  const given = Object.entries((actual ?? {}) as Record<string, unknown>);
  const graded = given.filter(
    ([key]) => Object.hasOwn(expected, key) || !may.includes(key),
  );
  return (
    canonicalize(plain(Object.fromEntries(graded))) ===
    canonicalize(plain(expected))
  );
}

/** A record poured out says everything and answers nothing. */
const MOST_FIELDS = 10;

function isDump(answer: string): boolean {
  return (
    (answer.match(/^[^\S\n]*[-*•] .{0,60}: /gm) ?? []).length > MOST_FIELDS
  );
}

const REFUSAL =
  /\b(?:cannot|can't|can not|unable|not able|won't|don't|do not|no tool|not possible|outside|beyond|sorry)\b/i;

/**
 * Grades what an agent did. Calls that nobody asked for are wrong, whatever else was right;
 * where a case says nothing about calls, they are not graded.
 *
 * @public
 */
export function grade(
  item: Omit<Expectation, 'turns'>,
  outcome: Outcome,
): Grade {
  if (outcome.failure !== undefined) {
    return { tool: false, arguments: false, facts: false, all: false };
  }
  const { calls } = item;
  const isOf = (tools: string[], tool: string) =>
    tools.some(name => sameTool(name, tool));
  const fits = (call: Outcome['calls'][0], expected: ExpectedCall) =>
    isOf(expected.tool, call.tool) &&
    hasArguments(call.arguments, expected.arguments, expected.may);
  /** Each expected call was made, and each that was made was expected. */
  const match = (
    isMet: (call: Outcome['calls'][0], expected: ExpectedCall) => boolean,
  ) =>
    !calls ||
    (calls.every(expected =>
      outcome.calls.some(call => isMet(call, expected)),
    ) &&
      outcome.calls.every(
        call =>
          isOf(item.also, call.tool) ||
          calls.some(expected => isMet(call, expected)),
      ));
  const tool = match((call, expected) => isOf(expected.tool, call.tool));
  const args = tool && match(fits);
  const facts =
    outcome.answer.trim() !== '' &&
    (item.whole || !item.facts.length || !isDump(outcome.answer)) &&
    item.facts.every(anyOf => anyOf.some(fact => says(outcome.answer, fact))) &&
    (item.without !== 'decline' || REFUSAL.test(outcome.answer));
  return { tool, arguments: args, facts, all: tool && args && facts };
}
