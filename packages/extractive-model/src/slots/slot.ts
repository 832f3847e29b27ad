import { humanise, splitIdentifier, stemOf, stemsOf } from '../text/words';
import { shapeOf, type Shape } from './shape';

/** A JSON Schema as far as it guides the filling of slots. */
export interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  examples?: unknown[];
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  $ref?: string;
}

/** What a slot takes. */
export type SlotKind =
  | 'constant'
  | 'identifier'
  | 'email'
  | 'url'
  | 'phone'
  | 'date'
  | 'datetime'
  | 'month'
  | 'time'
  | 'choice'
  | 'flag'
  | 'number'
  | 'list'
  | 'object'
  | 'phrase'
  | 'note'
  | 'query'
  | 'task';

/** One argument of a tool, as far as it can be filled from words. */
export interface Slot {
  name: string;
  kind: SlotKind;
  required: boolean;
  description: string;
  schema: Schema;
  /** Stems of its name, without endings such as "id" or "number". */
  nouns: readonly string[];
  /** Stems of its name and its description. */
  stems: ReadonlySet<string>;
  shape?: Shape;
  item?: Slot;
  members?: Slot[];
}

const DEEPEST = 4;
const MOST_SLOTS = 60;
const NOTE =
  /(?:^| )(?:note|notes|reason|comment|comments|remark|remarks|message|body|description|details|text|justification|explanation|content|instructions|feedback|summary|purpose|symptoms?)$/;
const QUERY =
  /(?:^| )(?:query|q|search|keyword|keywords|terms?|search ?text|question|phrase)$/;
const TASK = /^(?:task|prompt|request|instruction|input)$/;
const IDENTIFIER =
  /(?:^| )(?:id|ids|uuid|code|sku|key|ref|reference|identifier|isbn|vin|plate|handle|slug|serial|barcode|iban|postcode|zip|plz)$|(?:^| )(?:number|no|nr)$/;
const DATE = /(?:^| )(?:date|day|deadline|since|until|night|birthday)$/;
const PAGING =
  /^(?:cursor|next_?cursor|page_?token|offset|skip|after_?cursor|start_?index)$/i;
const PAGE_SIZE = /^(?:limit|(?:page_?)?size|per_?page|page_?size)$/i;
const BARE =
  /^(?:id|ids|number|no|nr|code|key|ref|uuid|refer|identifi|name|new|the|of|by)$/;

/** The type of a schema without null. */
export function typeOf(schema: Schema): string | undefined {
  return [schema.type ?? []].flat().find(type => type !== 'null');
}

/** Follows references inside the document and takes the first real branch of alternatives; `depth` ends circles. */
export function plainSchema(schema: Schema, root: Schema, depth = 0): Schema {
  if (depth > DEEPEST || typeof schema !== 'object' || schema === null)
    return {};
  if (typeof schema.$ref === 'string' && schema.$ref.startsWith('#/')) {
    const target = schema.$ref
      .slice(2)
      .split('/')
      .reduce<any>((value, key) => value?.[key], root);
    return plainSchema(
      { ...target, ...schema, $ref: undefined },
      root,
      depth + 1,
    );
  }
  const branches = schema.anyOf ?? schema.oneOf;
  const real =
    Array.isArray(branches) && branches.find(branch => branch?.type !== 'null');
  if (real)
    return plainSchema(
      { ...real, ...schema, anyOf: undefined, oneOf: undefined },
      root,
      depth + 1,
    );
  if (Array.isArray(schema.allOf))
    return plainSchema(
      Object.assign({}, ...schema.allOf, schema, { allOf: undefined }),
      root,
      depth + 1,
    );
  return schema;
}

function dateKind(schema: Schema, name: string): SlotKind | undefined {
  const { format, description = '' } = schema;
  if (format === 'date') return 'date';
  if (
    format === 'date-time' ||
    /YYYY-MM-DD[T ]HH|\bdate and time\b|iso.?8601 (?:date.?)?time|timestamp/i.test(
      description,
    )
  )
    return 'datetime';
  if (format === 'time' || /\bHH:MM\b/.test(description)) return 'time';
  if (format || schema.enum) return undefined;
  if (schema.pattern) {
    const digits = schema.pattern
      .replace(/\\d/g, '[0-9]')
      .replace(/\[0-9\]\{(\d)\}|\[0-9\]/g, (_, n) => 'd'.repeat(n ?? 1));
    if (/^\^?d{4}-d{2}-d{2}T/.test(digits)) return 'datetime';
    if (/^\^?d{4}-d{2}-d{2}\$?$/.test(digits)) return 'date';
    if (
      /^\^?d{6}\$?$/.test(digits) &&
      /month|period|YYYYMM/i.test(`${name} ${description}`)
    )
      return 'month';
    if (/^\^?d{4}-(?:d{2}|\(.*\))\$?$/.test(digits)) return 'month';
    if (/^\^?(?:d{2}|\(.*\)):(?:d{2}|\[0-5\]d)\$?$/.test(digits)) return 'time';
    return undefined;
  }
  if (/YYYY-MM-DD/i.test(description)) return 'date';
  if (/YYYY-MM\b/i.test(description)) return 'month';
  if (
    /(?:^| )(?:time|start time|end time)$/.test(name) &&
    /\btime\b/i.test(name)
  )
    return 'time';
  const prose =
    /\b(?:date|day|iso)\b/i.test(description) &&
    /\b(?:from|to|start|end|since|until|before|after|on|when)$/.test(name);
  return DATE.test(name) || prose ? 'date' : undefined;
}

function kindOf(schema: Schema, name: string, shape?: Shape): SlotKind {
  const type = typeOf(schema);
  if (schema.const !== undefined) return 'constant';
  if (schema.enum?.length) return 'choice';
  if (type === 'boolean') return 'flag';
  if (type === 'number' || type === 'integer')
    return IDENTIFIER.test(name) &&
      !/\bnumber of\b/i.test(schema.description ?? '')
      ? 'identifier'
      : 'number';
  if (type === 'array') return 'list';
  if (type === 'object') return 'object';
  const description = schema.description ?? '';
  if (
    schema.format === 'email' ||
    /\be ?mail(?: address)?$/.test(name) ||
    /^e-?mail\b/i.test(description)
  )
    return 'email';
  if (
    schema.format === 'uri' ||
    schema.format === 'url' ||
    /(?:^| )(?:url|uri|link|website)$/.test(name)
  )
    return 'url';
  if (/(?:^| )(?:phone|telephone|mobile|tel|fax)(?: number| no)?$/.test(name))
    return 'phone';
  const date = dateKind(schema, name);
  if (date) return date;
  const takesNames =
    !schema.pattern && /\bnames?\b/i.test(`${name} ${description}`);
  if (shape && !takesNames) return 'identifier';
  if (/^(?:the )?(?:post(?:al)? ?code|zip code)\b/i.test(description))
    return 'identifier';
  if (TASK.test(name) && /\btask|agent\b/i.test(`${name} ${description}`))
    return 'task';
  if (QUERY.test(name)) return 'query';
  if (NOTE.test(name) || (schema.minLength ?? 0) >= 10) return 'note';
  if (schema.format === 'uuid' || (IDENTIFIER.test(name) && !takesNames))
    return 'identifier';
  if (
    /\b(?:free text|full.text|words to (?:search|look)|search (?:words|terms?|text)|keywords?)\b/i.test(
      description,
    )
  )
    return 'query';
  return 'phrase';
}

function readSlot(
  name: string,
  given: Schema,
  required: boolean,
  root: Schema,
  depth: number,
): Slot {
  const schema = plainSchema(given, root);
  const plain = humanise(name).toLowerCase();
  const shape =
    typeOf(schema) === 'string' && !schema.enum ? shapeOf(schema) : undefined;
  const kind = kindOf(schema, plain, shape);
  const description = [schema.title, schema.description]
    .filter(part => typeof part === 'string')
    .join('. ')
    .slice(0, 600);
  const telling = stemsOf(name);
  // a lot is a thing where it is all that a name says
  const own = telling.length
    ? telling
    : plain.split(' ').map(word => stemOf(word));
  const slot: Slot = {
    name,
    kind,
    required,
    description,
    schema,
    nouns: own.filter(stem => !BARE.test(stem)),
    stems: new Set([...own, ...stemsOf(description)]),
    ...(shape ? { shape } : {}),
  };
  if (kind === 'list' && schema.items && depth < DEEPEST) {
    const singular = name.replace(/ies$/, 'y').replace(/([^s])s$/, '$1');
    const item = plainSchema(schema.items, root);
    slot.item = readSlot(
      singular,
      { ...item, description: item.description ?? schema.description },
      true,
      root,
      depth + 1,
    );
  }
  if (kind === 'object' && depth < DEEPEST)
    slot.members = readSlots(schema, root, depth + 1);
  return slot;
}

/** Reads the properties of an object schema. What only turns pages is left to programs. */
export function readSlots(
  schema: Schema,
  root: Schema = schema,
  depth = 0,
): Slot[] {
  const properties = schema.properties;
  if (typeof properties !== 'object' || properties === null) return [];
  const pages = Object.keys(properties).some(name => PAGE_SIZE.test(name));
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(properties)
    .filter(([name]) => !PAGING.test(name) && !(pages && name === 'page'))
    .slice(0, MOST_SLOTS)
    .map(([name, property]) =>
      // what has a default need not be asked for, whatever the schema's list says
      readSlot(
        name,
        property,
        required.includes(name) &&
          plainSchema(property, root).default === undefined,
        root,
        depth,
      ),
    );
}

/** The words of a slot's name for people: `due_date` → `due date`. */
export function labelOfSlot(slot: Slot): string {
  return splitIdentifier(slot.name)
    .map(word => word.toLowerCase())
    .join(' ')
    .replace(/\bid\b/g, 'ID');
}
