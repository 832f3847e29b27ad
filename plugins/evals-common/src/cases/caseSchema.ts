import { z } from 'zod/v4';
import type { EvalCase } from '../types';

const sentence = z.string().min(1).max(8000);
const toolName = z.string().min(1).max(200);
const toolNames = z.union([toolName, z.array(toolName).min(1).max(20)]);
const fact = z.union([z.string().min(1).max(2000), z.number()]);
const facts = z.array(z.union([fact, z.array(fact).min(1).max(20)])).max(50);
const values = z.record(z.string(), z.unknown());

/** What judges an answer beside the expectations of its case. */
const EVALUATORS = [
  'equals',
  'contains',
  'excludes',
  'matches',
  'number',
  'json-schema',
  'similar',
  'grounded',
  'calls-in-order',
  'calls-exactly',
  'forbidden-call',
  'call-count',
  'latency',
  'cost',
  'consistency',
  'guard',
  'language',
  'judge',
] as const;

const text = z.string().min(1).max(8000);
/** As much as a rehearsal takes. */
const MAX_ANSWERS_BYTES = 32 * 1024;
const texts = z.union([text, z.array(text).min(1).max(50)]);

/** What the `value` of each evaluator must be; those that are not here take none. */
const VALUES: Partial<Record<(typeof EVALUATORS)[number], z.ZodType>> = {
  equals: z.union([text, z.number()]),
  contains: texts,
  excludes: texts,
  matches: z.string().min(1).max(1000),
  number: z.number(),
  'json-schema': values,
  similar: text,
  'calls-in-order': z.array(toolName).min(1).max(50),
  'calls-exactly': z.array(toolName).max(50),
  'forbidden-call': toolNames,
  language: z.enum(['de', 'en', 'es', 'fr', 'zh']),
  judge: text,
};
const WITH_AT_MOST = new Set<string>(['call-count', 'latency', 'cost']);

const check = z
  .strictObject({
    evaluator: z.enum(EVALUATORS),
    value: z.unknown().optional(),
    against: sentence.optional(),
    atLeast: z.number().min(0).max(1).optional(),
    tolerance: z.number().min(0).optional(),
    atMost: z.number().min(0).optional(),
  })
  .superRefine(({ against, evaluator, value, atMost }, context) => {
    const schema = VALUES[evaluator];
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (schema) {
      const parsed = schema.safeParse(value);
      if (!parsed.success) {
        refuse(
          'value',
          `is not what "${evaluator}" takes: ${parsed.error.issues[0].message}`,
        );
      }
    } else if (value !== undefined) {
      refuse('value', `"${evaluator}" takes none`);
    }
    if (against !== undefined && evaluator !== 'judge') {
      refuse('against', `"${evaluator}" takes none`);
    }
    if (WITH_AT_MOST.has(evaluator) && atMost === undefined) {
      refuse('atMost', `"${evaluator}" needs it`);
    }
  });

const expectedCall = z.strictObject({
  tool: toolNames,
  arguments: values.optional(),
  may: z.array(toolName).max(50).optional(),
});

/**
 * A case as it is written in files and sent to the portal: the form of the API's `Case`, with
 * the rules that a JSON Schema does not tell well.
 *
 * @public
 */
export const evalCaseSchema: z.ZodType<EvalCase> = z
  .strictObject({
    id: z
      .string()
      .max(100)
      .regex(
        /^[a-z0-9][a-z0-9-]*$/,
        'must be of lower-case letters, digits and hyphens',
      ),
    ask: sentence.optional(),
    turns: z.array(sentence).min(2).max(20).optional(),
    tool: toolNames.optional(),
    arguments: values.optional(),
    may: z.array(toolName).max(50).optional(),
    calls: z.array(expectedCall).max(20).optional(),
    also: z.array(toolName).max(50).optional(),
    facts: facts.optional(),
    whole: z.boolean().optional(),
    decline: z.boolean().optional(),
    asks: facts.optional(),
    answers: z
      .array(
        z.strictObject({
          tool: toolName,
          arguments: values.optional(),
          returns: z.union([z.string().max(16_000), values]),
        }),
      )
      .max(50)
      .optional(),
    checks: z.array(check).max(20).optional(),
    tags: z.array(z.string().min(1).max(60)).max(20).optional(),
    origin: z.string().max(200).optional(),
  })
  .refine(
    value => Boolean(value.ask) !== Boolean(value.turns),
    'give "ask" or "turns", not both',
  )
  .superRefine((value, context) => {
    const { tool, calls, decline, asks } = value;
    const expectations = [tool, calls, decline || undefined, asks].filter(
      Boolean,
    ).length;
    if (expectations > 1) {
      context.addIssue(
        'give only one of "tool", "calls", "decline" and "asks"',
      );
    }
    if (!expectations && !value.facts?.length && !value.checks?.length) {
      context.addIssue(
        'say what a right answer has: one of "tool", "calls", "decline" and "asks", or "facts" or "checks"',
      );
    }
    const given = JSON.stringify(value.answers ?? []);
    if (new TextEncoder().encode(given).length > MAX_ANSWERS_BYTES) {
      context.addIssue(
        `"answers" may have ${MAX_ANSWERS_BYTES} bytes in all; give fewer or shorter ones`,
      );
    }
    if (!tool && (value.arguments || value.may)) {
      context.addIssue('"arguments" and "may" are of "tool", which is missing');
    }
  });
