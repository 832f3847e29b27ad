import type { JsonObject, JsonValue } from '@backstage/types';

/** Of fewer calls nobody knows what is usual. */
const ENOUGH = 5;
/** Of more different values each is as usual as the next. */
const FEW_VALUES = 3;
/** Characters that make text look like other text. Source: Unicode TR36. */
const HIDDEN = /[\p{Cf}\p{Co}]|(?![\t\n\r])\p{Cc}/u;
const LONG_TEXT = 2_000;

/** An argument that whoever decides should look at twice, and why. */
export interface Unusual {
  argument: string;
  reason: string;
}

/**
 * What stands out in the arguments of a call.
 *
 * @param history - arguments of earlier calls of the same tool by the same agent that were approved
 * @param provenance - who said each text argument; `person` and refs of tools
 */
export function findUnusual(
  args: JsonObject,
  history: readonly JsonObject[],
  provenance: Readonly<Record<string, readonly string[]>> = {},
): Unusual[] {
  return Object.entries(args).flatMap(([argument, value]) =>
    [
      comparedWithBefore(value, argument, history),
      textual(value),
      sourceOf(provenance[argument]),
    ].flatMap(reason => (reason ? { argument, reason } : [])),
  );
}

function comparedWithBefore(
  value: JsonValue | undefined,
  argument: string,
  history: readonly JsonObject[],
): string | undefined {
  const before = history
    .filter(args => Object.hasOwn(args, argument))
    .map(args => args[argument]);
  if (before.length < ENOUGH) {
    return undefined;
  }
  if (typeof value === 'number') {
    const numbers = before.filter(each => typeof each === 'number');
    const most = Math.max(...numbers);
    const least = Math.min(...numbers);
    if (numbers.length < ENOUGH || (value <= most && value >= least)) {
      return undefined;
    }
    return value > most
      ? `More than in any of the last ${numbers.length} approved calls: the most was ${most}.`
      : `Less than in any of the last ${numbers.length} approved calls: the least was ${least}.`;
  }
  const known = new Set(before.map(each => JSON.stringify(each)));
  return known.size <= FEW_VALUES && !known.has(JSON.stringify(value))
    ? `None of the last ${before.length} approved calls had this value.`
    : undefined;
}

function textual(value: JsonValue | undefined): string | undefined {
  if (typeof value !== 'string') {
    return undefined;
  }
  if (HIDDEN.test(value)) {
    return 'Holds characters that cannot be seen.';
  }
  return value.length > LONG_TEXT
    ? `A text of ${value.length} characters; read it to its end.`
    : undefined;
}

function sourceOf(sources: readonly string[] | undefined): string | undefined {
  if (!sources || sources.includes('person')) {
    return undefined;
  }
  return sources.length
    ? `Not said by a person; it comes from ${sources.join(', ')}.`
    : 'Nobody in the conversation said it.';
}
