import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { GatewayError, ownFault } from './errors';
import { toEvent } from './formats/InputFormat';
import { type GatewaySurface, SURFACES } from './formats/surfaces';
import type { GatewayOptions } from './GatewayOptions';
import { newCallId } from './http/callId';
import type { HealthRow } from './routing/health/ProviderHealth';
import { createParts, type GatewayParts } from './stages/GatewayParts';
import { respondError } from './stages/respond';
import { mayNotGoOn, serve, type Started } from './stages/serve';
import { Telemetry } from './telemetry/Telemetry';

/** How long a call that was broken off goes on at most while it is asked why. */
const ASK_MS = 1_000;

/**
 * One door to every model, in the wire formats of OpenAI (chat completions,
 * responses, embeddings) and Anthropic (messages). Each call walks through
 * authenticate, access, route, call, settle and respond; each of them is a
 * module of its own under `stages`.
 *
 * @public
 */
export class ModelGateway<TGrant = unknown> {
  readonly #parts: GatewayParts<TGrant>;
  readonly #telemetry: Telemetry;

  constructor(options: GatewayOptions<TGrant>) {
    this.#parts = createParts(options);
    this.#telemetry = options.telemetry ?? Telemetry.create();
  }

  /** How every model that was called has done lately, as this process saw it. */
  health(): HealthRow[] {
    return this.#parts.routing.health.list();
  }

  /**
   * Serves `GET /models` and, by the surface, `POST /chat/completions`,
   * `/responses`, `/embeddings` and what is passed on (`/moderations`, `/rerank`,
   * `/images/*`, `/audio/*`), or `POST /messages` and `/messages/count_tokens`. The request's body must not have been read.
   */
  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    surfaceName: GatewaySurface = 'openai',
  ): Promise<void> {
    const { callTimeoutMs } = this.#parts.limits;
    const callId = newCallId();
    const call = new AbortController();
    const timer = setTimeout(
      () => call.abort(tookTooLong(callTimeoutMs)),
      callTimeoutMs,
    );
    const started: Started = {
      request,
      response,
      surface: SURFACES[surfaceName],
      callId,
      seen: this.#telemetry.call(request, callId),
      signal: call.signal,
      abort: reason => call.abort(reason),
    };
    response.on('close', () => {
      clearTimeout(timer);
      if (!response.writableFinished) {
        void whyGone(started).then(reason => call.abort(reason));
      }
    });
    try {
      await serve(this.#parts, started);
    } catch (error) {
      this.#answerError(started, ownFault(error));
    } finally {
      clearTimeout(timer);
      started.guarded?.end();
      started.seen.end();
    }
  }

  #answerError(started: Started, failure: GatewayError): void {
    const { callId, seen, surface } = started;
    if (failure.status === 503 && failure.code !== 'model_unavailable') {
      this.#parts.logger.error('A model call failed by a fault of ours', {
        call: callId,
        code: failure.code,
        reason: String(failure.cause ?? failure.message),
      });
    }
    const body = surface.error(failure, callId);
    seen.refused(failure.code);
    respondError(started.response, failure, seen, {
      body,
      event: () =>
        started.exchange
          ? started.exchange.failure(failure, started.bill)
          : toEvent('error', JSON.stringify(body)),
    });
  }
}

/** Whoever runs an agent that was suspended breaks its calls off, and cannot say why. */
async function whyGone({ whyEnded }: Started): Promise<GatewayError> {
  const reason = await Promise.race([
    whyEnded?.().catch(() => undefined),
    whyEnded && delay(ASK_MS, undefined, { ref: false }),
  ]);
  return reason
    ? mayNotGoOn(reason)
    : new GatewayError(
        499,
        'client_gone',
        'Whoever asked ended the call before there was an answer.',
      );
}

function tookTooLong(timeoutMs: number): GatewayError {
  return new GatewayError(
    504,
    'provider_timeout',
    `The call took longer than ${timeoutMs} ms and was broken off.`,
  );
}
