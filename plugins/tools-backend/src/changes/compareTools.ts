import {
  RISK_TIERS,
  riskTierOf,
  type RiskTier,
} from '@agentportal/plugin-agents-common';
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

interface Said {
  text: string;
  isWords: boolean;
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
  const rises =
    rankOf(riskTierOf(after.annotations)) >
    rankOf(riskTierOf(before.annotations));
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
    const old = new Map(saidBy(was, side));
    const now = new Map(saidBy(is, side));
    for (const what of new Set([...old.keys(), ...now.keys()])) {
      const [a, b] = [old.get(what), now.get(what)];
      let severity: ChangeSeverity = 'breaking';
      if (a?.isWords || b?.isWords) {
        severity = 'wording';
      } else if (!a && !what.endsWith('/required')) {
        // One more argument that may be given, one more field of the result.
        severity = 'compatible';
      }
      add(what, { before: a?.text, after: b?.text }, severity);
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
  return (
    CHANGE_SEVERITIES.indexOf(severity) >= CHANGE_SEVERITIES.indexOf(least)
  );
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
      open.push(...Object.values(next));
    }
  }
  return [...texts];
}

/** The leaves of a schema by their paths; lists of values are leaves. */
function saidBy(
  schema: Record<string, unknown> | undefined,
  side: string,
): Array<[string, Said]> {
  const leaves: Array<[string, Said]> = [];
  const open: Array<{ at: string; value: unknown; isNaming: boolean }> = schema
    ? [{ at: side, value: schema, isNaming: false }]
    : [];
  for (let next = open.pop(); next; next = open.pop()) {
    const { at, value, isNaming } = next;
    const holdsSchemas =
      typeof value === 'object' &&
      value !== null &&
      (!Array.isArray(value) ||
        value.some(item => typeof item === 'object' && item !== null));
    if (!holdsSchemas) {
      leaves.push([at, { text: textOf(value) ?? '', isWords: false }]);
      continue;
    }
    for (const [key, member] of Object.entries(value)) {
      // People know arguments, and not the keyword they stand under.
      const path = NAMING.has(key) && !isNaming ? at : `${at}/${key}`;
      if (!isNaming && WORDS.has(key)) {
        leaves.push([path, { text: textOf(member) ?? '', isWords: true }]);
      } else {
        open.push({
          at: path,
          value: key === 'required' ? sorted(member) : member,
          isNaming: !isNaming && NAMING.has(key),
        });
      }
    }
  }
  return leaves;
}

function sorted(value: unknown): unknown {
  return Array.isArray(value) ? [...value].sort() : value;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function rankOf(tier: RiskTier): number {
  return RISK_TIERS.indexOf(tier);
}
