import type { ValidateFunction } from 'ajv';
import { LRUCache } from 'lru-cache';
import { compileSchema, describeErrors } from './compileSchema';

/** A schema to compile, or to check a value against. */
export interface SchemaTask {
  /** The same for the same schema. */
  key: string;
  /** JSON. */
  schema: string;
  /** Left out when the schema alone is in question. */
  value?: unknown;
}

/** What is wrong, in words. */
export interface SchemaVerdict {
  /** With the schema. */
  schemaProblem?: string;
  /** With the value. */
  valueProblem?: string;
}

/** How many values a value may consist of; more do not fit into an answer anyway. */
const MAX_VALUES = 100_000;

/** Compiled, each letter of a schema takes some forty bytes of the process. */
const MAX_LETTERS = 1_000_000;

const compiled = new LRUCache<string, ValidateFunction>({
  max: 1_000,
  maxSize: MAX_LETTERS,
});

/** Compiles a schema once in this process, and checks values against it. */
export function checkSchema(task: SchemaTask): SchemaVerdict {
  let validate = compiled.get(task.key);
  if (!validate) {
    try {
      validate = compileSchema(JSON.parse(task.schema), {
        isNew: task.value === undefined,
      });
    } catch (error) {
      return { schemaProblem: (error as Error).message.slice(0, 500) };
    }
    compiled.set(task.key, validate, { size: task.schema.length });
  }
  if (task.value === undefined) {
    return {};
  }
  if (hasMoreThan(MAX_VALUES, task.value)) {
    return { valueProblem: `there are more than ${MAX_VALUES} values in it` };
  }
  try {
    return validate(task.value)
      ? {}
      : { valueProblem: describeErrors(validate.errors) };
  } catch (error) {
    // A schema that refers to itself without end overflows the stack.
    return { schemaProblem: (error as Error).message.slice(0, 500) };
  }
}

/** Whether a value consists of more values than that. */
export function hasMoreThan(max: number, value: unknown): boolean {
  const open = [value];
  let count = 0;
  while (open.length > 0) {
    const next = open.pop();
    count += 1;
    if (typeof next === 'object' && next !== null) {
      const children = Object.values(next);
      if (count + open.length + children.length > max) {
        return true;
      }
      for (const child of children) {
        open.push(child);
      }
    }
  }
  return false;
}
