import { type Context, SpanKind, type Tracer } from '@opentelemetry/api';
import type { GatewayModel } from '../directory/model';
import type { GuardFinding } from '../guard/CallGuard';
import type { AttemptOutcome, AttemptStart } from '../ports';
import type { ModelProvider } from '../providers/ModelProvider';
import type { ModelRequest } from '../stages/readRequest';
import type { Operation } from '../stages/route';
import { AttemptObservation, type AttemptWatch } from './AttemptObservation';
import type { Instruments } from './Instruments';
import { ATTRIBUTE } from './names';

/**
 * What is seen of one call: how long it was with us and how long with others,
 * and its attempts.
 */
export class CallObservation {
  readonly callId: string;
  readonly #instruments?: Instruments;
  readonly #tracing?: { tracer: Tracer; parent: Context };
  readonly #startedAt = performance.now();
  #elsewhereMs = 0;
  #costNanoUsd = 0;
  #streaming = false;

  constructor(options: {
    callId: string;
    instruments?: Instruments;
    tracing?: { tracer: Tracer; parent: Context };
  }) {
    this.callId = options.callId;
    this.#instruments = options.instruments;
    this.#tracing = options.tracing;
  }

  /**
   * Milliseconds since the call came in, without those in which it waited for its
   * own request to arrive or for a provider.
   */
  get overheadMs(): number {
    return Math.max(0, performance.now() - this.#startedAt - this.#elsewhereMs);
  }

  /** Of all attempts that have ended, in integer nano-USD. */
  get costNanoUsd(): number {
    return this.#costNanoUsd;
  }

  /** Waits for something that is not our own work. */
  async elsewhere<T>(work: Promise<T>): Promise<T> {
    const since = performance.now();
    try {
      return await work;
    } finally {
      this.#elsewhereMs += performance.now() - since;
    }
  }

  /** What to tell of an attempt that is about to be written down. */
  attempt(call: AttemptFacts): (start: AttemptStart) => AttemptWatch {
    return start => {
      if (start.boundNanoUsd) {
        this.#instruments?.held(start.boundNanoUsd);
      }
      const observation =
        (this.#tracing || this.#instruments) &&
        AttemptObservation.begin({
          ...call,
          start,
          tracing: this.#tracing,
          instruments: this.#instruments,
        });
      return this.#timed(observation);
    };
  }

  /** The guard has found something; a step of its own in the trace. */
  found({ action, count, finds, on }: GuardFinding, runId?: string): void {
    this.#tracing?.tracer
      .startSpan(
        `apply_guardrail ${finds}`,
        {
          kind: SpanKind.INTERNAL,
          attributes: {
            [ATTRIBUTE.operation]: 'apply_guardrail',
            [ATTRIBUTE.callId]: this.callId,
            [ATTRIBUTE.run]: runId,
            [ATTRIBUTE.guardOn]: on,
            [ATTRIBUTE.guardFinds]: finds,
            [ATTRIBUTE.guardAction]: action,
            [ATTRIBUTE.guardCount]: count,
          },
        },
        this.#tracing.parent,
      )
      .end();
  }

  /** The head of the answer goes out. */
  answering(operation: Operation, stream = false): void {
    this.#instruments?.overhead(this.overheadMs, operation);
    if (stream) {
      this.#instruments?.streams(1);
      this.#streaming = true;
    }
  }

  refused(code: string): void {
    this.#instruments?.refused(code);
  }

  end(): void {
    if (this.#streaming) {
      this.#streaming = false;
      this.#instruments?.streams(-1);
    }
  }

  /** An attempt is with its provider until the first piece of an answer. */
  #timed(observation: AttemptObservation | undefined): AttemptWatch {
    const since = performance.now();
    let away = true;
    const back = () => {
      if (away) {
        away = false;
        this.#elsewhereMs += performance.now() - since;
      }
    };
    return {
      answered: back,
      note: piece => {
        back();
        observation?.note(piece);
      },
      end: (outcome: AttemptOutcome) => {
        back();
        this.#costNanoUsd += outcome.costNanoUsd;
        observation?.end(outcome);
      },
    };
  }
}

/** What is known of an attempt besides what is written down. */
export interface AttemptFacts {
  operation: Operation;
  model: GatewayModel;
  provider?: ModelProvider;
  request: ModelRequest;
  /** Of the conversation. */
  sessionId?: string;
}
