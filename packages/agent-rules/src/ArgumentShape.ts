import { toDecimal } from './decimal';

/** A value in the form that Cedar reads. */
export type CedarValue =
  | string
  | number
  | boolean
  | CedarValue[]
  | { [key: string]: CedarValue };

/**
 * How rules see an argument. What Cedar has no type for, such as a value that may be a
 * text or a number, is seen as its JSON text, so that nothing is hidden from rules.
 *
 * @public
 */
export type ArgumentShape =
  | { kind: 'text' | 'integer' | 'decimal' | 'flag' | 'json' }
  | { kind: 'set'; of: ArgumentShape }
  | {
      kind: 'record';
      fields: Record<string, { shape: ArgumentShape; required: boolean }>;
    };

type JsonSchema = Record<string, unknown>;

/** Deeper parts are seen as JSON text. */
const MAX_DEPTH = 6;
/** More fields than any rule names; what is left out is not seen by rules. */
const MAX_FIELDS = 500;

/** Schemas are objects that live as long as their tool's description. */
const known = new WeakMap<object, RecordShape>();

/** @public */
export type RecordShape = Extract<ArgumentShape, { kind: 'record' }>;

/**
 * The shape of a tool's arguments by its JSON Schema.
 *
 * @public
 */
export function shapeOf(inputSchema: JsonSchema): RecordShape {
  let shape = known.get(inputSchema);
  if (!shape) {
    const budget = { fields: MAX_FIELDS };
    const read = readShape(inputSchema, inputSchema, 0, budget);
    shape = read.kind === 'record' ? read : { kind: 'record', fields: {} };
    known.set(inputSchema, shape);
  }
  return shape;
}

function readShape(
  node: unknown,
  root: JsonSchema,
  depth: number,
  budget: { fields: number },
): ArgumentShape {
  if (!isObject(node) || depth > MAX_DEPTH) {
    return { kind: 'json' };
  }
  if (typeof node.$ref === 'string') {
    return readShape(find(node.$ref, root), root, depth + 1, budget);
  }
  const choices = [node.anyOf, node.oneOf, node.allOf].find(Array.isArray);
  if (choices && !node.properties) {
    const shapes = choices
      .filter(choice => !isObject(choice) || choice.type !== 'null')
      .map(choice => readShape(choice, root, depth + 1, budget));
    return allAlike(shapes) ? shapes[0] : { kind: 'json' };
  }
  switch (typeOf(node)) {
    case 'string':
      return { kind: 'text' };
    case 'integer':
      return { kind: 'integer' };
    case 'number':
      return { kind: 'decimal' };
    case 'boolean':
      return { kind: 'flag' };
    case 'array':
      return {
        kind: 'set',
        of: readShape(node.items, root, depth + 1, budget),
      };
    case 'object':
      return isObject(node.properties) || depth === 0
        ? readRecord(node, root, depth, budget)
        : { kind: 'json' };
    default:
      return { kind: 'json' };
  }
}

function readRecord(
  node: JsonSchema,
  root: JsonSchema,
  depth: number,
  budget: { fields: number },
): RecordShape {
  const required = new Set(Array.isArray(node.required) ? node.required : []);
  const fields: RecordShape['fields'] = {};
  for (const [name, field] of Object.entries(node.properties ?? {})) {
    if (budget.fields-- <= 0) {
      break;
    }
    // Null is how a value is left out.
    const nullable =
      isObject(field) &&
      [field.type, ...alternativesOf(field)].flat().includes('null');
    Object.defineProperty(fields, name, {
      enumerable: true,
      value: {
        shape: readShape(field, root, depth + 1, budget),
        required: required.has(name) && !nullable,
      },
    });
  }
  return { kind: 'record', fields };
}

function alternativesOf(field: JsonSchema): unknown[] {
  return [field.anyOf, field.oneOf]
    .filter(Array.isArray)
    .flat()
    .map(choice => (isObject(choice) ? choice.type : undefined));
}

/** The one type of a node, or nothing when it may have several. */
function typeOf(node: JsonSchema): unknown {
  if (Array.isArray(node.type)) {
    const types = node.type.filter(type => type !== 'null');
    return types.length === 1 ? types[0] : undefined;
  }
  if (node.type !== undefined) {
    return node.type;
  }
  if (isObject(node.properties)) {
    return 'object';
  }
  const values = Array.isArray(node.enum) ? node.enum : [node.const];
  return values.every(value => typeof value === 'string')
    ? 'string'
    : undefined;
}

function find(ref: string, root: JsonSchema): unknown {
  if (!ref.startsWith('#/')) {
    return undefined;
  }
  return ref
    .slice(2)
    .split('/')
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(
      (node, part) =>
        isObject(node) && Object.hasOwn(node, part) ? node[part] : undefined,
      root,
    );
}

function allAlike(shapes: ArgumentShape[]): boolean {
  return (
    shapes.length > 0 &&
    shapes.every(shape => JSON.stringify(shape) === JSON.stringify(shapes[0]))
  );
}

/** The Cedar type of a shape, as a schema in JSON names it. */
export function cedarTypeOf(shape: ArgumentShape): Record<string, unknown> {
  switch (shape.kind) {
    case 'integer':
      return { type: 'Long' };
    case 'decimal':
      return { type: 'Extension', name: 'decimal' };
    case 'flag':
      return { type: 'Boolean' };
    case 'set':
      return { type: 'Set', element: cedarTypeOf(shape.of) };
    case 'record':
      return {
        type: 'Record',
        attributes: Object.fromEntries(
          Object.entries(shape.fields).map(([name, field]) => [
            name,
            { ...cedarTypeOf(field.shape), required: field.required },
          ]),
        ),
      };
    default:
      return { type: 'String' };
  }
}

const WORDS: Record<ArgumentShape['kind'], string> = {
  text: 'a text',
  integer: 'a whole number below 2^53',
  decimal: 'a number below 900 trillion',
  flag: 'true or false',
  set: 'a list',
  record: 'an object',
  json: 'a value',
};

/**
 * A value that no rule can judge: it is of another type than the schema says, or out of
 * range.
 */
export class UnjudgeableValueError extends Error {
  override name = 'UnjudgeableValueError';
}

/**
 * An argument as rules see it.
 *
 * @throws UnjudgeableValueError
 */
export function toCedar(
  shape: ArgumentShape,
  value: unknown,
  name = 'The arguments',
): CedarValue {
  switch (shape.kind) {
    case 'text':
      if (typeof value === 'string') {
        return value;
      }
      break;
    case 'flag':
      if (typeof value === 'boolean') {
        return value;
      }
      break;
    case 'integer':
      if (Number.isSafeInteger(value)) {
        return value as number;
      }
      break;
    case 'decimal': {
      const decimal = typeof value === 'number' ? toDecimal(value) : undefined;
      if (decimal !== undefined) {
        return { __extn: { fn: 'decimal', arg: decimal } };
      }
      break;
    }
    case 'set':
      if (Array.isArray(value)) {
        return value.map(item => toCedar(shape.of, item, name));
      }
      break;
    case 'record':
      if (isObject(value) && !Array.isArray(value)) {
        const record: Record<string, CedarValue> = {};
        for (const [field, { shape: of, required }] of Object.entries(
          shape.fields,
        )) {
          const given = Object.hasOwn(value, field) ? value[field] : undefined;
          if (given !== undefined && given !== null) {
            Object.defineProperty(record, field, {
              enumerable: true,
              value: toCedar(of, given, field),
            });
          } else if (required) {
            throw new UnjudgeableValueError(`${field} is missing`);
          }
        }
        return record;
      }
      break;
    default:
      return typeof value === 'string' ? value : JSON.stringify(value) ?? '';
  }
  throw new UnjudgeableValueError(
    `${name} is not ${WORDS[shape.kind]} that rules can judge`,
  );
}

/** A shape with some of its fields. */
export function only(
  { fields }: RecordShape,
  names: ReadonlySet<string>,
): RecordShape {
  return {
    kind: 'record',
    fields: Object.fromEntries(
      Object.entries(fields).filter(([name]) => names.has(name)),
    ),
  };
}

/** The shape at a path of fields, such as `order.total`. */
export function shapeAt(
  shape: ArgumentShape,
  path: string,
): ArgumentShape | undefined {
  return path.split('.').reduce<ArgumentShape | undefined>((at, field) => {
    if (at?.kind !== 'record' || !Object.hasOwn(at.fields, field)) {
      return undefined;
    }
    return at.fields[field].shape;
  }, shape);
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null;
}
