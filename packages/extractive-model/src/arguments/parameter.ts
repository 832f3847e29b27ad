import { humanise, splitIdentifier, stemOf } from '../lexicon/words';
import { shapeOf, type Shape } from './identifiers';

/** A JSON Schema node, as far as the model reads it. */
export interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  format?: string;
  pattern?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  examples?: unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  $ref?: string;
  $defs?: Record<string, Schema>;
  definitions?: Record<string, Schema>;
}

/** What kind of value a parameter wants; decides how it is looked for in a text. */
export type ParameterKind =
  | 'choice'
  | 'flag'
  | 'identifier'
  | 'date'
  | 'number'
  | 'email'
  | 'query'
  | 'task'
  | 'note'
  | 'phrase'
  | 'list'
  | 'object';

/** One parameter of a tool, ready to be looked for. */
export interface Parameter {
  name: string;
  /** Stems of the words in the name. */
  stems: string[];
  description: string;
  kind: ParameterKind;
  schema: Schema;
  required: boolean;
  shape?: Shape;
  /** What a list holds. */
  item?: Parameter;
  /** What an object holds. */
  members?: Parameter[];
}

const QUERY =
  /^(?:query|q|search|search ?(?:text|terms?|query|words?)|text|keywords?|terms?|topic|question|phrase|contains|about|subject matter)$/;
/** Whoever takes these does the work from the person's own words. */
const TASK = /^(?:task|request|prompt|instructions?|assignment)$/;
const NOTE =
  /\b(?:reason|notes?|comments?|message|body|details|explanation|justification|description|remarks?|content|summary)$/;
const DATE =
  /(?:^|\s)(?:date|day|from|to|since|until|before|after|start|end|deadline|month|when|(?:\w+ed )?at|on|due|starts|ends|between|as of)$/;
const IDENTIFIER =
  /(?:^|\s)(?:id|ids|number|no|code|ref|reference|sku|key|uuid|slug|identifier|isbn|iban|vin)$/i;

/** Follows references and drops the null branch of unions, so that one plain schema is left. */
export function plainSchema(schema: Schema, root: Schema): Schema {
  if (schema.$ref) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    const target = root.$defs?.[name] ?? root.definitions?.[name];
    return target && !target.$ref
      ? { ...target, ...schema, $ref: undefined }
      : {};
  }
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches) {
    const real = branches.filter(branch => branch.type !== 'null');
    if (real.length && real.every(branch => branch.const !== undefined)) {
      return {
        ...schema,
        anyOf: undefined,
        oneOf: undefined,
        enum: real.map(b => b.const),
      };
    }
    if (real.length)
      return {
        ...plainSchema(real[0], root),
        ...schema,
        anyOf: undefined,
        oneOf: undefined,
      };
  }
  return schema;
}

/** The JSON type of a schema, null aside. */
export function typeOf(schema: Schema): string {
  const types = [schema.type ?? []].flat().filter(type => type !== 'null');
  return types[0] ?? (schema.properties ? 'object' : 'string');
}

function takesDate(schema: Schema, name: string): boolean {
  if (schema.format === 'date' || schema.format === 'date-time') return true;
  if (schema.pattern) {
    try {
      const pattern = new RegExp(schema.pattern);
      return (
        pattern.test('2026-01-31') ||
        (pattern.test('2026-01') && !pattern.test('x'))
      );
    } catch {
      return false;
    }
  }
  const description = schema.description ?? '';
  return (
    DATE.test(name) &&
    !/\b(?:location|city|place|station|airport|warehouse|address|name|currency|account)\b/i.test(
      description,
    ) &&
    (/\b(?:date|day|iso|yyyy|time|month|utc)\b/i.test(description) ||
      /\b(?:date|day|since|until|deadline|month)$/.test(name))
  );
}

function kindOf(schema: Schema, name: string, shape?: Shape): ParameterKind {
  const type = typeOf(schema);
  if (schema.enum?.length) return 'choice';
  if (type === 'boolean') return 'flag';
  if (type === 'number' || type === 'integer') return 'number';
  if (type === 'array') return 'list';
  if (type === 'object') return 'object';
  const lower = name.toLowerCase();
  if (schema.format === 'email' || /\be ?mail$/.test(lower)) return 'email';
  if (takesDate(schema, lower)) return 'date';
  // "name, email or number (such as …)" takes any of them
  const takesNames =
    !schema.pattern && /\b(?:names?|e-?mail)\b/i.test(schema.description ?? '');
  if (shape && !(takesNames && !IDENTIFIER.test(lower))) return 'identifier';
  if (takesNames && shape) return 'phrase';
  if (TASK.test(lower)) return 'task';
  if (QUERY.test(lower)) return 'query';
  if (NOTE.test(lower)) return 'note';
  if (IDENTIFIER.test(lower) || schema.format === 'uuid') return 'identifier';
  if (
    /\b(?:free text|full.text|words to (?:search|look)|search (?:words|terms?|text)|keywords?)\b/i.test(
      schema.description ?? '',
    )
  )
    return 'query';
  return 'phrase';
}

/** Reads one property of a schema. */
export function readParameter(
  name: string,
  given: Schema,
  required: boolean,
  root: Schema,
  depth = 0,
): Parameter {
  const schema = plainSchema(given, root);
  const shape =
    typeOf(schema) === 'string' && !schema.enum
      ? shapeOf(schema, name)
      : undefined;
  const kind = kindOf(schema, humanise(name), shape);
  const parameter: Parameter = {
    name,
    stems: splitIdentifier(name).map(stemOf),
    description: [schema.title, schema.description].filter(Boolean).join('. '),
    kind,
    schema,
    required,
    ...((kind === 'identifier' || kind === 'phrase') && shape ? { shape } : {}),
  };
  if (kind === 'list' && schema.items && depth < 3) {
    const singular = name.replace(/ies$/, 'y').replace(/([^s])s$/, '$1');
    const item = plainSchema(schema.items, root);
    parameter.item = readParameter(
      singular,
      { ...item, description: item.description ?? schema.description },
      true,
      root,
      depth + 1,
    );
  }
  if (kind === 'object' && depth < 3)
    parameter.members = readParameters(schema, root, depth + 1);
  return parameter;
}

const PAGING =
  /^(?:cursor|next_?cursor|page_?token|offset|page|skip|after_?cursor|start_?index)$/i;

/** Reads the properties of an object schema. What only turns pages is left to programs. */
export function readParameters(
  schema: Schema,
  root: Schema = schema,
  depth = 0,
): Parameter[] {
  return Object.entries(schema.properties ?? {})
    .filter(([name]) => !PAGING.test(name))
    .map(([name, property]) =>
      // a parameter with a default need not be asked for, whatever the schema's list says
      readParameter(
        name,
        property,
        (schema.required?.includes(name) ?? false) &&
          property.default === undefined,
        root,
        depth,
      ),
    );
}
