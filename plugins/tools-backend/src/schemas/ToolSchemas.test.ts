import type { ToolRecord } from '../registry/records';
import { ToolSchemas } from './ToolSchemas';

jest.setTimeout(60_000);

let lastHash = 0;
function tool(schemas: Partial<ToolRecord>): ToolRecord {
  lastHash += 1;
  return {
    name: 'evil.tool',
    ref: 'tool:default/evil.tool',
    serverRef: 'api:default/evil',
    toolName: 'tool',
    title: 'Tool',
    description: '',
    inputSchema: { type: 'object' },
    ownerRef: 'group:default/evil',
    riskTier: 'read',
    hintedTier: 'read',
    hash: `hash-${lastHash}`,
    lastChangedAt: 0,
    ...schemas,
  };
}

/** A property with this schema. */
const s = (schema: object) => ({ type: 'object', properties: { s: schema } });

/** The longest time for which nothing else could run. */
async function blockedWhile(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  let used = process.cpuUsage();
  const timer = setInterval(() => {
    const { system, user } = process.cpuUsage(used);
    // Waiting for a processor that others have is no work of ours.
    const worked = Math.min(performance.now() - last, (system + user) / 1_000);
    longest = Math.max(longest, worked);
    last = performance.now();
    used = process.cpuUsage();
  }, 5);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return longest;
}

describe('ToolSchemas', () => {
  const schemas = new ToolSchemas({ cpuMs: 1_500 });
  afterAll(() => schemas.close());
  const problemOf = async (description: ToolRecord) =>
    (await schemas.problemOf(description, description.hash))?.reason;

  it('says in words what does not fit', async () => {
    const strict = tool({
      inputSchema: {
        type: 'object',
        required: ['id'],
        properties: { id: { type: 'integer' }, kind: { enum: ['a', 'b'] } },
        additionalProperties: false,
      },
    });
    expect(await problemOf(strict)).toBeUndefined();
    await expect(
      schemas.checkArguments(strict, { kind: 'c', x: 1 }, 'user:default/ann'),
    ).rejects.toThrow('The arguments do not fit evil.tool: "id" is missing.');
    await expect(
      schemas.checkArguments(strict, { id: 7, x: 1 }, 'user:default/ann'),
    ).rejects.toThrow('"x" is not known.');
    await expect(
      schemas.checkArguments(strict, { id: 7, kind: 'c' }, 'user:default/ann'),
    ).rejects.toThrow('"kind" must be one of "a", "b".');
    await schemas.checkArguments(strict, { id: 7 }, 'user:default/ann');
  });

  it('checks what is ordinary without the way to another process', async () => {
    // No process is done in this time.
    const away = new ToolSchemas({ cpuMs: 0 });
    const check = (schema: object, args: Record<string, unknown>) =>
      away.checkArguments(tool({ inputSchema: { ...schema } }), args, 'u').then(
        () => 'fits',
        (error: Error) => error.message,
      );
    try {
      const orders = s({ type: 'array', items: { enum: ['a', 1] } });
      expect(await check(orders, { s: ['a', 1] })).toBe('fits');
      expect(await check(orders, { s: ['b'] })).toContain('must be one of');
      for (const odd of [
        { pattern: '^(a+)+$' },
        { format: 'email' },
        { anyOf: [{}, {}] },
        { items: { $ref: '#' } },
        { uniqueItems: true },
        { properties: { deep: { contains: {} } } },
        { enum: [{ a: 1 }] },
        {
          properties: Object.fromEntries(
            Array.from({ length: 101 }, (_, i) => [`p${i}`, {}]),
          ),
        },
      ]) {
        expect(await check(s(odd), { s: 'a' })).toMatch(
          /too long|just now|busy/,
        );
      }
      const large = { s: Array(1_000).fill('a') };
      expect(await check(orders, large)).toMatch(/too long|just now|busy/);
    } finally {
      await away.close();
    }
  });

  it.each([
    ['a draft-07 schema', 'http://json-schema.org/draft-07/schema#'],
    ['a 2020-12 schema', 'https://json-schema.org/draft/2020-12/schema'],
  ])('understands %s', async (_name, $schema) => {
    const dated = tool({
      inputSchema: { $schema, ...s({ type: 'string', format: 'date' }) },
    });
    await schemas.checkArguments(dated, { s: '2026-11-28' }, 'u');
    await expect(
      schemas.checkArguments(dated, { s: 'soon' }, 'u'),
    ).rejects.toThrow('"s" must match format "date"');
  });

  it.each([
    ['draft 4', 'http://json-schema.org/draft-04/schema#'],
    ['OpenAPI 3.0, which names no draft', undefined],
  ])('understands %s', async (_name, $schema) => {
    const old = tool({
      inputSchema: {
        ...($schema && { $schema }),
        id: 'https://a.example/tool.json',
        ...s({
          id: '#s',
          type: 'number',
          minimum: 1,
          exclusiveMinimum: true,
          maximum: 5,
          exclusiveMaximum: false,
        }),
        // A name, and no keyword.
        required: ['s'],
        definitions: { id: { type: 'string' } },
      },
    });
    expect(await problemOf(old)).toBeUndefined();
    await schemas.checkArguments(old, { s: 5 }, 'u');
    for (const wrong of [1, 6]) {
      await expect(
        schemas.checkArguments(old, { s: wrong }, 'u'),
      ).rejects.toThrow(/"s" must be [<>]/);
    }
  });

  it('matches patterns in linear time', async () => {
    const text = `${'a'.repeat(100_000)}!`;
    const pattern = tool({
      inputSchema: s({ type: 'string', pattern: '^(a+)+$' }),
      outputSchema: s({ type: 'string', pattern: '^(a|a)*$' }),
    });
    expect(await problemOf(pattern)).toBeUndefined();
    await expect(
      schemas.checkArguments(pattern, { s: text }, 'u'),
    ).rejects.toThrow('"s" must match pattern');
    expect(await schemas.outputMismatch(pattern, { s: text }, 'u')).toContain(
      'must match pattern',
    );
    await schemas.checkArguments(pattern, { s: 'aaa' }, 'u');
  });

  it('leaves patterns that have no linear form to the server', async () => {
    const lookAhead = tool({
      inputSchema: s({ type: 'string', pattern: '^(?!x).+$' }),
    });
    expect(await problemOf(lookAhead)).toBeUndefined();
    await schemas.checkArguments(lookAhead, { s: 'x' }, 'u');
  });

  it('refuses schemas whose definitions multiply', async () => {
    const $defs: Record<string, object> = { a30: { type: 'string' } };
    for (let i = 0; i < 30; i++) {
      const $ref = `#/$defs/a${i + 1}`;
      $defs[`a${i}`] = { allOf: [{ $ref }, { $ref }] };
    }
    const bomb = tool({ inputSchema: { ...s({ $ref: '#/$defs/a0' }), $defs } });
    expect(await problemOf(bomb)).toBe(
      'its inputSchema is no valid JSON Schema: its $refs, written out, make more than 5000 schemas',
    );
  });

  it.each([
    ['anchors', (name: string) => ({ $anchor: name }), '#', '$ref'],
    [
      'dynamic',
      (name: string) => ({ $dynamicAnchor: name }),
      '#',
      '$dynamicRef',
    ],
    ['ids', (name: string) => ({ $id: `urn:${name}` }), 'urn:', '$ref'],
  ])('refuses definitions that multiply by %s', async (_n, named, to, ref) => {
    const $defs: Record<string, object> = {
      a30: { ...named('a30'), type: 'string' },
    };
    for (let i = 0; i < 30; i++) {
      const next = { [ref]: `${to}a${i + 1}` };
      $defs[`a${i}`] = { ...named(`a${i}`), allOf: [next, next] };
    }
    const bomb = tool({ inputSchema: { ...s({ [ref]: `${to}a0` }), $defs } });
    expect(await problemOf(bomb)).toContain('make more than 5000 schemas');
  });

  it('tells names and values from keywords', async () => {
    const $ref = 'https://example.com/elsewhere';
    const tricky = tool({
      inputSchema: {
        type: 'object',
        properties: {
          $id: { type: 'string' },
          $ref: { type: 'string', examples: [{ $ref }] },
          default: { type: 'object', default: { $ref } },
        },
      },
    });
    expect(await problemOf(tricky)).toBeUndefined();
    // A property of that name is none of the definitions that are counted where used.
    const $defs = { ten: { allOf: Array(10).fill({ type: 'object' }) } };
    const definitions = { allOf: Array(600).fill({ $ref: '#/$defs/ten' }) };
    const hidden = tool({
      inputSchema: { type: 'object', properties: { definitions }, $defs },
    });
    expect(await problemOf(hidden)).toContain('make more than 5000 schemas');
  });

  it('stops at the first of many errors, and looks at no huge value', async () => {
    const many = tool({
      inputSchema: s({
        type: 'array',
        items: {
          anyOf: Array.from({ length: 100 }, (_, i) => ({ const: -i })),
        },
      }),
    });
    const numbers = (length: number) => Array.from({ length }, (_, i) => i + 1);
    await expect(
      schemas.checkArguments(many, { s: numbers(90_000) }, 'u'),
    ).rejects.toThrow(/^.{0,400}$/);
    await expect(
      schemas.checkArguments(many, { s: numbers(450_000) }, 'u'),
    ).rejects.toThrow('there are more than 100000 values in it');
  });

  it('takes schemas that refer to themselves, as trees do', async () => {
    const tree = tool({
      inputSchema: {
        type: 'object',
        properties: { child: { $ref: '#' }, name: { type: 'string' } },
      },
    });
    expect(await problemOf(tree)).toBeUndefined();
    await expect(
      schemas.checkArguments(tree, { child: { child: { name: 1 } } }, 'u'),
    ).rejects.toThrow('"child.child.name" must be string');
    const endless = tool({
      inputSchema: { allOf: [{ $ref: '#' }] },
      outputSchema: { $ref: 'http://127.0.0.1:1/schema.json' },
    });
    await expect(schemas.checkArguments(endless, {}, 'u')).rejects.toThrow(
      'they cannot be checked',
    );
    expect(await problemOf(endless)).toContain(
      "can't resolve reference http://127.0.0.1:1/schema.json",
    );
  });

  it('keeps the names in schemas of different servers apart', async () => {
    const named = (type: string) =>
      tool({
        inputSchema: {
          ...s({ $ref: 'urn:shared' }),
          $defs: { shared: { $id: 'urn:shared', type } },
        },
      });
    const [one, other] = [named('string'), named('integer')];
    await schemas.checkArguments(one, { s: 'x' }, 'u');
    await schemas.checkArguments(other, { s: 1 }, 'u');
    await expect(schemas.checkArguments(one, { s: 1 }, 'u')).rejects.toThrow(
      '"s" must be string',
    );
  });

  it('ends what runs for ever, blocks nobody meanwhile, and lets nobody repeat it', async () => {
    // Quadratic in the number of items: objects are compared one by one.
    const slowTool = () =>
      tool({ inputSchema: s({ type: 'array', uniqueItems: true }) });
    const items = Array.from({ length: 24_000 }, (_, i) => ({ i, n: [i] }));
    const quick = tool({ inputSchema: s({ type: 'string' }) });
    // Both processes are there, and know the schema.
    const other = { ...quick, serverRef: 'api:default/other' };
    const check = () => schemas.checkArguments(other, { s: 'x' }, 'u');
    await Promise.all([
      check(),
      schemas.checkArguments(quick, { s: 'x' }, 'user:default/ann'),
    ]);

    const tryHard = (record: ToolRecord, person: string) =>
      schemas
        .checkArguments(record, { s: items }, person)
        .catch((error: Error) => error.message);
    const blockedBy = (record: ToolRecord, person: string) =>
      blockedWhile(async () => {
        const running = tryHard(record, person);
        const started = performance.now();
        await check();
        // The slow one alone has 1,500 ms.
        expect(performance.now() - started).toBeLessThan(1_400);
        expect(await running).toContain('they take too long to check');
      });
    let slow = slowTool();
    let mallory = '';
    let blocked = Infinity;
    // What blocks does so each time; collecting the garbage of other suites takes long once.
    for (let tries = 1; blocked >= 300 && tries <= 3; tries++) {
      // A schema that nothing has seen before.
      slow = slowTool();
      mallory = `user:default/mallory-${tries}`;
      blocked = await blockedBy(slow, mallory);
    }
    expect(blocked).toBeLessThan(300);
    expect(await tryHard(slow, mallory)).toContain(
      'they take too long to check',
    );
    await expect(
      schemas.checkArguments(slow, { s: [] }, mallory),
    ).rejects.toThrow('try again in a minute');
    // Others are not punished for it.
    await schemas.checkArguments(slow, { s: [1, 2] }, 'user:default/ann');
  });

  it('leaves room for others, whoever fills the queue', async () => {
    const server = (n: number) => ({ serverRef: `api:default/evil-${n}` });
    const slow = [1, 2, 3, 4, 5].map(n =>
      tool({
        ...server(n),
        inputSchema: s({ type: 'array', uniqueItems: true }),
      }),
    );
    const items = Array.from({ length: 24_000 }, (_, i) => ({ i, n: [i] }));
    const caller = 'user:default/eve';
    let ended = 0;
    const tried = slow.map(each =>
      schemas
        .checkArguments(each, { s: items }, caller)
        .catch((error: Error) => error.message)
        .finally(() => {
          ended += 1;
        }),
    );
    // They wait for each other, and nobody else for them.
    const quick = tool({ inputSchema: s({ format: 'email' }) });
    await schemas.checkArguments(
      quick,
      { s: 'a@b.example' },
      'user:default/bob',
    );
    expect(ended).toBeLessThan(3);
    for (const message of await Promise.all(tried)) {
      expect(message).toContain('they take too long to check');
    }
    // Neither another tool nor another server helps.
    await expect(
      schemas.checkArguments(
        tool({ ...server(6), inputSchema: s({ pattern: 'a' }) }),
        {},
        caller,
      ),
    ).rejects.toThrow('try again in a minute');

    const flood = Array.from({ length: 60 }, () =>
      schemas
        .checkArguments(quick, { s: 'a@b.example' }, 'user:default/flood')
        .catch((error: Error) => error.message),
    );
    expect((await Promise.all(flood)).filter(Boolean)).toEqual(
      Array(10).fill(
        'The check of arguments and results has 50 requests of user:default/flood waiting. Try again in a few seconds.',
      ),
    );
  });

  it('holds no shutdown against a schema', async () => {
    const closing = new ToolSchemas();
    const asked = closing.problemOf(
      tool({ inputSchema: s({ pattern: 'a' }) }),
      'closing',
    );
    await closing.close();
    await expect(asked).rejects.toThrow('is shutting down');
  });
});
