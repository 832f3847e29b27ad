import type { IncomingMessage } from 'node:http';
import {
  type Context,
  context,
  propagation,
  trace,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import { CallObservation } from './CallObservation';
import { Instruments } from './Instruments';

/** The instrumentation scope of spans and metrics. */
const SCOPE = '@agentportal/model-gateway';

/**
 * Spans and metrics of model calls, by the conventions of OpenTelemetry. Whoever
 * runs the process registers an SDK before it starts; without one this costs
 * nothing but the look at a clock.
 *
 * @public
 */
export class Telemetry {
  readonly #tracer?: Tracer;
  readonly #instruments?: Instruments;

  private constructor(tracer?: Tracer, instruments?: Instruments) {
    this.#tracer = tracer;
    this.#instruments = instruments;
  }

  /** Uses the tracer and meter providers that are registered now. */
  static create(): Telemetry {
    const provider = trace.getTracerProvider() as TracerProvider & {
      /** Of the stand-in that there is until an SDK is registered. */
      getDelegateTracer?(name: string): Tracer | undefined;
    };
    return new Telemetry(
      provider.getDelegateTracer
        ? provider.getDelegateTracer(SCOPE)
        : provider.getTracer(SCOPE),
      Instruments.create(SCOPE),
    );
  }

  /** Begins to watch a call. */
  call(request: IncomingMessage, callId: string): CallObservation {
    const tracer = this.#tracer;
    return new CallObservation({
      callId,
      instruments: this.#instruments,
      tracing: tracer && { tracer, parent: parentOf(request) },
    });
  }
}

/**
 * The span of the web server where it makes one, else what the caller sent as
 * `traceparent`.
 */
function parentOf(request: IncomingMessage): Context {
  const active = context.active();
  return trace.getSpanContext(active)
    ? active
    : propagation.extract(active, request.headers);
}
