import { spec } from './schema/openapi.generated';
import { startPortal } from './__testUtils__/portal';

/** The same numbers each time, so that a failure can be repeated. */
function seeded(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

const VALUES = [
  '',
  ' ',
  '\0',
  'a\0b',
  '%',
  '%2f',
  '../..',
  '😀',
  '\ud83d',
  'agent:default/desk',
  'agent:default/\u0000',
  'agent:default/😀',
  'component:default/desk',
  'a:b:c:d/e/f',
  "' OR 1=1 --",
  '-1',
  '0',
  '1e99',
  '9007199254740993',
  '99999999999999999999',
  'NaN',
  'null',
  'true',
  '[]',
  '{}',
  '__proto__',
  'constructor',
  'eyJhIjoxfQ',
  Buffer.from('[1e300,"x"]').toString('base64url'),
  Buffer.from('[9007199254740991,"x"]').toString('base64url'),
  Buffer.from('["a",1]').toString('base64url'),
  'x'.repeat(300),
  'x'.repeat(70_000),
];

const BODIES: unknown[] = [
  null,
  [],
  1,
  'text',
  {},
  { agentRef: 1 },
  { agentRef: 'agent:default/desk' },
  { agentRef: 'agent:default/desk', input: null },
  { agentRef: 'agent:default/desk', input: { message: '' } },
  { agentRef: 'agent:default/desk', input: { message: '\0' } },
  { agentRef: 'agent:default/desk', input: { message: 'x', more: 1 } },
  {
    agentRef: 'agent:default/desk',
    input: { message: 'x' },
    threadId: '../..',
  },
  { agentRef: 'agent:default/desk', input: { message: 'x' }, onBehalfOf: '😀' },
  { agentRef: 'agent:default/😀', input: { message: 'x' } },
  { ['__proto__']: 1, agentRef: 'agent:default/desk' },
];

describe('bad input', () => {
  it('is answered with 4xx, words and the envelope by every operation', async () => {
    const portal = await startPortal();
    const next = seeded(7);
    const pick = <T>(values: T[]) => values[next(values.length)];
    const wrong: unknown[] = [];
    const operations = Object.entries(spec.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({
        path,
        method: method.toUpperCase(),
        parameters: ('parameters' in operation
          ? (operation.parameters as readonly object[])
          : []
        ).map(p => ('name' in p ? String(p.name) : 'limit')),
      })),
    );
    for (let i = 0; i < 600; i += 1) {
      const { path, method, parameters } = operations[i % operations.length];
      const where = path.replace(
        '{id}',
        encodeURIComponent(safe(pick(VALUES))),
      );
      const query = new URLSearchParams();
      for (const name of [...parameters, 'cursor', 'unknown']) {
        if (name !== 'id' && next(2)) {
          query.append(name, safe(pick(VALUES)));
        }
      }
      const answer = await portal.fetch(`${where}?${query}`, {
        method,
        headers: { 'last-event-id': '99999999999999999999' },
        ...(method === 'POST' ? { body: JSON.stringify(pick(BODIES)) } : {}),
      });
      const body = await answer.text();
      const said = answer.status < 400 ? {} : JSON.parse(body || '{}').error;
      if (answer.status >= 500 || (answer.status >= 400 && !said?.message)) {
        wrong.push([method, where, String(query), answer.status, body]);
      }
    }
    expect(wrong).toEqual([]);

    for (const [method, path, status] of [
      ['GET', '/nothing', 404],
      ['PATCH', '/runs', 404],
      ['DELETE', '/runs/1', 404],
    ] as const) {
      const answer = await portal.fetch(path, { method });
      expect(answer.status).toBe(status);
      expect((await answer.json()).error.message).toContain(path);
    }
    const cut = await portal.fetch('/runs', { method: 'POST', body: '{"a' });
    expect(cut.status).toBe(400);
    expect((await cut.json()).error.message).toBeTruthy();
  }, 60_000);
});

/** What can be put into a URL at all. */
function safe(value: string): string {
  return value.toWellFormed().slice(0, 5_000);
}
