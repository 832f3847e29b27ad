import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/** What the cases are counted by. */
export const KINDS = [
  'call',
  'span',
  'write',
  'ask',
  'decline',
  'follow-up',
  'answer',
  'chain',
] as const;

/** A tool as an MCP server lists it; a model sees name, description and parameters only. */
const toolSchema = z.strictObject({
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
  description: z.string().optional(),
  annotations: z
    .strictObject({
      readOnlyHint: z.boolean().optional(),
      destructiveHint: z.boolean().optional(),
      idempotentHint: z.boolean().optional(),
      openWorldHint: z.boolean().optional(),
    })
    .optional(),
  inputSchema: z.looseObject({
    type: z.literal('object'),
    properties: z
      .record(z.string(), z.looseObject({ default: z.unknown().optional() }))
      .optional(),
    required: z.array(z.string()).optional(),
  }),
});

/**
 * The right values of arguments. A value stands for itself, `{ anyOf: [...] }` for one of several, and
 * `{ has: [...], lacks: [...], most: 5 }` for a text with these words (a list inside is "one of") and no more than so many.
 */
const argumentsSchema = z.record(z.string(), z.unknown());

/** One fact, or several ways to put it. */
const factSchema = z.union([z.string(), z.array(z.string()).min(2)]);

const turnSchema = z.union([
  z.strictObject({ user: z.string() }),
  z.strictObject({ assistant: z.string() }),
  z.strictObject({
    call: z.string(),
    arguments: z.record(z.string(), z.unknown()),
    result: z.unknown().optional(),
  }),
]);

const caseSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  kind: z.enum(KINDS),
  lang: z.enum(['en', 'de', 'zh', 'fr', 'es']).default('en'),
  today: z.iso.date(),
  user: z.string().optional(),
  messages: z.array(turnSchema).min(1).optional(),
  /** Which span of time the sentence names, and the arguments that hold its ends; lets a test do the calendar again. */
  span: z
    .strictObject({
      name: z.string(),
      from: z.string().optional(),
      to: z.string().optional(),
    })
    .optional(),
  /** Calls that must be made, in this order unless `anyOrder` is set. */
  calls: z
    .array(
      z.strictObject({
        tool: z.string(),
        arguments: argumentsSchema.default({}),
        /** Arguments that may also be given, with the values that are right. */
        may: argumentsSchema.default({}),
        /** What the tool answers; without it the case ends when the call is made. */
        result: z.unknown().optional(),
      }),
    )
    .default([]),
  anyOrder: z.boolean().default(false),
  /** Calls that a careful person may make on the way. */
  permitted: z
    .array(
      z.strictObject({
        tool: z.string(),
        arguments: argumentsSchema.optional(),
        result: z.unknown().optional(),
      }),
    )
    .default([]),
  facts: z.array(factSchema).default([]),
  not: z.array(factSchema).default([]),
  /** Parameters that must be asked for, each with the words that name it in the language of the case. */
  ask: z.record(z.string(), z.array(z.string()).min(1)).optional(),
  /** Nothing here can do it; holds the words by which somebody would claim to have done it. */
  decline: z.array(z.string()).optional(),
});

const fileSchema = z.strictObject({
  system: z.string().optional(),
  tools: z.array(toolSchema).min(1).optional(),
  cases: z.array(caseSchema).min(1),
});

export type Tool = z.infer<typeof toolSchema>;
export type Turn = z.infer<typeof turnSchema>;
export type Fact = z.infer<typeof factSchema>;
export type Kind = (typeof KINDS)[number];
export type ExpectedCall = z.infer<typeof caseSchema>['calls'][number];
export type Case = Omit<z.infer<typeof caseSchema>, 'user' | 'messages'> & {
  half: 'dev' | 'held';
  trade: string;
  system: string;
  tools: Tool[];
  messages: Turn[];
};

function readFile(path: string) {
  try {
    return fileSchema.parse(parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`);
  }
}

const filesOf = (dir: string) =>
  readdirSync(dir)
    .filter(name => name.endsWith('.yaml'))
    .sort();

/**
 * The cases of both halves. A file is a trade; one of the held half that names no tools uses those that the same trade
 * has in the other half. The held half may be kept elsewhere or be absent.
 */
export function readCases(options: { dev: string; held: string }): {
  cases: Case[];
  heldIsThere: boolean;
} {
  const rooms = new Map<string, { system: string; tools: Tool[] }>();
  const cases: Case[] = [];
  const heldIsThere = existsSync(options.held);
  for (const half of ['dev', 'held'] as const) {
    if (half === 'held' && !heldIsThere) continue;
    for (const name of filesOf(options[half])) {
      const path = join(options[half], name);
      const trade = basename(name, '.yaml');
      const file = readFile(path);
      const room = file.tools
        ? { tools: file.tools, system: file.system ?? '' }
        : rooms.get(trade);
      if (!room) throw new Error(`${path} has no tools`);
      rooms.set(trade, room);
      for (const { user, messages = [], ...item } of file.cases) {
        const turns = user === undefined ? messages : [...messages, { user }];
        cases.push({ ...item, ...room, half, trade, messages: turns });
      }
    }
  }
  return { cases, heldIsThere };
}
