import { mockServices } from '@backstage/backend-test-utils';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type PortalSpan, SpanExporter } from './SpanExporter';

const span = (i: number): PortalSpan => ({
  traceId: '0'.repeat(31) + 1,
  spanId: i.toString(16).padStart(16, '0'),
  name: 'work',
  ...{ startedAt: 1_000, endedAt: 2_000 },
  ...(i === 1 && { error: 'Broke', errorMessage: 'A cog is loose.' }),
  attributes: { text: 'x', count: 1, share: 0.5, yes: true, none: undefined },
});

jest.setTimeout(60_000);

describe('the exporter of spans', () => {
  let server: Server;
  let statuses: number[];
  let received: any[][];
  let warnings: string[];
  let exporter: SpanExporter;

  beforeEach(async () => {
    received = [];
    warnings = [];
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', chunk => chunks.push(chunk));
      request.on('end', () => {
        const status = statuses.shift() ?? 200;
        if (status === 200) {
          const body = JSON.parse(Buffer.concat(chunks).toString());
          received.push(body.resourceSpans[0].scopeSpans[0].spans);
        }
        response.writeHead(status).end('{}');
      });
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    exporter = new SpanExporter({
      auth: mockServices.auth(),
      discovery: mockServices.discovery.mock({
        getBaseUrl: async () => `http://127.0.0.1:${port}`,
      }),
      logger: mockServices.logger.mock({
        warn: message => void warnings.push(String(message)),
      }),
      scope: 'test',
    });
  });

  afterEach(async () => {
    await exporter.close();
    await new Promise(resolve => server.close(resolve));
  });

  it('sends what gathered together, in the form of OTLP', async () => {
    statuses = [];
    exporter.export([span(1)]);
    exporter.export([span(2)]);
    await exporter.close();
    expect(received).toHaveLength(1);
    expect(received[0]).toHaveLength(2);
    expect(received[0][0]).toMatchObject({
      startTimeUnixNano: '1000000000',
      endTimeUnixNano: '2000000000',
      status: { code: 2, message: 'A cog is loose.' },
      attributes: [
        { key: 'text', value: { stringValue: 'x' } },
        { key: 'count', value: { intValue: '1' } },
        { key: 'share', value: { doubleValue: 0.5 } },
        { key: 'yes', value: { boolValue: true } },
        { key: 'error.type', value: { stringValue: 'Broke' } },
      ],
    });
  });

  it('sends it again, once, when it was not taken', async () => {
    statuses = [503];
    exporter.export([span(1)]);
    const deadline = Date.now() + 15_000;
    while (!received.length && Date.now() < deadline) {
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    expect(received.map(spans => spans.length)).toEqual([1]);
    expect(warnings).toHaveLength(1);
  });

  it('says how many it had no room for', async () => {
    statuses = [];
    exporter.export(Array.from({ length: 20_010 }, (_, i) => span(i)));
    await exporter.close();
    expect(received.flat()).toHaveLength(20_000);
    expect(warnings).toEqual(['10 spans found no room and are lost.']);
  });

  it('keeps nothing that cannot be read', async () => {
    statuses = [400];
    exporter.export([span(1)]);
    await exporter.close();
    exporter.export([span(2)]);
    await exporter.close();
    expect(received.flat()).toHaveLength(1);
    expect(warnings).toHaveLength(1);
  });

  it('waits for a plugin that may only be starting, and not for one that is not there', async () => {
    const now = jest.spyOn(Date, 'now').mockReturnValue(1_000);
    try {
      statuses = [404];
      exporter.export([span(1)]);
      await exporter.close();
      await exporter.close();
      expect(received.flat()).toHaveLength(1);

      statuses = [404, 404];
      exporter.export([span(2)]);
      await exporter.close();
      now.mockReturnValue(10 * 60_000 + 1_000);
      await exporter.close();
      await exporter.close();
      expect(received.flat()).toHaveLength(1);
      expect(warnings).toEqual([]);
    } finally {
      now.mockRestore();
    }
  });
});
