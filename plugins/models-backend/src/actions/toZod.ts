import type { AnyZodObject, z as Zod, ZodTypeAny } from 'zod/v3';
import { spec } from '../schema/openapi.generated';

/** As much of JSON Schema as the document uses for what callers send. */
export interface Schema {
  $ref?: string;
  type?: string;
  description?: string;
  enum?: readonly string[];
  oneOf?: readonly Schema[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
}

/** Follows references within the document. */
export function resolved<T extends { $ref?: string }>(part: T): T {
  if (!part.$ref) {
    return part;
  }
  const target = part.$ref
    .replace('#/', '')
    .split('/')
    .reduce((at: any, key) => at[key], spec) as T;
  return resolved({ ...target, ...part, $ref: target.$ref });
}

/**
 * A schema of the OpenAPI document for the registry of actions, which takes zod's
 * version 3 only.
 *
 * @param z - as the registry hands it out
 */
export function toZod(z: typeof Zod, given: Schema): ZodTypeAny {
  const schema = resolved(given);
  const { description } = schema;
  const type = typeOf(z, schema);
  return description ? type.describe(description) : type;
}

/** The same of the members of an object. */
export function toZodObject(
  z: typeof Zod,
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = [],
  convert: typeof toZod = toZod,
): AnyZodObject {
  return z.object(
    Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => {
        const type = convert(z, schema);
        return [name, required.includes(name) ? type : type.optional()];
      }),
    ),
  );
}

/** What answers look like from outside; they come from our own code. */
export function toLooseZod(z: typeof Zod, given: Schema): ZodTypeAny {
  const { type } = resolved(given);
  if (type === 'array') {
    return z.array(z.any());
  }
  return type === 'object' || type === undefined ? z.any() : toZod(z, given);
}

function typeOf(z: typeof Zod, schema: Schema): ZodTypeAny {
  if (schema.enum) {
    return z.enum(schema.enum as [string, ...string[]]);
  }
  switch (schema.type) {
    case 'string':
      return stringOf(z, schema);
    case 'integer':
      return numberOf(z.number().int(), schema);
    case 'number':
      return numberOf(z.number(), schema);
    case 'boolean':
      return z.boolean();
    case 'array': {
      const items = z.array(toZod(z, schema.items ?? {}));
      return items.min(schema.minItems ?? 0).max(schema.maxItems ?? Infinity);
    }
    case 'object':
      return schema.properties
        ? toZodObject(z, schema.properties, schema.required)
        : z.record(z.any());
    default:
      return z.any();
  }
}

function stringOf(z: typeof Zod, schema: Schema) {
  let text = z.string();
  if (schema.minLength !== undefined) {
    text = text.min(schema.minLength);
  }
  if (schema.maxLength !== undefined) {
    text = text.max(schema.maxLength);
  }
  if (schema.pattern) {
    text = text.regex(new RegExp(schema.pattern, 'u'));
  }
  return schema.format === 'date-time' ? text.datetime({ offset: true }) : text;
}

function numberOf(start: Zod.ZodNumber, schema: Schema) {
  let number = start;
  if (schema.minimum !== undefined) {
    number = number.min(schema.minimum);
  }
  if (schema.exclusiveMinimum !== undefined) {
    number = number.gt(schema.exclusiveMinimum);
  }
  return schema.maximum === undefined ? number : number.max(schema.maximum);
}
