import { riskTierOf } from '@agentportal/plugin-agents-common';
import { higherTier } from '../registry/judgeTool';
import type { ToolDescription } from '../registry/records';

/** How much a change matters, the least first. */
export const CHANGE_SEVERITIES = [
  'compatible',
  'breaking',
  'wording',
  'risk',
  'suspicious',
] as const;

export type ChangeSeverity = (typeof CHANGE_SEVERITIES)[number];

/** One thing that a server says otherwise than before. */
export interface ToolDifference {
  /** Of what, as a path: `description`, `arguments/note/type`. */
  what: string;
  before?: string;
  after?: string;
  severity: ChangeSeverity;
}

/** Words of a schema that models read, and that check nothing. */
const WORDS = new Set(['title', 'description', '$comment', 'examples']);
/** Where the members of an object are names that somebody chose, and no keywords. */
const NAMING = new Set(['properties', 'patternProperties', '$defs']);
/** Of a name in a path. Servers choose them, and every difference below one has it. */
const MAX_NAME = 80;
/** A path that would be longer ends there. */
const MAX_PATH = 400;

/** A place in both schemas; what is not there in one of them is undefined. */
interface Place {
  at: string;
  before: unknown;
  after: unknown;
  /** Whether its members are names that somebody chose. */
  isNaming: boolean;
  isWords: boolean;
  /** Whether it is of something with a name that was not there, as one more argument. */
  isAdded: boolean;
}

/** What a server says otherwise about a tool. */
export function compareTools(
  before: ToolDescription,
  after: ToolDescription,
): ToolDifference[] {
  const differences: ToolDifference[] = [];
  const add = (
    what: string,
    values: { before?: string; after?: string },
    severity: ChangeSeverity,
  ) => {
    if (values.before !== values.after) {
      differences.push({ what, ...values, severity });
    }
  };
  for (const field of ['title', 'description'] as const) {
    add(field, { before: before[field], after: after[field] }, 'wording');
  }
  const tier = riskTierOf(before.annotations);
  const rises = higherTier(riskTierOf(after.annotations), tier) !== tier;
  const hints = { ...before.annotations, ...after.annotations };
  for (const hint of Object.keys(hints) as Array<keyof typeof hints>) {
    add(
      `hints/${hint}`,
      {
        before: textOf(before.annotations?.[hint]),
        after: textOf(after.annotations?.[hint]),
      },
      rises ? 'risk' : 'compatible',
    );
  }
  for (const [side, was, is] of [
    ['arguments', before.inputSchema, after.inputSchema],
    ['result', before.outputSchema, after.outputSchema],
  ] as const) {
    for (const leaf of leavesOf(was, is, side)) {
      let severity: ChangeSeverity = 'breaking';
      if (leaf.isWords) {
        severity = 'wording';
      } else if (leaf.isAdded) {
        // One more argument that may be given, one more field of the result.
        severity = 'compatible';
      }
      const [a, b] = [leaf.before, leaf.after].map(value =>
        isNested(value) && !leaf.isWords ? undefined : textOf(value),
      );
      add(leaf.at, { before: a, after: b }, severity);
    }
  }
  return differences;
}

/** The most severe of some. */
export function worstOf(severities: ChangeSeverity[]): ChangeSeverity {
  return severities.reduce(
    (worst, each) => (isAtLeast(each, worst) ? each : worst),
    'compatible',
  );
}

export function isAtLeast(severity: ChangeSeverity, least: ChangeSeverity) {
  return rankOf(severity) >= rankOf(least);
}

export function rankOf(severity: ChangeSeverity): number {
  return CHANGE_SEVERITIES.indexOf(severity);
}

/** Everything that a model reads of a tool: texts, and the names of arguments. */
export function textsOf(tool: ToolDescription): string[] {
  const texts = new Set([tool.title, tool.description]);
  const open: unknown[] = [tool.inputSchema, tool.outputSchema];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === 'string') {
      texts.add(next);
    } else if (typeof next === 'object' && next !== null) {
      if (!Array.isArray(next)) {
        Object.keys(next).forEach(key => texts.add(key));
      }
      Object.values(next).forEach(value => open.push(value));
    }
  }
  return [...texts];
}

/**
 * The leaves of two schemas, place by place; lists of values are leaves. Both are walked
 * at once, so that a property cannot stand in for a keyword of its name, and names
 * that are long or many cost no more than they have letters.
 */
function* leavesOf(
  before: unknown,
  after: unknown,
  side: string,
): Iterable<Place> {
  const open: Place[] = [
    {
      at: side,
      before,
      after,
      isNaming: false,
      isWords: false,
      isAdded: before === undefined,
    },
  ];
  for (let place = open.pop(); place; place = open.pop()) {
    const { at, isNaming, isWords } = place;
    const sides = [place.before, place.after] as const;
    if (
      isWords ||
      sides.some(value => value !== undefined && !isNested(value))
    ) {
      yield place;
    }
    if (isWords) {
      continue;
    }
    const [was, is] = sides.map(
      value => new Map(isNested(value) ? Object.entries(value) : []),
    );
    for (const key of new Set([...was.keys(), ...is.keys()])) {
      const [a, b] = [was.get(key), is.get(key)].map(member =>
        key === 'required' ? sorted(member) : member,
      );
      const name = key.length > MAX_NAME ? `${key.slice(0, MAX_NAME)}…` : key;
      open.push({
        // People know arguments, and not the keyword they stand under.
        at:
          (key === 'properties' && !isNaming) || at.length > MAX_PATH
            ? at
            : `${at}/${name}`,
        before: a,
        after: b,
        isNaming: !isNaming && NAMING.has(key),
        isWords: !isNaming && WORDS.has(key),
        isAdded: place.isAdded || (isNaming && a === undefined),
      });
    }
  }
}

/** Whether there are schemas in it. */
function isNested(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    (Array.isArray(value)
      ? value.some(item => typeof item === 'object' && item !== null)
      : Object.keys(value).length > 0)
  );
}

function sorted(value: unknown): unknown {
  return Array.isArray(value) ? [...value].sort() : value;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
