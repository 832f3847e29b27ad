import type { RawRequest } from '../portal/PortalClient';
import type { Operation, Schema } from './operations';
import type { Random } from './Random';

/** Values that exist in the example company, by the name of what is asked for. */
const KNOWN: [RegExp, unknown[]][] = [
  [/^agentRef$/, ['agent:default/order-desk', 'agent:default/portal-guide']],
  [
    /^(ownerRef|owner)$/,
    ['group:default/customer-care', 'group:default/platform'],
  ],
  [/^serverRef$|^server$/, ['api:default/orders']],
  [/^(userRef|createdBy|onBehalfOf)$/, ['user:default/elin.marklund']],
  [/^systemRef$/, ['system:default/orders']],
  [
    /^ref$/,
    [
      'agent:default/order-desk',
      'group:default/platform',
      'builtin/extractive',
    ],
  ],
  [/^(model|modelId)$/, ['builtin/extractive', 'balanced']],
  [/^models$/, [['builtin/extractive'], ['balanced']]],
  [/^namespace$/, ['default']],
  [/^name$/, ['order-desk', 'balanced', 'orders.find_order']],
  [/^(message|content|input|q)$/, ['Where is order NH-10042?']],
  [/^messages$/, [[{ role: 'user', content: 'What can you do?' }]]],
  [/(From|To|^from|^to|Until|At)$/, ['2026-11-01T00:00:00Z', '2026-11-28']],
];

const DEEP = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

/** Text that has broken programs before; what entity refs make of it comes several times. */
const TEXTS = [
  'agent:default/😀',
  'user:default/\ud800',
  'group:default/%2f',
  'agent:default/a/b',
  '-1',
  '/',
  '%2F',
  '.',
  '',
  ' ',
  '\0',
  'a\0b',
  '\n\r\t',
  '😀',
  '\ud800',
  '\udc00x',
  'agent:default/😀',
  'İ',
  '\u202e',
  "' OR 1=1 --",
  '"; drop table runs;',
  '%',
  '%00',
  '%2f',
  '%zz',
  '%ff',
  '../../etc/passwd',
  '..%2f..%2f',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '{{7*7}}',
  '${7*7}',
  '<img src=x onerror=alert(1)>',
  'a'.repeat(300),
  'a'.repeat(20_000),
  'Zz'.repeat(20_000),
  '-1',
  '0',
  '1e309',
  'NaN',
  'Infinity',
  'null',
  'undefined',
  'true',
  '[]',
  '{}',
  '9007199254740993',
  '0x10',
  '١٢',
  'agent:default/',
  ':/',
  'a:b/c',
  'user:default/guest/x',
  'group:default/does-not-exist',
  'AGENT:DEFAULT/ORDER-DESK',
  '2026-02-30T00:00:00Z',
  '0000-00-00',
  '275760-09-13T00:00:01Z',
  '9999-12-31T23:59:59Z',
  '(a+)+$',
  '*',
  '%_%',
  Buffer.from('{}').toString('base64url'),
  Buffer.from('[1,2,3]').toString('base64url'),
  Buffer.from('{"id":{"$gt":""}}').toString('base64url'),
  Buffer.from('["\\u0000"]').toString('base64url'),
  Buffer.from('["2026-11-28T00:00:00.000Z","x"]').toString('base64url'),
  'bnVsbA',
  '////',
  'eyJ',
];

const NUMBERS = [
  0,
  -0,
  -1,
  1,
  0.5,
  -0.000001,
  1e-320,
  1e21,
  1e308,
  2 ** 31,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 63),
  1e15,
  101,
];

/** Queries that are no lists of names and values as one expects them. */
const ODD_QUERIES = [
  'limit=1&limit=2',
  'limit[a]=1',
  'cursor[]=x&cursor[]=y',
  'q[__proto__][x]=1',
  '=',
  '&&&',
  '%',
  'limit=%zz',
  'q=%ff%fe',
  'q=%00',
  'limit=5;cursor=x',
  'unknown=1',
  'q='.concat('a'.repeat(4_000)),
  'a[b][c][d][e][f]=1',
];

const ODD_TYPES = [
  'text/plain',
  'application/xml',
  'application/json; charset=utf-7',
  'multipart/form-data',
  'x',
];

const ODD_BODIES = [
  '',
  ' ',
  'null',
  'true',
  '1',
  '"text"',
  '[]',
  '{',
  '{"a":',
  '[1,2',
  'undefined',
  '\0',
  '\ufeff{}',
  '{"__proto__":{"x":1}}',
  '{"constructor":{"prototype":{"x":1}}}',
  DEEP(200),
  DEEP(20_000),
  `{"a":${DEEP(5_000)}}`,
  '{"a":1e999}',
  '<xml/>',
  '{"a":1,"a":2}',
  `{"a":"${'x'.repeat(3_000_000)}"}`,
];

/**
 * One request for an operation: mostly right but for one place, so that it comes far, sometimes wrong in several
 * places or as a whole.
 */
export function createInput(operation: Operation, random: Random): RawRequest {
  const pathNames = [...operation.path.matchAll(/\{(\w+)\}/g)].map(
    match => match[1],
  );
  const queries = operation.parameters.filter(
    parameter => parameter.in === 'query',
  );
  const body = operation.body && {
    value: validValue(operation, operation.body, '', random),
  };
  const places = [
    ...pathNames.map(name => `path ${name}`),
    ...queries.map(({ name }) => `query ${name}`),
    ...(body ? ['body', 'body', 'body'] : []),
    ...(queries.length ? ['odd query'] : []),
    ...(body ? ['odd body'] : []),
    'nothing',
  ];
  const wrong = new Set(
    Array.from({ length: random.chance(0.8) ? 1 : 3 }, () =>
      random.pick(places),
    ),
  );

  let url = operation.path.replace(/\{(\w+)\}/g, (_, name) => {
    if (!wrong.has(`path ${name}`)) {
      return encode(pathValue(operation, name, random));
    }
    const value = random.pick(TEXTS);
    return random.chance(0.3) ? rawPath(value) : encode(value);
  });
  const query = queries
    .filter(
      ({ name, required }) =>
        required || wrong.has(`query ${name}`) || random.chance(0.2),
    )
    .map(({ name, schema }) => {
      const value = wrong.has(`query ${name}`)
        ? random.pick([...TEXTS, ...NUMBERS.map(String)])
        : String(validValue(operation, schema, name, random));
      return `${name}=${encode(value)}`;
    });
  if (wrong.has('odd query')) {
    query.push(random.pick(ODD_QUERIES));
  }
  if (query.length) {
    url += `?${query.join('&')}`;
  }
  const headers: Record<string, string> = {};
  for (const { name } of operation.parameters.filter(
    one => one.in === 'header',
  )) {
    if (random.chance(0.5)) {
      headers[name] = random.pick([
        '0',
        '1',
        '-1',
        '1e9',
        'x',
        '9007199254740993',
      ]);
    }
  }
  let text: string | undefined;
  if (body) {
    if (wrong.has('body')) {
      mutate(body, random);
    }
    text = wrong.has('odd body')
      ? random.pick(ODD_BODIES)
      : JSON.stringify(body.value) ?? '';
    headers['content-type'] =
      wrong.has('odd body') && random.chance(0.2)
        ? random.pick(ODD_TYPES)
        : 'application/json';
  }
  return {
    method: operation.method,
    path: `/api/${operation.plugin}${url}`,
    headers,
    body: text,
  };
}

/** What the schema allows, with values that exist where they are known. */
function validValue(
  operation: Operation,
  given: Schema,
  name: string,
  random: Random,
): unknown {
  const schema = operation.resolve(given);
  const known = KNOWN.find(([pattern]) => pattern.test(name));
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return random.pick(schema.enum);
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return validValue(operation, random.pick(choices), name, random);
  const properties = propertiesOf(operation, schema);
  if (Object.keys(properties).length) {
    const required = requiredOf(operation, schema);
    return Object.fromEntries(
      Object.entries(properties)
        .filter(([key]) => required.has(key) || random.chance(0.4))
        .map(([key, part]) => [key, validValue(operation, part, key, random)]),
    );
  }
  if (known && random.chance(0.9)) return random.pick(known[1]);
  if (schema.examples) return random.pick(schema.examples);
  const type = [schema.type].flat()[0];
  if (type === 'array') {
    return Array.from({ length: random.below(3) + 1 }, () =>
      validValue(operation, schema.items ?? {}, name.replace(/s$/, ''), random),
    );
  }
  if (type === 'integer' || type === 'number') {
    return (
      (schema.minimum ?? 1) +
      random.below(
        Math.min((schema.maximum ?? 1000) - (schema.minimum ?? 1), 1000) + 1,
      )
    );
  }
  if (type === 'boolean') return random.chance(0.5);
  if (type === 'object') return {};
  if (schema.format === 'date-time') return '2026-11-28T12:00:00Z';
  return random.pick(['text', 'orders', 'abc-123']);
}

function propertiesOf(
  operation: Operation,
  schema: Schema,
): Record<string, Schema> {
  return Object.assign(
    {},
    schema.properties,
    ...(schema.allOf ?? []).map(part =>
      propertiesOf(operation, operation.resolve(part)),
    ),
  );
}

function requiredOf(operation: Operation, schema: Schema): Set<string> {
  return new Set([
    ...(schema.required ?? []),
    ...(schema.allOf ?? []).flatMap(part => [
      ...requiredOf(operation, operation.resolve(part)),
    ]),
  ]);
}

function pathValue(operation: Operation, name: string, random: Random): string {
  if (operation.path.includes('/tools/')) return 'orders.find_order';
  if (operation.path.includes('/routes/'))
    return random.pick(['balanced', 'economical']);
  if (operation.path.includes('/models/')) return 'builtin/extractive';
  if (name === 'namespace') return 'default';
  if (name === 'name') return 'order-desk';
  return random.pick(['5f0c2b0e-6d3c-4f0b-9a52-3f8c0f1f2a11', 'abc-123']);
}

/** Changes one place of a body, now and then two. */
function mutate(root: { value: unknown }, random: Random): void {
  for (let times = random.chance(0.8) ? 1 : 2; times > 0; times -= 1) {
    const [holder, key] = random.pick(placesIn(root));
    const how = random.below(16);
    if (how === 0 && holder !== root) delete holder[key];
    else if (how === 1)
      holder[key] = random.pick([null, true, false, [], {}, [[]], [null]]);
    else if (how === 2) holder[key] = [holder[key], holder[key]];
    else if (how === 3) holder[key] = { [random.pick(TEXTS)]: holder[key] };
    else if (how === 4 && !Array.isArray(holder))
      holder[random.pick(TEXTS)] = random.pick(TEXTS);
    else if (typeof holder[key] === 'number')
      holder[key] = random.pick(NUMBERS);
    else holder[key] = random.pick(TEXTS);
  }
}

function placesIn(holder: any): [any, string][] {
  return Object.keys(holder).flatMap(key => [
    [holder, key] as [any, string],
    ...(holder[key] && typeof holder[key] === 'object'
      ? placesIn(holder[key])
      : []),
  ]);
}

/** More than Node's parser takes of one header never reaches the portal. */
const LONGEST = 4_000;

/** Encoded for an address, as far as that is possible. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed().slice(0, LONGEST));
}

/** As it is, but for what Node refuses to send. */
function rawPath(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[^!-~]|[?#]/g, '_').slice(0, LONGEST);
}
