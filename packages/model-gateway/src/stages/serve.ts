import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Exchange } from '../formats/InputFormat';
import type { Surface } from '../formats/surfaces';
import type { CallObservation } from '../telemetry/CallObservation';
import { readBody, readBytes } from '../http/readBody';
import type { GatewayParts } from './GatewayParts';
import { GatewayError, ownFault } from '../errors';
import type { GuardedCall } from '../guard/CallGuard';
import { guardAnswer } from '../guard/guardAnswer';
import { guardPrompt, toldIn } from '../guard/guardPrompt';
import type { Authenticator, Caller } from '../ports';
import { countTokens } from '../formats/anthropic/countTokens';
import type { InputFormat } from '../formats/InputFormat';
import { whereItFits } from '../formats/whereItFits';
import type { Bill } from './Attempt';
import type { CacheHit } from '../cache/recalled';
import { access, accessibleNames, type AllowedTarget } from './access';
import { listenTo, respondWithoutModel } from './cache';
import { callCandidates } from './call';
import { compress } from './compress';
import { ofCall, ownHeaders, respondJson, respondWith } from './respond';
import { startAttempts } from './openAttempt';

/** A request that has come in, and how it is answered. */
export interface Started {
  request: IncomingMessage;
  response: ServerResponse;
  surface: Surface;
  callId: string;
  seen: CallObservation;
  /** Aborted when the caller goes away or the call takes too long. */
  signal: AbortSignal;
  abort(reason: Error): void;
  /** Once the caller is known: why it may not go on. */
  whyEnded?(): Promise<Error | undefined>;
  /** Once the request has been read. */
  exchange?: Exchange;
  guarded?: GuardedCall;
  /** Once an answer that had begun has failed. */
  bill?: Bill;
}

/** Finds out who calls and what for, and gives it. */
export async function serve<TGrant>(
  parts: GatewayParts<TGrant>,
  started: Started,
): Promise<void> {
  const { request, response, seen, surface } = started;
  const path = (request.url ?? '/').split('?', 1)[0].replace(/\/+$/, '');
  const caller = await authenticate(parts.authenticator, request);
  started.whyEnded = caller.whyEnded;
  const stopWatching = caller.watch?.(reason =>
    started.abort(mayNotGoOn(reason)),
  );
  if (stopWatching) {
    response.once('close', stopWatching);
  }
  const asks = `${request.method} ${path}`;
  if (asks === 'GET /models') {
    const names = await accessibleNames(parts.directory, parts.policy, caller);
    const body = JSON.stringify(surface.models(names));
    respondJson(response, 200, body, ownHeaders(seen));
    return;
  }
  const counted = surface.counts.get(asks);
  const format = surface.formats.get(asks) ?? counted;
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
  const limits = {
    maxBytes: parts.limits.maxRequestBytes,
    timeoutMs: parts.limits.requestTimeoutMs,
  };
  const body = await seen.elsewhere<string | Buffer>(
    format.body === 'form'
      ? readBytes(request, limits)
      : readBody(request, limits),
  );
  await serveCall(parts, started, {
    caller,
    format,
    body,
    onlyCounts: counted !== undefined,
  });
}

/** The answer of a call that the guard stops: a sentence, so that nobody tries again. */
function refused(sentence: string, { models }: AllowedTarget): CacheHit {
  return {
    answer: { text: sentence },
    model: models[0].id,
    costNanoUsd: 0,
    reason: `No model was asked. ${sentence}`,
    brief: 'The guard refused what was written.',
    finishReason: 'content_filter',
  };
}

/** What ends the call of a caller who lost the right to it. */
export function mayNotGoOn(reason: Error): GatewayError {
  return new GatewayError(403, 'access_denied', reason.message, {
    cause: reason,
  });
}

/** Finds out who calls. A fault of the authenticator is ours, not the caller's. */
async function authenticate<TGrant>(
  authenticator: Authenticator<TGrant>,
  request: IncomingMessage,
): Promise<Caller<TGrant>> {
  try {
    return await authenticator.authenticate(request);
  } catch (error) {
    throw ownFault(error);
  }
}

/**
 * Walks one call through its stages: access, the guard, memory, route, compression,
 * the models, and the answer.
 */
async function serveCall<TGrant>(
  parts: GatewayParts<TGrant>,
  started: Started,
  asked: {
    caller: Caller<TGrant>;
    format: InputFormat;
    /** The body of the request, as bytes where it is a form. */
    body: string | Buffer;
    /** Only the tokens are asked for, and no model is called. */
    onlyCounts: boolean;
  },
): Promise<void> {
  const { directory, policy, routing } = parts;
  const { callId, response, seen, signal } = started;
  const { body, caller, format, onlyCounts } = asked;
  const { headers } = started.request;
  const about = { headers, callId, receivedAt: parts.clock.now() };
  const written =
    typeof body === 'string'
      ? { ...about, text: body }
      : { ...about, text: '', form: body };
  const read = format.read(written);
  started.exchange = read;
  const { operation } = format;
  const target = await access(directory, policy, caller, read.request.model);
  const { passed } = read.request;
  const guarded =
    operation === 'chat' || passed
      ? parts.guard?.begin({
          callId,
          caller,
          text: written.text || JSON.stringify(read.request.body),
          told: () => toldIn(read),
          trace: finding => seen.found(finding, caller.account.runId),
        })
      : undefined;
  started.guarded = guarded;
  const told = await guardPrompt(guarded, {
    exchange: read,
    raw: written,
    format,
  });
  const { exchange: received, raw } = told;
  started.exchange = received;
  const { request } = received;
  const trailers = /\btrailers\b/i.test(String(headers.te ?? ''));
  const call = { callId, caller, headers, target, signal, request };
  // Whoever asks whether a text is unsafe may send one that is.
  if (told.refusal !== undefined && passed && operation !== 'moderation') {
    throw new GatewayError(403, 'access_denied', told.refusal);
  }
  if (told.refusal !== undefined && !onlyCounts && !passed) {
    await respondWithoutModel(
      response,
      { hit: refused(told.refusal, target), by: 'guard' },
      { ...parts, ...call, exchange: received, seen, trailers },
    );
    return;
  }
  const recalling = onlyCounts
    ? undefined
    : parts.cache?.recall(call, operation);
  const recalled = recalling && (await recalling);
  if (recalled?.hit) {
    await respondWithoutModel(
      response,
      { ...recalled, hit: recalled.hit, by: 'answer-cache', guarded },
      { ...parts, ...call, exchange: received, seen, trailers },
    );
    return;
  }
  const plan = whereItFits(
    routing.plan({
      target,
      operation,
      request,
      account: caller.account,
      settings: caller.settings,
    }),
    request.native,
    directory,
  );
  if (onlyCounts) {
    const counted = await seen.elsewhere(countTokens(parts, { ...call, plan }));
    respondJson(response, 200, JSON.stringify(counted), ownHeaders(seen));
    return;
  }
  if (told.note) {
    plan.notes.push(told.note);
  }
  // After the route is chosen, so that a conversation is known by its own words.
  const { exchange, compression } = compress({
    exchange: received,
    format,
    raw,
    settings: caller.settings,
  });
  const served = await callCandidates({
    ...routing.shared,
    readingOn: parts.readingOn,
    faults: parts.faults,
    plan,
    operation,
    request: exchange.request,
    signal,
    openAttempt: startAttempts(parts, {
      callId,
      caller,
      compression,
      operation,
      plan,
      received: request,
      request: exchange.request,
      seen,
    }),
  });
  const { attempt } = served;
  attempt.answered();
  try {
    // What is remembered is what its caller has read.
    // What is passed on is no text of a model's, and large.
    const answer = passed
      ? served.answer
      : await guardAnswer(served.answer, guarded);
    await respondWith(response, listenTo(answer, recalled), {
      attempt,
      exchange,
      facts: {
        seen,
        model: served.model.id,
        reason: served.reason,
        hidden: () => guarded?.hidden?.() ?? [],
        headers: [compression?.headers, recalled?.headers, attempt.headers],
      },
      operation,
      signal,
      trailers,
    });
    recalled?.keep?.(served.model.id, await attempt.succeed());
  } catch (error) {
    const failure = signal.aborted ? signal.reason : error;
    started.bill = ofCall(await attempt.fail(failure), seen);
    throw failure;
  }
}
