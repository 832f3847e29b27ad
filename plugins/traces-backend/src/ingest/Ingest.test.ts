import { ConfigReader } from '@backstage/config';
import { exportOf, span } from '../__testUtils__/payloads';
import { readTracesConfig } from '../config';
import type { TraceWrite } from '../store/TraceWriter';
import { Ingest, IngestOverloadedError } from './Ingest';

jest.setTimeout(60_000);

const plugin = { ref: 'plugin:orchestration' };
const bodyOf = (...spans: object[]) =>
  Buffer.from(JSON.stringify(exportOf(spans)));

describe('what is sent', () => {
  let written: TraceWrite[];
  let release: (() => void) | undefined;
  let isAway = false;
  let isSlow = false;
  let ingest: Ingest;

  beforeAll(() => {
    ingest = new Ingest({
      config: readTracesConfig(new ConfigReader({})),
      // The database, which may be slow or away.
      writer: {
        write: async (writes: TraceWrite[]) => {
          if (isAway) {
            throw new Error('connect ECONNREFUSED');
          }
          if (writes.some(({ spans }) => spans[0].name === 'too much')) {
            throw Object.assign(new Error('out of range'), { code: '22003' });
          }
          await new Promise<void>(resolve => {
            release = resolve;
            if (!isSlow) resolve();
          });
          written.push(...writes);
          return writes.map(() => ({}));
        },
      } as never,
      owners: {
        of: async () => new Map([['agent:default/desk', 'group:default/care']]),
      },
      prices: {
        refresh: async () => {},
        costOf: (names, provider, { inputTokens = 0 }) =>
          names.includes('gpt') && provider === 'openai'
            ? inputTokens * 3
            : undefined,
      },
    });
  });
  beforeEach(() => {
    written = [];
    release = undefined;
    isSlow = false;
    isAway = false;
  });
  afterAll(() => ingest.close());

  it('costs what the price list says where it says no cost itself, and that is marked', async () => {
    const attributes = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt',
      'gen_ai.usage.input_tokens': 100,
    };
    await ingest.take(
      plugin,
      'json',
      bodyOf(
        span({ attributes }),
        span({ attributes: { ...attributes, 'llm.cost.total': 0.5 } }),
        span({
          attributes: { ...attributes, 'gen_ai.request.model': 'other' },
        }),
        // Round a model call: it repeats the tokens.
        span({
          attributes: {
            ...attributes,
            'gen_ai.operation.name': 'invoke_agent',
          },
        }),
      ),
    );
    expect(
      written
        .flatMap(({ spans }) => spans)
        .map(({ costNanoUsd, reckoned }) => [costNanoUsd, reckoned]),
    ).toEqual([
      [300, true],
      [500_000_000, undefined],
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });

  it('is refused whole with a time when too much is being written, and taken later', async () => {
    isSlow = true;
    const padding = { attributes: { text: 'x'.repeat(14_000_000) } };
    const body = bodyOf(span(padding));
    const first = Array.from({ length: 5 }, () =>
      ingest.take(plugin, 'json', body).then(
        () => 'taken',
        error => error,
      ),
    );
    const refused = (await Promise.race(first)) as IngestOverloadedError;
    expect(refused).toBeInstanceOf(IngestOverloadedError);
    expect(refused.retryAfterSeconds).toBeGreaterThan(0);
    isSlow = false;
    const free = setInterval(() => release?.(), 10);
    // What one sends leaves room for others.
    await ingest.take({ ref: 'agent:default/desk' }, 'json', body);
    const ends = await Promise.all(first);
    clearInterval(free);
    expect(ends.filter(end => end === 'taken')).toHaveLength(3);
    expect(written).toHaveLength(4);
    await ingest.take(plugin, 'json', body);
    expect(written).toHaveLength(5);
  });

  it('costs nobody else their spans when the database cannot hold it', async () => {
    isSlow = true;
    const first = ingest.take(plugin, 'json', bodyOf(span()));
    while (!release) await new Promise(resolve => setTimeout(resolve, 10));
    // These two wait for it, and are written together.
    const others = [span(), span({ name: 'too much' })].map(one =>
      ingest.take(plugin, 'json', bodyOf(one)),
    );
    await new Promise(resolve => setTimeout(resolve, 500));
    isSlow = false;
    release!();
    expect(await Promise.all([first, ...others])).toEqual([
      {},
      {},
      { 'values that cannot be stored': 1 },
    ]);
    expect(written).toHaveLength(2);
  });

  it('is to be sent again when the database is away', async () => {
    isAway = true;
    await expect(
      ingest.take(plugin, 'json', bodyOf(span())),
    ).rejects.toMatchObject({ name: 'ServiceUnavailableError' });
    isAway = false;
    expect(await ingest.take(plugin, 'json', bodyOf(span()))).toEqual({});
  });
});
