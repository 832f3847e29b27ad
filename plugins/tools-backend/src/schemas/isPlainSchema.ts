/** More schemas in one take a moment to compile. */
const MAX_SCHEMAS = 100;
const MAX_NAMES = 100;

/** Keywords whose check takes time that the size of the value alone bounds. */
const PLAIN = new Set([
  ...['type', 'required', 'minimum', 'maximum', 'multipleOf'],
  ...['exclusiveMinimum', 'exclusiveMaximum', 'minLength', 'maxLength'],
  ...['minItems', 'maxItems', 'minProperties', 'maxProperties'],
  ...['title', 'description', 'default', 'examples', 'deprecated', '$schema'],
]);

const known = new WeakMap<object, boolean>();

/**
 * Whether a schema is of the ordinary kind: small, and without patterns, references,
 * alternatives and whatever else can be made to run for long.
 */
export function isPlainSchema(schema: object): boolean {
  let plain = known.get(schema);
  if (plain === undefined) {
    const count = { schemas: 0 };
    plain = isPlain(schema, count);
    known.set(schema, plain);
  }
  return plain;
}

function isPlain(schema: unknown, count: { schemas: number }): boolean {
  count.schemas += 1;
  if (typeof schema === 'boolean') {
    return true;
  }
  return (
    count.schemas <= MAX_SCHEMAS &&
    isObject(schema) &&
    Object.entries(schema).every(([keyword, value]) => {
      switch (keyword) {
        case 'properties':
          return (
            isObject(value) &&
            Object.values(value).every(each => isPlain(each, count))
          );
        case 'items':
        case 'additionalProperties':
          return isPlain(value, count);
        case 'enum':
          return (
            Array.isArray(value) &&
            value.length <= MAX_NAMES &&
            value.every(each => typeof each !== 'object' || each === null)
          );
        case 'required':
          return Array.isArray(value) && value.length <= MAX_NAMES;
        default:
          return PLAIN.has(keyword);
      }
    })
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
