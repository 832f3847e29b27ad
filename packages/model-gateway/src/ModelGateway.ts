import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ModelDirectory } from './directory/ModelDirectory';
import { GatewayError, ownFault } from './errors';
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
import { Attempt } from './stages/Attempt';
import { authenticate } from './stages/authenticate';
import { callCandidates } from './stages/call';
import { readRequest } from './stages/readRequest';
import {
  type CallFacts,
  respondError,
  respondJson,
  respondStream,
  respondWhole,
} from './stages/respond';
import { type Operation, planRoute } from './stages/route';

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

const OPERATIONS: Record<string, Operation | undefined> = {
  'POST /chat/completions': 'chat',
  'POST /embeddings': 'embeddings',
};

/**
 * One door to every model, in OpenAI's wire format. Each call walks through
 * authenticate, access, route, call, settle and respond; each of them is a
 * module of its own under `stages`.
 *
 * @public
 */
export class ModelGateway<TGrant = unknown> {
  readonly #options: GatewayOptions<TGrant>;
  readonly #limits: GatewayLimits;

  constructor(options: GatewayOptions<TGrant>) {
    this.#options = options;
    this.#limits = options.limits ?? DEFAULT_LIMITS;
  }

  /**
   * Serves `GET /models`, `POST /chat/completions` and `POST /embeddings`. The
   * request's body must not have been read.
   */
  async handle(
    request: IncomingMessage,
    response: ServerResponse,
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
    try {
      await this.#serve(request, response, callId, call.signal);
    } catch (error) {
      const failure = ownFault(error);
      if (failure.status === 503) {
        this.#options.logger.error('A model call failed by a fault of ours', {
          call: callId,
          code: failure.code,
          reason: String(failure.cause ?? failure.message),
        });
      }
      respondError(response, failure, callId);
    } finally {
      clearTimeout(timer);
    }
  }

  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
    callId: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { directory, policy, authenticator } = this.#options;
    const path = (request.url ?? '/').split('?', 1)[0].replace(/\/+$/, '');
    const caller = await authenticate(authenticator, request);
    if (request.method === 'GET' && path === '/models') {
      const names = await accessibleNames(directory, policy, caller);
      respondJson(response, 200, toModelList(names));
      return;
    }
    const operation = OPERATIONS[`${request.method} ${path}`];
    if (!operation) {
      throw new GatewayError(
        404,
        'not_found',
        `There is no ${request.method} ${path} here; use GET /models, POST /chat/completions or POST /embeddings.`,
      );
    }
    const asked = readRequest(
      await readBody(request, {
        maxBytes: this.#limits.maxRequestBytes,
        timeoutMs: this.#limits.requestTimeoutMs,
      }),
    );
    const target = await access(directory, policy, caller, asked.model);
    const plan = planRoute(target, operation);
    const served = await callCandidates({
      plan,
      operation,
      request: asked,
      signal,
      providerOf: id => directory.provider(id),
      openAttempt: (model, attempt) => {
        const { ledger, clock, logger, priceBook } = this.#options;
        return Attempt.open({
          ledger,
          clock,
          logger,
          price: priceBook.priceOf({
            id: model.id,
            modelId: model.modelId,
            publisher: directory.provider(model.provider)?.publisher,
          }),
          requestBytes: Buffer.byteLength(asked.text),
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
          includeUsage: asked.includeUsage,
          signal,
        });
      } else {
        const bill = await attempt.succeed();
        respondWhole(response, answer.whole.body, facts, bill);
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

function toModelList(names: {
  models: Array<{ id: string; provider: string }>;
  routes: string[];
}): string {
  const entry = (id: string, ownedBy: string) => ({
    id,
    object: 'model',
    created: 0,
    owned_by: ownedBy,
  });
  return JSON.stringify({
    object: 'list',
    data: [
      ...names.routes.map(name => entry(name, 'route')),
      ...names.models.map(model => entry(model.id, model.provider)),
    ],
  });
}
