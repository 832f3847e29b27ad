import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnswerCache } from './cache/AnswerCache';
import { type CacheOptions, createAnswerCache } from './cache/CacheOptions';
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
import { newCallId } from './http/callId';
import { readBody } from './http/readBody';
import { DEFAULT_LIMITS, type GatewayLimits } from './limits';
import type {
  AccessPolicy,
  Authenticator,
  CallLedger,
  Clock,
  GatewayLogger,
} from './ports';
import type { PriceBook } from './prices/PriceBook';
import { ServedTiers } from './prices/ServedTiers';
import { UnpricedModels } from './prices/UnpricedModels';
import type { HealthRow } from './routing/health/ProviderHealth';
import { Routing, type RoutingOptions } from './routing/Routing';
import { access, accessibleNames } from './stages/access';
import { authenticate } from './stages/authenticate';
import { listenTo, respondFromMemory } from './stages/cache';
import { compress, withCompression } from './stages/compress';
import { DEFAULT_OUTPUT_CAP } from './stages/hold';
import { LateSettlements } from './stages/LateSettlements';
import { openAttempt } from './stages/openAttempt';
import { callCandidates } from './stages/call';
import {
  type CallFacts,
  ownHeaders,
  respondError,
  respondJson,
  respondStream,
  respondWhole,
} from './stages/respond';
import type { CallObservation } from './telemetry/CallObservation';
import { Telemetry } from './telemetry/Telemetry';

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
  readonly #unpriced: UnpricedModels;
  readonly #tiers = new ServedTiers();
  readonly #telemetry: Telemetry;
  readonly #routing: Routing;
  readonly #cache?: AnswerCache;

  constructor(options: GatewayOptions<TGrant>) {
    this.#options = options;
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.#late = new LateSettlements(options);
    this.#unpriced = new UnpricedModels({
      mode: options.unpriced,
      logger: options.logger,
    });
    this.#telemetry = options.telemetry ?? Telemetry.create();
    this.#routing = new Routing({ ...options, ...options.routing });
    this.#cache =
      options.cache &&
      createAnswerCache(options.cache, {
        ...options,
        late: this.#late,
        unpriced: this.#unpriced,
      });
  }

  /** How every model that was called has done lately, as this process saw it. */
  health(): HealthRow[] {
    return this.#routing.health.list();
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
    const callId = newCallId();
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
    const seen = this.#telemetry.call(request, callId);
    const started: Started = { surface, callId, seen, signal: call.signal };
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
      seen.refused(failure.code);
      respondError(response, failure, seen, {
        body,
        event: () =>
          started.exchange?.failure(failure) ??
          toEvent('error', JSON.stringify(body)),
      });
    } finally {
      clearTimeout(timer);
      seen.end();
    }
  }

  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
    started: Started,
  ): Promise<void> {
    const { directory, policy, authenticator } = this.#options;
    const { surface, callId, seen, signal } = started;
    const path = (request.url ?? '/').split('?', 1)[0].replace(/\/+$/, '');
    const caller = await authenticate(authenticator, request);
    if (request.method === 'GET' && path === '/models') {
      const names = await accessibleNames(directory, policy, caller);
      respondJson(
        response,
        200,
        JSON.stringify(surface.models(names)),
        ownHeaders(seen),
      );
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
    const text = await seen.elsewhere(
      readBody(request, {
        maxBytes: this.#limits.maxRequestBytes,
        timeoutMs: this.#limits.requestTimeoutMs,
      }),
    );
    const { headers } = request;
    const receivedAt = this.#options.clock.now();
    const raw = { text, headers, callId, receivedAt };
    const received = format.read(raw);
    started.exchange = received;
    const { operation } = format;
    const asked = received.request;
    const target = await access(directory, policy, caller, asked.model);
    const trailers = /\btrailers\b/i.test(String(headers.te ?? ''));
    const call = { callId, caller, headers, target, signal, request: asked };
    const recalling = surface.counts.has(asks)
      ? undefined
      : this.#cache?.recall(call, operation);
    const recalled = recalling && (await recalling);
    if (recalled?.hit) {
      await respondFromMemory(response, recalled, {
        ...this.#options,
        ...call,
        late: this.#late,
        exchange: received,
        seen,
        trailers,
      });
      return;
    }
    const plan = whereItFits(
      this.#routing.plan({
        target,
        operation,
        request: asked,
        account: caller.account,
        settings: caller.settings,
      }),
      asked.native,
      directory,
    );
    if (surface.counts.has(asks)) {
      const counted = await seen.elsewhere(
        countTokens(plan, asked, directory, signal),
      );
      respondJson(response, 200, JSON.stringify(counted), ownHeaders(seen));
      return;
    }
    // After the route is chosen, so that a conversation is known by its own words.
    const { exchange, compression } = compress({
      exchange: received,
      format,
      raw,
      settings: caller.settings,
    });
    const savingsOf = this.#routing.savingsOf(plan);
    const served = await callCandidates({
      ...this.#routing.shared,
      plan,
      operation,
      request: exchange.request,
      signal,
      openAttempt: (model, { number: attempt, role, reason }) => {
        const { ledger, clock, logger, priceBook } = this.#options;
        const price = priceBook.priceOf({
          id: model.id,
          modelId: model.modelId,
          publisher: directory.provider(model.provider)?.publisher,
        });
        return openAttempt({
          ledger,
          clock,
          logger,
          late: this.#late,
          observe: seen.attempt({
            operation,
            model,
            provider: directory.provider(model.provider),
            request: asked,
            sessionId: caller.settings?.sessionId,
          }),
          savingsOf: withCompression(savingsOf, compression, price),
          request: exchange.request,
          operation,
          model,
          outputCap: this.#limits.outputCap ?? DEFAULT_OUTPUT_CAP,
          unpriced: this.#unpriced,
          tiers: this.#tiers,
          price,
          start: {
            id: `${callId}-${attempt}`,
            callId,
            attempt,
            createdAt: clock.now(),
            provider: model.provider,
            model: model.id,
            route: plan.route,
            account: caller.account,
            role,
            reason,
            features: plan.features,
          },
        });
      },
    });
    const facts: CallFacts = {
      seen,
      model: served.model.id,
      reason: served.reason,
      headers: {
        ...compression?.headers,
        ...recalled?.headers,
        ...served.attempt.headers,
      },
    };
    const { attempt } = served;
    const answer = listenTo(served.answer, recalled);
    attempt.answered();
    try {
      if (answer.kind === 'stream') {
        seen.answering(operation, true);
        await respondStream(response, answer.chunks, facts, attempt, {
          exchange,
          signal,
          trailers,
        });
      } else {
        const bill = await attempt.succeed();
        seen.answering(operation);
        const body = exchange.whole(answer.whole, bill);
        respondWhole(response, body, facts, bill);
      }
      recalled?.keep?.(served.model.id, await attempt.succeed());
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
  routing?: RoutingOptions;
  /** Answers from memory; without it nobody gets any. */
  cache?: CacheOptions;
  /**
   * What happens with models without a price where a budget applies: their calls
   * count as free, which is the default, or are refused.
   */
  unpriced?: 'allow' | 'refuse';
  /** Spans and metrics; by default those of the registered SDK. */
  telemetry?: Telemetry;
}

/** A call that is being served. */
interface Started {
  surface: Surface;
  callId: string;
  seen: CallObservation;
  signal: AbortSignal;
  /** Once the request has been read. */
  exchange?: Exchange;
}
