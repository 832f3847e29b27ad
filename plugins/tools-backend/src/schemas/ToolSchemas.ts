import { InputError, ServiceUnavailableError } from '@backstage/errors';
import {
  createWorkerPool,
  WorkerLimitError,
  WorkerOverloadedError,
  type WorkerPool,
} from '@agentportal/plugin-agents-node';
import { LRUCache } from 'lru-cache';
import type { ToolDescription, ToolRecord } from '../registry/records';
import {
  checkSchema,
  hasMoreThan,
  type SchemaTask,
  type SchemaVerdict,
} from './checkSchema';
import { isPlainSchema } from './isPlainSchema';

/** Ordinary schemas take milliseconds. */
const CPU_MS = 2_000;
const HEAP_MB = 128;
/** Checks that may wait at once, of each caller and of each server. */
const MAX_OF_CALLER = 50;
const MAX_OF_SERVER = 200;
/**
 * How often checks may take too long before they are not tried for a minute. What a
 * caller sent is no fault of the server, unless many of them send such things.
 */
const MAX_SLOW = { tool: 2, party: 5, server: 30 };
const SLOW_MS = 60_000;
/** What a value may consist of to be checked here, against a plain schema. */
const MAX_VALUES_HERE = 1_000;

type Pool = WorkerPool<SchemaTask, SchemaVerdict>;

/**
 * Checks schemas of servers, and values against them. Both are foreign and either may
 * be made to run for ever, so it happens in processes of their own, under a deadline.
 * What is ordinary and small is checked at once, because the way there costs more.
 */
export class ToolSchemas {
  /** New schemas queue apart from calls, so that a server costs no caller time. */
  readonly #compiling: Pool;
  readonly #checking: Pool;
  /** How often checks took too long, by whose they were. */
  readonly #slow = new LRUCache<string, number>({ max: 10_000, ttl: SLOW_MS });

  constructor(options: { cpuMs?: number } = {}) {
    const filename = require.resolve(
      '@agentportal/plugin-tools-backend/worker',
    );
    const common = {
      filename,
      cpuMs: options.cpuMs ?? CPU_MS,
      maxHeapMb: HEAP_MB,
    };
    this.#compiling = createWorkerPool({
      ...common,
      name: 'The check of a new schema',
      maxProcesses: 1,
      maxQueue: 100,
    });
    this.#checking = createWorkerPool({
      ...common,
      name: 'The check of arguments and results',
      maxProcesses: 2,
      maxQueue: 500,
    });
  }

  /**
   * Why a tool's schemas cannot be used, in a sentence; undefined when they can.
   *
   * @throws Error when that could not be found out: it is no fault of the schemas that
   * the portal is busy or shuts down.
   */
  async problemOf(
    tool: ToolDescription,
    hash: string,
  ): Promise<{ reason: string; tookTooLong: boolean } | undefined> {
    for (const kind of ['inputSchema', 'outputSchema'] as const) {
      const schema = tool[kind];
      if (schema) {
        const task = { key: `${hash} ${kind}`, schema: textOf(schema) };
        let verdict: SchemaVerdict;
        try {
          verdict = isPlainSchema(schema)
            ? checkSchema(task)
            : await this.#compiling.run(task);
        } catch (error) {
          if (error instanceof WorkerLimitError) {
            return {
              reason: `its ${kind} takes too much time or memory to compile`,
              tookTooLong: true,
            };
          }
          throw error;
        }
        if (verdict.schemaProblem) {
          return {
            reason: `its ${kind} is no valid JSON Schema: ${verdict.schemaProblem}`,
            tookTooLong: false,
          };
        }
      }
    }
    return undefined;
  }

  /**
   * Checks the arguments of a call.
   *
   * @throws InputError when they do not fit, or cannot be checked in time.
   * @throws ServiceUnavailableError when too many checks wait.
   */
  async checkArguments(
    tool: ToolRecord,
    args: Record<string, unknown>,
    callerRef: string,
  ): Promise<void> {
    const problem = await this.#check(tool, 'inputSchema', args, callerRef);
    if (problem) {
      throw new InputError(
        `The arguments do not fit ${tool.name}: ${problem}.`,
      );
    }
  }

  /** How a structured result differs from what the tool promises. */
  async outputMismatch(
    tool: ToolRecord,
    result: unknown,
    callerRef: string,
  ): Promise<string | undefined> {
    // The tool has run, whatever comes of the check.
    return this.#check(tool, 'outputSchema', result, callerRef).catch(
      (error: Error) => error.message,
    );
  }

  async close(): Promise<void> {
    await Promise.all([this.#compiling.close(), this.#checking.close()]);
  }

  async #check(
    tool: ToolRecord,
    kind: 'inputSchema' | 'outputSchema',
    value: unknown,
    callerRef: string,
  ): Promise<string | undefined> {
    const { serverRef } = tool;
    const schema = tool[kind]!;
    const task = { key: `${tool.hash} ${kind}`, schema: textOf(schema), value };
    if (isPlainSchema(schema) && !hasMoreThan(MAX_VALUES_HERE, value)) {
      return problemIn(checkSchema(task));
    }
    // Of a result both the schema and the value are the server's.
    const cause = kind === 'inputSchema' ? callerRef : serverRef;
    const counted = [
      { key: `${tool.hash} ${kind} ${cause}`, max: MAX_SLOW.tool },
      { key: cause, max: MAX_SLOW.party },
      { key: `all of ${serverRef}`, max: MAX_SLOW.server },
    ];
    if (counted.some(({ key, max }) => (this.#slow.get(key) ?? 0) >= max)) {
      return 'they took too long to check a moment ago; try again in a minute';
    }
    try {
      return problemIn(
        await this.#checking.run(task, {
          parties: [
            { ref: callerRef, max: MAX_OF_CALLER },
            { ref: serverRef, max: MAX_OF_SERVER },
          ],
        }),
      );
    } catch (error) {
      if (error instanceof WorkerOverloadedError) {
        throw new ServiceUnavailableError(error.message);
      }
      if (!(error instanceof WorkerLimitError)) {
        throw new ServiceUnavailableError(
          'They could not be checked just now. Try again in a few seconds.',
          error,
        );
      }
      // Whoever did this could do it again and again, at the cost of everybody.
      for (const { key } of counted) {
        this.#slow.set(key, (this.#slow.get(key) ?? 0) + 1);
      }
      return 'they take too long to check';
    }
  }
}

function problemIn({ schemaProblem, valueProblem }: SchemaVerdict) {
  return schemaProblem
    ? `they cannot be checked: ${schemaProblem}`
    : valueProblem;
}

/** Schemas as text, which is how threads get them; each call would write them anew. */
const texts = new WeakMap<object, string>();

function textOf(schema: object): string {
  let text = texts.get(schema);
  if (text === undefined) {
    text = JSON.stringify(schema);
    texts.set(schema, text);
  }
  return text;
}
