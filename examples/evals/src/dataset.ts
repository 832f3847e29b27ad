import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod/v4';

const text = z.union([z.string(), z.number()]).transform(String);
const toolNames = z
  .union([z.string(), z.array(z.string()).min(1)])
  .transform(value => [value].flat());

const expectedCall = z.strictObject({
  /** One of these tools, written `<server>.<tool>`. */
  tool: toolNames,
  /** Arguments that the call must have; others than these and those of `may` are wrong. */
  arguments: z.record(z.string(), z.unknown()).default({}),
  /** Arguments whose value is left free, such as the words of a search. */
  may: z.array(z.string()).default([]),
});

const evalCase = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9-]+$/),
    ask: z.string().optional(),
    turns: z.array(z.string()).min(2).optional(),
    tool: toolNames.optional(),
    arguments: z.record(z.string(), z.unknown()).optional(),
    may: z.array(z.string()).optional(),
    calls: z.array(expectedCall).optional(),
    /** What the answer must say: each entry, or one of each list. */
    facts: z.array(z.union([text, z.array(text).min(1)])).default([]),
    /** Tools that may be called besides, to look up what the call needs. */
    also: z.array(z.string()).default([]),
    /** The whole record is asked for, so pouring it out is an answer. */
    whole: z.boolean().default(false),
    /** The agent must call nothing and say that it cannot. */
    decline: z.boolean().default(false),
    /** The agent must call nothing and ask for these. */
    asks: z.array(z.union([text, z.array(text).min(1)])).optional(),
  })
  .refine(
    value => Boolean(value.ask) !== Boolean(value.turns),
    'give "ask" or "turns", not both',
  )
  .refine(
    value =>
      [value.tool, value.calls, value.decline || undefined, value.asks].filter(
        Boolean,
      ).length === 1,
    'give exactly one of "tool", "calls", "decline" and "asks"',
  );

const dataset = z.strictObject({
  agent: z.string().regex(/^agent:[^/]+\/.+$/),
  cases: z.array(evalCase).min(1),
});

/** A call that a case expects. */
export interface ExpectedCall {
  tool: string[];
  arguments: Record<string, unknown>;
  may: string[];
}

/** One question with what a right answer has. */
export interface EvalCase {
  id: string;
  agentRef: string;
  /** What the person says, in order; the last one is graded. */
  turns: string[];
  /** Empty when the agent must not call anything. */
  calls: ExpectedCall[];
  also: string[];
  facts: string[][];
  whole: boolean;
  /** Why no call is expected, if none is. */
  without?: 'decline' | 'ask';
  /** True for the third of the questions that the model was not tuned on. */
  heldOut: boolean;
}

/** Whether a case belongs to the held-out third; by its id, so that it never moves. */
export function isHeldOut(id: string): boolean {
  return createHash('sha256').update(id).digest()[0] % 3 === 0;
}

/** Reads one dataset; a mistake in it is told with its place. */
export function readDataset(yaml: string, name: string): EvalCase[] {
  const parsed = dataset.safeParse(parse(yaml));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${name}: ${issue.path.join('.')}: ${issue.message}`);
  }
  return parsed.data.cases.map(item => ({
    id: item.id,
    agentRef: parsed.data.agent,
    turns: item.turns ?? [item.ask!],
    calls:
      item.calls ??
      (item.tool
        ? [
            {
              tool: item.tool,
              arguments: item.arguments ?? {},
              may: item.may ?? [],
            },
          ]
        : []),
    also: item.also,
    whole: item.whole,
    facts: (item.asks ?? item.facts).map(fact => [fact].flat()),
    ...(item.decline ? { without: 'decline' as const } : {}),
    ...(item.asks ? { without: 'ask' as const } : {}),
    heldOut: isHeldOut(item.id),
  }));
}

/** Reads every dataset of a folder. */
export function readDatasets(folder: string): EvalCase[] {
  const cases = readdirSync(folder)
    .filter(name => /\.ya?ml$/.test(name))
    .sort()
    .flatMap(name =>
      readDataset(readFileSync(join(folder, name), 'utf8'), name),
    );
  const twice = cases.find(
    (item, index) => cases.findIndex(other => other.id === item.id) !== index,
  );
  if (twice)
    throw new Error(
      `Two cases have the id "${twice.id}"; every id must be used once.`,
    );
  return cases;
}
