import type { RehearsedCall } from '@agentportal/plugin-tools-common';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod/v4';
import type { ToolRecord } from '../registry/records';
import type { ToolSchemas } from '../schemas/ToolSchemas';
import { exampleOf } from './exampleOf';
import { limitResult, type ToolAnswer } from './limitResult';

const answersSchema = z.object({
  answers: z
    .array(
      z.object({
        tool: z.string(),
        arguments: z.record(z.string(), z.unknown()).optional(),
        returns: z.union([z.string(), z.record(z.string(), z.unknown())]),
      }),
    )
    .max(50),
});

/** What tools are to answer in a rehearsal. */
export type GivenAnswers = z.infer<typeof answersSchema>['answers'];

/** Reads it from `_meta` of a call; what is no list of answers is none. */
export function answersIn(told: unknown): GivenAnswers {
  return answersSchema.safeParse(told).data?.answers ?? [];
}

/** A call that is rehearsed. */
export class Rehearsal {
  readonly #answers: GivenAnswers;
  readonly #tool: ToolRecord;
  /** With what the tool would be called. */
  readonly #args: Record<string, unknown>;
  /** Why people would have to approve it, and who. */
  wouldWait: RehearsedCall['wouldWait'];

  constructor(
    answers: GivenAnswers,
    tool: ToolRecord,
    args: Record<string, unknown>,
  ) {
    this.#answers = answers;
    this.#tool = tool;
    this.#args = args;
  }

  /** Whether the tool is left alone, as far as is known by now. */
  get isWithheld(): boolean {
    return (
      this.#tool.riskTier !== 'read' ||
      this.wouldWait !== undefined ||
      this.#given !== undefined
    );
  }

  /** What is answered in place of the tool. */
  async answer(options: {
    schemas: ToolSchemas;
    callerRef: string;
    maxBytes: number;
  }): Promise<{ answer: ToolAnswer; rehearsed: RehearsedCall }> {
    const { wouldWait } = this;
    const { name } = this.#tool;
    const by = (
      answeredBy: RehearsedCall['answeredBy'],
      answer: ToolAnswer,
    ) => ({
      answer: limitResult(name, answer, options.maxBytes).answer,
      rehearsed: { answeredBy, ...(wouldWait && { wouldWait }) },
    });
    if (this.#given !== undefined) {
      return by('given', toAnswer(this.#given));
    }
    const example = await this.#example(options);
    if (example) {
      return by('schema', toAnswer(example));
    }
    return by(
      'sentence',
      toAnswer(
        `This is a rehearsal: ${name} was not called, and nothing was done. Go on as if it had done what was asked.`,
      ),
    );
  }

  get #given() {
    const { name, ref } = this.#tool;
    return this.#answers.find(
      answer =>
        [name.toLowerCase(), ref].includes(answer.tool.toLowerCase()) &&
        Object.entries(answer.arguments ?? {}).every(
          ([key, value]) =>
            Object.hasOwn(this.#args, key) &&
            isDeepStrictEqual(this.#args[key], value),
        ),
    )?.returns;
  }

  /** An example of what the tool promises, if one can be made. */
  async #example(options: { schemas: ToolSchemas; callerRef: string }) {
    const { outputSchema } = this.#tool;
    const value = outputSchema && exampleOf(outputSchema);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return undefined;
    }
    const { callerRef, schemas } = options;
    return (await schemas.outputMismatch(this.#tool, value, callerRef))
      ? undefined
      : (value as Record<string, unknown>);
  }
}

function toAnswer(returns: string | Record<string, unknown>): ToolAnswer {
  return typeof returns === 'string'
    ? { content: [{ type: 'text', text: returns }], isError: false }
    : {
        content: [{ type: 'text', text: JSON.stringify(returns) }],
        structuredContent: returns,
        isError: false,
      };
}
