/** Of schemas and values together; an example is for a model to read. */
const MAX_PARTS = 300;
const MAX_DEPTH = 12;
const MAX_ITEMS = 3;
/** What is longer is no example any more. */
const MAX_LENGTH = 200;

type Schema = Record<string, unknown>;

const FORMATS: Record<string, string> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T12:00:00Z',
  time: '12:00:00Z',
  duration: 'P1D',
  email: 'somebody@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

/**
 * A value such as a JSON Schema of a server describes, which says what it likes: nothing in it
 * is compiled or matched, and the walk ends. Whether the value fits has to be checked.
 *
 * @returns undefined when the schema has too many parts, or says too little
 */
export function exampleOf(root: Schema): unknown {
  let parts = 0;
  const isFull = () => ++parts > MAX_PARTS;

  const of = (node: unknown, depth: number): unknown => {
    if (isFull() || depth > MAX_DEPTH || !isObject(node)) {
      return undefined;
    }
    const schema = node;
    const [example] = listOf(schema.examples);
    for (const value of [schema.const, schema.default, example]) {
      if (value !== undefined) {
        return value;
      }
    }
    if (Array.isArray(schema.enum)) {
      return schema.enum[0];
    }
    if (typeof schema.$ref === 'string') {
      return of(targetOf(root, schema.$ref), depth + 1);
    }
    const [choice] = [...listOf(schema.oneOf), ...listOf(schema.anyOf)];
    if (choice !== undefined) {
      return of(choice, depth + 1);
    }
    if (Array.isArray(schema.allOf)) {
      const all = schema.allOf.slice(0, MAX_PARTS).filter(isObject);
      const values = [{ ...schema, allOf: undefined }, ...all].map(part =>
        of(part, depth + 1),
      );
      return values.every(value => value === undefined || isObject(value))
        ? Object.fromEntries(
            values.flatMap(value => Object.entries((value as Schema) ?? {})),
          )
        : values.find(value => value !== undefined);
    }
    return ofType(schema, depth);
  };

  function ofType(schema: Schema, depth: number): unknown {
    switch (typeOf(schema)) {
      case 'object': {
        const properties = isObject(schema.properties) ? schema.properties : {};
        const required = listOf(schema.required).slice(0, MAX_PARTS);
        return Object.fromEntries(
          required
            .filter(name => typeof name === 'string')
            .filter(name => Object.hasOwn(properties, name))
            .map(name => [name, of(properties[name], depth + 1)]),
        );
      }
      case 'array': {
        const count = Math.min(numberOf(schema.minItems), MAX_ITEMS);
        return Array.from({ length: count }, () => of(schema.items, depth + 1));
      }
      case 'string': {
        const text =
          typeof schema.format === 'string' &&
          Object.hasOwn(FORMATS, schema.format)
            ? FORMATS[schema.format]
            : 'example';
        const shortest = Math.min(numberOf(schema.minLength), MAX_LENGTH);
        const longest = numberOf(schema.maxLength, MAX_LENGTH);
        return text.padEnd(shortest, '.').slice(0, longest);
      }
      case 'integer':
      case 'number': {
        const from =
          typeof schema.exclusiveMinimum === 'number'
            ? schema.exclusiveMinimum + 1
            : numberOf(schema.minimum);
        return Math.min(from, numberOf(schema.maximum, from));
      }
      case 'boolean':
        return true;
      case 'null':
        return null;
      default:
        return undefined;
    }
  }

  const value = of(root, 0);
  return parts > MAX_PARTS ? undefined : value;
}

/** Only definitions of the same schema are looked up. */
function targetOf(root: Schema, ref: string): unknown {
  const [hash, ...path] = ref.slice(0, MAX_LENGTH).split('/');
  return hash === '#'
    ? path.reduce<unknown>((node, escaped) => {
        const key = escaped.replaceAll('~1', '/').replaceAll('~0', '~');
        return isObject(node) && Object.hasOwn(node, key)
          ? node[key]
          : undefined;
      }, root)
    : undefined;
}

function typeOf(schema: Schema): unknown {
  const [type] = listOf(schema.type);
  if (typeof schema.type === 'string') {
    return schema.type;
  }
  return type ?? (schema.properties ? 'object' : undefined);
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function numberOf(value: unknown, otherwise = 0): number {
  return typeof value === 'number' ? value : otherwise;
}
