import {
  type Attributes,
  type Context,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
} from '@opentelemetry/api';
import type { AttemptOutcome, AttemptStart } from '../ports';
import {
  cacheReadTokens,
  cacheWriteTokens,
  inputTokens,
  outputTokens,
} from '../usage/tokenUsage';
import { type AnswerFacts, type AnswerPiece, noteAnswer } from './answerFacts';
import type { AttemptFacts } from './CallObservation';
import type { Instruments } from './Instruments';
import { ATTRIBUTE } from './names';
import { providerFacts } from './providerFacts';

/** Told of the life of one attempt. */
export interface AttemptWatch {
  /** The provider has begun to answer. */
  answered(): void;
  note(piece: AnswerPiece): void;
  /** The provider is done; what follows is our own work. */
  end(outcome: AttemptOutcome): void;
}

/** The span and the metrics of one attempt. */
export class AttemptObservation {
  readonly #facts: AttemptFacts;
  readonly #instruments?: Instruments;
  readonly #attributes: Attributes;
  readonly #span?: Span;
  readonly #answer: AnswerFacts = { finishReasons: [] };

  private constructor(options: {
    facts: AttemptFacts;
    attributes: Attributes;
    instruments?: Instruments;
    span?: Span;
  }) {
    this.#facts = options.facts;
    this.#attributes = options.attributes;
    this.#instruments = options.instruments;
    this.#span = options.span?.isRecording() ? options.span : undefined;
  }

  static begin(
    options: AttemptFacts & {
      start: AttemptStart;
      tracing?: { tracer: Tracer; parent: Context };
      instruments?: Instruments;
    },
  ): AttemptObservation {
    const { start, tracing, instruments, ...facts } = options;
    const { model, operation, provider } = facts;
    const server = provider && providerFacts(provider);
    const attributes: Attributes = {
      [ATTRIBUTE.operation]: operation,
      [ATTRIBUTE.provider]: server?.name ?? model.provider,
      [ATTRIBUTE.requestModel]: model.modelId,
      ...(server?.address && {
        [ATTRIBUTE.serverAddress]: server.address,
        [ATTRIBUTE.serverPort]: server.port,
      }),
    };
    const span = tracing?.tracer.startSpan(
      `${operation} ${model.modelId}`,
      {
        kind: server?.address ? SpanKind.CLIENT : SpanKind.INTERNAL,
        // Those by which spans are sampled have to be there from the start.
        attributes: { ...attributes, ...ownAttributes(start) },
      },
      tracing.parent,
    );
    const observation = new AttemptObservation({
      facts,
      attributes,
      instruments,
      span,
    });
    observation.#span?.setAttributes(requestAttributes(facts, start));
    return observation;
  }

  note(piece: AnswerPiece): void {
    if (this.#span || (this.#instruments && !this.#answer.model)) {
      noteAnswer(this.#answer, piece);
    }
  }

  end(outcome: AttemptOutcome): void {
    const { operation, request } = this.#facts;
    const { id, model, finishReasons } = this.#answer;
    this.#instruments?.ended(
      model
        ? { ...this.#attributes, [ATTRIBUTE.responseModel]: model }
        : this.#attributes,
      outcome,
      operation,
      request.stream,
    );
    const span = this.#span;
    if (!span) {
      return;
    }
    span.setAttributes({
      [ATTRIBUTE.responseId]: id,
      [ATTRIBUTE.responseModel]: model,
      ...(finishReasons.length > 0 && {
        [ATTRIBUTE.finishReasons]: finishReasons,
      }),
      ...outcomeAttributes(outcome, request.stream),
    });
    if (outcome.status === 'failed') {
      // The code and not the message, which may quote what was asked.
      span.setStatus({
        code: SpanStatusCode.ERROR,
        message: outcome.errorCode,
      });
    }
    span.end();
  }
}

function ownAttributes(start: AttemptStart): Attributes {
  return {
    [ATTRIBUTE.callId]: start.callId,
    [ATTRIBUTE.attempt]: start.attempt,
    [ATTRIBUTE.role]: start.role,
    [ATTRIBUTE.model]: start.model,
    [ATTRIBUTE.route]: start.route,
    [ATTRIBUTE.run]: start.account.runId,
  };
}

function requestAttributes(
  { request, sessionId }: AttemptFacts,
  { account }: AttemptStart,
): Attributes {
  const { body } = request;
  return {
    [ATTRIBUTE.requestStream]: request.stream,
    [ATTRIBUTE.requestMaxTokens]: number(
      body.max_completion_tokens ?? body.max_tokens,
    ),
    [ATTRIBUTE.requestTemperature]: number(body.temperature),
    [ATTRIBUTE.requestTopP]: number(body.top_p),
    [ATTRIBUTE.requestReasoningLevel]:
      typeof body.reasoning_effort === 'string'
        ? body.reasoning_effort
        : undefined,
    [ATTRIBUTE.conversation]: sessionId,
    [ATTRIBUTE.agentId]: account.agentRef,
    [ATTRIBUTE.agentName]: account.agentRef?.split('/').at(-1),
  };
}

function outcomeAttributes(
  outcome: AttemptOutcome,
  stream: boolean,
): Attributes {
  const { errorCode, savings, ttfbMs, usage } = outcome;
  return {
    [ATTRIBUTE.errorType]: errorCode,
    ...(stream &&
      ttfbMs !== undefined && { [ATTRIBUTE.timeToFirstChunk]: ttfbMs / 1000 }),
    [ATTRIBUTE.inputTokens]: inputTokens(usage),
    [ATTRIBUTE.outputTokens]: outputTokens(usage),
    [ATTRIBUTE.cacheReadTokens]: cacheReadTokens(usage),
    [ATTRIBUTE.cacheWriteTokens]: cacheWriteTokens(usage),
    [ATTRIBUTE.reasoningTokens]: usage.reasoning,
    [ATTRIBUTE.audioInputTokens]: usage.inputAudio,
    [ATTRIBUTE.audioOutputTokens]: usage.outputAudio,
    [ATTRIBUTE.imageInputTokens]: usage.inputImage,
    [ATTRIBUTE.imageOutputTokens]: usage.outputImage,
    [ATTRIBUTE.cost]: outcome.costNanoUsd,
    [ATTRIBUTE.estimated]: outcome.estimated,
    ...(savings?.cacheNanoUsd !== undefined && { [ATTRIBUTE.cache]: 'hit' }),
  };
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
