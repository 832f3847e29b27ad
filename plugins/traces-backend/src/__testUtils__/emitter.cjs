// A program that only knows OpenTelemetry. It runs on its own, as programs of others do:
// node emitter.cjs <address> <token> <json|protobuf> <compression>
const { context, SpanStatusCode, trace } = require('@opentelemetry/api');
const {
  BasicTracerProvider,
  BatchSpanProcessor,
} = require('@opentelemetry/sdk-trace-base');

const [url, token, format, compression] = process.argv.slice(2);
const { OTLPTraceExporter } = require(format === 'json'
  ? '@opentelemetry/exporter-trace-otlp-http'
  : '@opentelemetry/exporter-trace-otlp-proto');

const provider = new BasicTracerProvider({
  spanProcessors: [
    new BatchSpanProcessor(
      new OTLPTraceExporter({
        url,
        headers: { authorization: `Bearer ${token}` },
        compression,
        // The first request waits until a process has started, on a busy machine.
        timeoutMillis: 60_000,
      }),
    ),
  ],
});
const tracer = provider.getTracer('crew');
const begun = Date.now() - 1_000;
const root = tracer.startSpan('crewai.workflow', {
  startTime: begun,
  attributes: {
    'traceloop.span.kind': 'workflow',
    'gen_ai.agent.id': 'agent:default/desk',
    'session.id': 'c-1',
  },
});
const within = trace.setSpan(context.active(), root);
tracer
  .startSpan(
    'gpt.llm',
    {
      startTime: begun + 10,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'gpt-5',
        'gen_ai.usage.input_tokens': 1000,
        'gen_ai.usage.output_tokens': 50,
        'gen_ai.response.finish_reasons': ['stop'],
        'gen_ai.request.temperature': 0.5,
      },
    },
    within,
  )
  .end();
const tool = tracer.startSpan(
  'search.tool',
  {
    startTime: begun + 20,
    attributes: {
      'traceloop.span.kind': 'tool',
      'traceloop.entity.name': 'search',
    },
  },
  within,
);
tool.recordException(new TypeError('no such index'));
tool.setStatus({ code: SpanStatusCode.ERROR });
tool.end();
root.end();
provider.shutdown().then(() => {
  process.stdout.write(root.spanContext().traceId);
});
