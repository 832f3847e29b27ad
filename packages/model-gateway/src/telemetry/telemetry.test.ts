import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  metrics,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { ModelDirectory } from '../directory/ModelDirectory';
import { ModelGateway } from '../ModelGateway';
import type { CallLedger } from '../ports';
import { PriceBook } from '../prices/PriceBook';
import { OpenAiProvider } from '../providers/OpenAiProvider';
import { Telemetry } from './Telemetry';

const SECRET = 'the question that nobody else may read';
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';

const usage = {
  prompt_tokens: 100,
  completion_tokens: 20,
  prompt_tokens_details: { cached_tokens: 40 },
  completion_tokens_details: { reasoning_tokens: 5 },
};

/** A provider whose model `broken` fails. */
async function startProvider(): Promise<Server> {
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) {
      chunks.push(chunk as Buffer);
    }
    const text = Buffer.concat(chunks).toString();
    const asked = text ? JSON.parse(text) : {};
    response.setHeader('content-type', 'application/json');
    if (incoming.url === '/v1/models') {
      response.end(
        JSON.stringify({ data: [{ id: 'good' }, { id: 'broken' }] }),
      );
    } else if (asked.model === 'broken') {
      response.statusCode = 500;
      response.end('{}');
    } else if (asked.stream) {
      response.setHeader('content-type', 'text/event-stream');
      const event = (part: object) =>
        response.write(
          `data: ${JSON.stringify({
            id: 'r-2',
            model: 'good-1',
            ...part,
          })}\n\n`,
        );
      event({ choices: [{ delta: { content: 'Hi' }, finish_reason: null }] });
      event({ choices: [{ delta: {}, finish_reason: 'length' }] });
      event({ choices: [], usage });
      response.end('data: [DONE]\n\n');
    } else {
      setTimeout(() => {
        response.end(
          JSON.stringify({
            id: 'r-1',
            model: 'good-1',
            choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }],
            usage,
          }),
        );
      }, 60);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function startGateway(provider: Server, telemetry?: Telemetry) {
  const clock = { now: () => Date.now() };
  const logger = { warn: () => {}, error: () => {} };
  const directory = new ModelDirectory({
    providers: [
      {
        provider: new OpenAiProvider({
          id: 'fake',
          baseUrl: urlOf(provider, '/v1'),
          timeouts: { connectMs: 1_000, firstByteMs: 5_000, idleMs: 5_000 },
        }),
      },
    ],
    clock,
    logger,
    refOf: id => `model:default/${id.replace('/', '.')}`,
  });
  await directory.refresh();
  const ledger: CallLedger = {
    isLimited: () => true,
    open: async () => {},
    settle: async () => {},
  };
  const rate = { nanoUsdPerMillion: 1_000_000 };
  const gateway = new ModelGateway({
    directory,
    ledger,
    clock,
    logger,
    telemetry,
    priceBook: new PriceBook({
      clock,
      configured: new Map(
        ['fake/good', 'fake/broken'].map(id => [
          id,
          { input: rate, output: rate, version: 'test' },
        ]),
      ),
    }),
    authenticator: {
      authenticate: async () => ({
        grant: undefined,
        account: { agentRef: 'agent:default/order-help', runId: 'run-1' },
        settings: { sessionId: 'talk-1' },
      }),
    },
    policy: {
      decide: async (_caller, { modelIds }) => ({
        allowed: new Set(modelIds),
        refusals: new Map(),
      }),
    },
  });
  const server = createServer((incoming, response) => {
    void gateway.handle(incoming, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await directory.close();
    },
  };
}

function urlOf(server: Server, path: string): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
}

describe('Telemetry', () => {
  const spans = new InMemorySpanExporter();
  const measured = new InMemoryMetricExporter(
    AggregationTemporality.CUMULATIVE,
  );
  const reader = new PeriodicExportingMetricReader({ exporter: measured });
  let provider: Server;
  let gateway: Awaited<ReturnType<typeof startGateway>>;

  beforeAll(async () => {
    trace.setGlobalTracerProvider(
      new BasicTracerProvider({
        spanProcessors: [new SimpleSpanProcessor(spans)],
      }),
    );
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
    // An SDK brings one; this is the half of it that reads.
    propagation.setGlobalPropagator({
      inject: () => {},
      fields: () => ['traceparent'],
      extract(context, carrier, getter) {
        const [, traceId, spanId] = String(
          getter.get(carrier, 'traceparent') ?? '',
        ).split('-');
        return traceId
          ? trace.setSpanContext(context, {
              traceId,
              spanId,
              traceFlags: TraceFlags.SAMPLED,
            })
          : context;
      },
    });
    provider = await startProvider();
    gateway = await startGateway(provider);
  });

  afterAll(async () => {
    await gateway.close();
    provider.closeAllConnections();
    provider.close();
    await reader.shutdown();
    trace.disable();
    metrics.disable();
    propagation.disable();
  });

  beforeEach(() => spans.reset());

  const ask = (body: object, headers: Record<string, string> = {}) =>
    fetch(urlOf(gateway.server, '/chat/completions'), {
      method: 'POST',
      headers,
      body: JSON.stringify({
        model: 'fake/good',
        messages: [{ role: 'user', content: SECRET }],
        ...body,
      }),
    });

  const metric = async (name: string) => {
    await reader.forceFlush();
    return measured
      .getMetrics()
      .at(-1)!
      .scopeMetrics.flatMap(scope => scope.metrics)
      .find(found => found.descriptor.name === name)!;
  };

  it('tells of a call in the words of the conventions, under the span of its caller', async () => {
    const response = await ask(
      { max_tokens: 50, temperature: 0.5, top_p: 0.9 },
      { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01` },
    );
    await response.text();
    const [span] = spans.getFinishedSpans();
    expect(span.name).toBe('chat good');
    expect(span.kind).toBe(SpanKind.CLIENT);
    expect(span.spanContext().traceId).toBe(TRACE_ID);
    expect(span.parentSpanContext?.spanId).toBe(SPAN_ID);
    expect(span.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'fake',
      'gen_ai.request.model': 'good',
      'gen_ai.request.stream': false,
      'gen_ai.request.max_tokens': 50,
      'gen_ai.request.temperature': 0.5,
      'gen_ai.request.top_p': 0.9,
      'gen_ai.response.id': 'r-1',
      'gen_ai.response.model': 'good-1',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 20,
      'gen_ai.usage.cache_read.input_tokens': 40,
      'gen_ai.usage.cache_write.input_tokens': 0,
      'gen_ai.usage.reasoning.output_tokens': 5,
      'gen_ai.conversation.id': 'talk-1',
      'gen_ai.agent.id': 'agent:default/order-help',
      'gen_ai.agent.name': 'order-help',
      'server.address': '127.0.0.1',
      'server.port': (provider.address() as AddressInfo).port,
      'agentportal.call_id': response.headers.get('x-agent-portal-call-id'),
      'agentportal.attempt': 1,
      'agentportal.model': 'fake/good',
      'agentportal.run_id': 'run-1',
      'agentportal.cost_nano_usd': Number(
        response.headers.get('x-agent-portal-cost-nano-usd'),
      ),
      'agentportal.estimated': false,
    });
    expect(JSON.stringify(span.attributes)).not.toContain(SECRET);
  });

  it('tells when the first chunk of a stream came and why it ended', async () => {
    await (await ask({ stream: true })).text();
    const [span] = spans.getFinishedSpans();
    expect(span.attributes).toMatchObject({
      'gen_ai.request.stream': true,
      'gen_ai.response.id': 'r-2',
      'gen_ai.response.finish_reasons': ['length'],
      'gen_ai.response.time_to_first_chunk': expect.any(Number),
    });
    expect(span.parentSpanContext).toBeUndefined();
  });

  it('marks a failed attempt by its code', async () => {
    await (await ask({ model: 'fake/broken' })).text();
    const [span] = spans.getFinishedSpans();
    expect(span.attributes['error.type']).toBe('provider_error');
    expect(span.status).toEqual({
      code: SpanStatusCode.ERROR,
      message: 'provider_error',
    });
    const refusals = await metric('agentportal.gateway.refusals');
    expect(refusals.dataPoints).toContainEqual(
      expect.objectContaining({
        attributes: { 'error.type': 'provider_error' },
        value: 1,
      }),
    );
  });

  it('counts tokens, money and time', async () => {
    const before = await metric('agentportal.gateway.settled');
    const settledBefore = sum(before);
    const response = await ask({});
    await response.text();
    const cost = Number(response.headers.get('x-agent-portal-cost-nano-usd'));
    expect(cost).toBe(120);
    expect(sum(await metric('agentportal.gateway.settled'))).toBe(
      settledBefore + cost,
    );
    expect(sum(await metric('agentportal.gateway.held'))).toBeGreaterThan(cost);
    const input = await metric('gen_ai.client.inference.usage.input_tokens');
    expect(input.dataPoints).toContainEqual(
      expect.objectContaining({
        attributes: expect.objectContaining({
          'gen_ai.provider.name': 'fake',
          'gen_ai.response.model': 'good-1',
          'gen_ai.token.modality': 'unknown',
        }),
      }),
    );
    for (const name of [
      'gen_ai.client.inference.duration',
      'gen_ai.client.inference.time_to_first_chunk',
      'gen_ai.client.inference.operation.output_tokens',
      'agentportal.gateway.overhead',
      'nodejs.eventloop.delay.p99',
    ]) {
      expect((await metric(name)).dataPoints.length).toBeGreaterThan(0);
    }
    expect(sum(await metric('agentportal.gateway.open_streams'))).toBe(0);
  });

  it('tells callers how long it worked itself, without the provider', async () => {
    const began = performance.now();
    const response = await ask({});
    const took = performance.now() - began;
    const overhead = Number(response.headers.get('x-agent-portal-overhead-ms'));
    expect(overhead).toBeGreaterThan(0);
    // The provider alone takes 60 ms; a timer may be a moment early.
    expect(overhead).toBeLessThan(took - 55);
    await response.text();
    const refused = await ask({ model: 'nobody/knows' });
    expect(refused.status).toBe(404);
    expect(refused.headers.get('x-agent-portal-overhead-ms')).toMatch(/^\d/);
    expect(refused.headers.get('x-agent-portal-cost-nano-usd')).toBe('0');
    expect(refused.headers.get('x-agent-portal-call-id')).toBeTruthy();
    await refused.text();
  });

  it('sends the cost of a stream as a trailer to those who take trailers', async () => {
    const asked = httpRequest(urlOf(gateway.server, '/chat/completions'), {
      method: 'POST',
      headers: { te: 'trailers' },
    });
    asked.end(
      JSON.stringify({ model: 'fake/good', messages: [], stream: true }),
    );
    const [response] = await once(asked, 'response');
    expect(response.headers.trailer).toBe('x-agent-portal-cost-nano-usd');
    response.resume();
    await once(response, 'end');
    expect(response.trailers).toEqual({
      'x-agent-portal-cost-nano-usd': '120',
    });
  });
});

function sum(found: { dataPoints: Array<{ value: unknown }> }): number {
  return found.dataPoints.reduce((all, { value }) => all + Number(value), 0);
}
