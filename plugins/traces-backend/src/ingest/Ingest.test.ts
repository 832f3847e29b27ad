import { mockServices } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { exportOf, span } from '../__testUtils__/payloads';
import { readTracesConfig } from '../config';
import type { TraceWrite } from '../store/TraceWriter';
import { Forwarder } from './Forwarder';
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
  let collector: Server;
  let forwarder: Forwarder;
  let statuses: number[];
  let collected: any[];

  beforeAll(async () => {
    collector = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', chunk => chunks.push(chunk));
      request.on('end', () => {
        const status = statuses.shift() ?? 200;
        if (status === 200) {
          const { authorization } = request.headers;
          collected.push({
            authorization,
            ...JSON.parse(gunzipSync(Buffer.concat(chunks)).toString()),
          });
        }
        response.writeHead(status).end();
      });
    });
    await new Promise<void>(up => collector.listen(0, '127.0.0.1', up));
    const { port } = collector.address() as AddressInfo;
    const config = readTracesConfig(
      new ConfigReader({
        traces: {
          forward: [
            {
              url: `http://127.0.0.1:${port}/v1/traces`,
              headers: { authorization: 'Bearer of-the-collector' },
            },
          ],
        },
      }),
    );
    forwarder = new Forwarder({ config, logger: mockServices.logger.mock() });
    ingest = new Ingest({
      config,
      forwarder,
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
    statuses = [];
    collected = [];
    release = undefined;
    isSlow = false;
    isAway = false;
  });
  afterAll(async () => {
    await ingest.close();
    await new Promise(down => collector.close(down));
  });

  it('is sent on as it is kept, by its GenAI names, when the collector is there again, and once', async () => {
    statuses = [503];
    const sent = span({
      attributes: {
        'openinference.span.kind': 'LLM',
        'llm.model_name': 'gpt',
        'llm.token_count.prompt': 7,
        'input.value': 'What does Dana earn?',
        'agentportal.agent': 'agent:default/other',
      },
    });
    await ingest.take(
      { ref: 'agent:default/desk', agentRef: 'agent:default/desk' },
      'json',
      bodyOf(sent),
    );
    while (!collected.length) {
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    const [{ authorization, resourceSpans }] = collected;
    expect(authorization).toBe('Bearer of-the-collector');
    const [{ spans }] = resourceSpans[0].scopeSpans;
    expect(spans).toHaveLength(1);
    expect(spans[0]).toMatchObject({
      traceId: sent.traceId,
      startTimeUnixNano: sent.startTimeUnixNano,
    });
    expect(spans[0].attributes).toEqual(
      expect.arrayContaining([
        { key: 'gen_ai.request.model', value: { stringValue: 'gpt' } },
        { key: 'gen_ai.usage.input_tokens', value: { intValue: '7' } },
        {
          key: 'agentportal.agent',
          value: { stringValue: 'agent:default/desk' },
        },
      ]),
    );
    expect(JSON.stringify(resourceSpans)).not.toContain('Dana');

    // A portal that is its own collector does not go round in circles.
    await ingest.take(
      plugin,
      'json',
      Buffer.from(JSON.stringify({ resourceSpans })),
    );
    await ingest.take(plugin, 'json', bodyOf(span({ name: 'last' })));
    while (collected.length < 2) {
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    expect(collected[1].resourceSpans[0].scopeSpans[0].spans[0].name).toBe(
      'last',
    );
  });

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
