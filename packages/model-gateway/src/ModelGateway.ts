import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ModelDirectory } from './directory/ModelDirectory';
import { GatewayError, ownFault } from './errors';
import { countTokens } from './formats/anthropic/countTokens';
import { type Exchange, toEvent } from './formats/InputFormat';
import { whereItFits } from './formats/whereItFits';
import {
  type GatewaySurface,
  type Surface,
  SURFACES,
} from './formats/surfaces';
import { readBody } from './http/readBody';
import type {
  AccessPolicy,
  Authenticator,
  CallLedger,
  Clock,
  GatewayLogger,
} from './ports';
import type { PriceBook } from './prices/PriceBook';
import { access, accessibleNames } from './stages/access';
import { authenticate } from './stages/authenticate';
import { DEFAULT_OUTPUT_CAP } from './stages/hold';
import { LateSettlements } from './stages/LateSettlements';
import { openAttempt } from './stages/openAttempt';
import { callCandidates } from './stages/call';
import {
  type CallFacts,
  respondError,
  respondJson,
  respondStream,
  respondWhole,
} from './stages/respond';
import { planRoute } from './stages/route';

/**
 * How much a caller may send and how long a call may take.
 *
 * @public
 */
export interface GatewayLimits {
  maxRequestBytes: number;
  /** For the request to arrive. */
  requestTimeoutMs: number;
  /** For the whole call, all attempts and the last byte included. */
  callTimeoutMs: number;
  /**
   * Largest answer in tokens where a budget applies and neither the caller nor
   * the model names one. Default is 4096.
   */
  outputCap?: number;
}

/**
 * The limits unless the operator says otherwise.
 *
 * @public
 */
export const DEFAULT_LIMITS: GatewayLimits = {
  maxRequestBytes: 20 * 1024 * 1024,
  requestTimeoutMs: 30_000,
  callTimeoutMs: 10 * 60_000,
};

/**
 * One door to every model, in the wire formats of OpenAI (chat completions,
 * responses, embeddings) and Anthropic (messages). Each call walks through
 * authenticate, access, route, call, settle and respond; each of them is a
 * module of its own under `stages`.
 *
 * @public
 */
export class ModelGateway<TGrant = unknown> {
  readonly #options: GatewayOptions<TGrant>;
  readonly #limits: GatewayLimits;
  readonly #late: LateSettlements;

  constructor(options: GatewayOptions<TGrant>) {
    this.#options = options;
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.#late = new LateSettlements(options);
  }

  /**
   * Serves `GET /models` and, by the surface, `POST /chat/completions`,
   * `/responses` and `/embeddings`, or `POST /messages` and
   * `/messages/count_tokens`. The request's body must not have been read.
   */
  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    surfaceName: GatewaySurface = 'openai',
  ): Promise<void> {
    const callId = randomBytes(12).toString('base64url');
    const call = new AbortController();
    const timer = setTimeout(
      () =>
        call.abort(
          new GatewayError(
            504,
            'provider_timeout',
            `The call took longer than ${
              this.#limits.callTimeoutMs
            } ms and was broken off.`,
          ),
        ),
      this.#limits.callTimeoutMs,
    );
    response.on('close', () => {
      clearTimeout(timer);
      if (!response.writableFinished) {
        call.abort(
          new GatewayError(499, 'client_gone', 'The caller has gone away.'),
        );
      }
    });
    const surface = SURFACES[surfaceName];
    const started: Started = { surface, callId, signal: call.signal };
    try {
      await this.#serve(request, response, started);
    } catch (error) {
      const failure = ownFault(error);
      if (failure.status === 503) {
        this.#options.logger.error('A model call failed by a fault of ours', {
          call: callId,
          code: failure.code,
          reason: String(failure.cause ?? failure.message),
        });
      }
      const body = surface.error(failure, callId);
      respondError(response, failure, callId, {
        body,
        event: () =>
          started.exchange?.failure(failure) ??
          toEvent('error', JSON.stringify(body)),
      });
    } finally {
      clearTimeout(timer);
    }
  }

  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
    started: Started,
  ): Promise<void> {
    const { directory, policy, authenticator } = this.#options;
    const { surface, callId, signal } = started;
    const path = (request.url ?? '/').split('?', 1)[0].replace(/\/+$/, '');
    const caller = await authenticate(authenticator, request);
    if (request.method === 'GET' && path === '/models') {
      const names = await accessibleNames(directory, policy, caller);
      respondJson(response, 200, JSON.stringify(surface.models(names)));
      return;
    }
    const asks = `${request.method} ${path}`;
    const format = surface.formats.get(asks) ?? surface.counts.get(asks);
    if (!format) {
      throw new GatewayError(
        404,
        'not_found',
        `There is no ${asks} here; use ${[
          'GET /models',
          ...surface.formats.keys(),
        ].join(', ')}.`,
      );
    }
    const text = await readBody(request, {
      maxBytes: this.#limits.maxRequestBytes,
      timeoutMs: this.#limits.requestTimeoutMs,
    });
    const { headers } = request;
    const receivedAt = this.#options.clock.now();
    const exchange = format.read({ text, headers, callId, receivedAt });
    started.exchange = exchange;
    const { operation } = format;
    const asked = exchange.request;
    const target = await access(directory, policy, caller, asked.model);
    const plan = whereItFits(
      planRoute(target, operation),
      asked.native,
      directory,
    );
    if (surface.counts.has(asks)) {
      const counted = await countTokens(plan, asked, directory, signal);
      respondJson(response, 200, JSON.stringify(counted));
      return;
    }
    const served = await callCandidates({
      plan,
      operation,
      request: asked,
      signal,
      providerOf: id => directory.provider(id),
      openAttempt: (model, attempt) => {
        const { ledger, clock, logger, priceBook } = this.#options;
        return openAttempt({
          ledger,
          clock,
          logger,
          late: this.#late,
          request: asked,
          operation,
          model,
          outputCap: this.#limits.outputCap ?? DEFAULT_OUTPUT_CAP,
          price: priceBook.priceOf({
            id: model.id,
            modelId: model.modelId,
            publisher: directory.provider(model.provider)?.publisher,
          }),
          start: {
            id: `${callId}-${attempt}`,
            callId,
            attempt,
            createdAt: clock.now(),
            provider: model.provider,
            model: model.id,
            route: plan.route,
            account: caller.account,
          },
        });
      },
    });
    const facts: CallFacts = {
      callId,
      model: served.model.id,
      reason: served.reason,
    };
    const { attempt, answer } = served;
    try {
      if (answer.kind === 'stream') {
        await respondStream(response, answer.chunks, facts, attempt, {
          exchange,
          signal,
        });
      } else {
        const bill = await attempt.succeed();
        const body = exchange.whole(answer.whole, bill);
        respondWhole(response, body, facts, bill);
      }
    } catch (error) {
      const failure = signal.aborted ? signal.reason : error;
      await attempt.fail(failure);
      throw failure;
    }
  }
}

/**
 * What a gateway is made of.
 *
 * @public
 */
export interface GatewayOptions<TGrant> {
  directory: ModelDirectory;
  priceBook: PriceBook;
  authenticator: Authenticator<TGrant>;
  policy: AccessPolicy<TGrant>;
  ledger: CallLedger;
  clock: Clock;
  logger: GatewayLogger;
  limits?: GatewayLimits;
}

/** A call that is being served. */
interface Started {
  surface: Surface;
  callId: string;
  signal: AbortSignal;
  /** Once the request has been read. */
  exchange?: Exchange;
}
