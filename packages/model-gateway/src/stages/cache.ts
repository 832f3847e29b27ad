import type { ServerResponse } from 'node:http';
import type { AskedCall, CacheHit, Recalled } from '../cache/recalled';
import { replayChunks, replayWhole } from '../cache/replay';
import type { TextAnswer } from '../cache/textAnswer';
import type { Exchange } from '../formats/InputFormat';
import type { GuardedCall } from '../guard/CallGuard';
import { guardAnswer } from '../guard/guardAnswer';
import type { Price } from '../prices/price';
import type { CallObservation } from '../telemetry/CallObservation';
import { Attempt, type AttemptOptions } from './Attempt';
import type { Answer } from './begin';
import { respondWith } from './respond';

/** What an answer costs that no model gives. */
const FREE: Omit<Price, 'version'> = {
  input: { nanoUsdPerMillion: 0 },
  output: { nanoUsdPerMillion: 0 },
};

/**
 * Answers without a model, from memory or with a refusal, in the format of the caller. It is written down like any
 * call, with what was saved, and holds nothing on any budget.
 */
export async function respondWithoutModel(
  response: ServerResponse,
  given: {
    hit: CacheHit;
    headers?: Recalled['headers'];
    /** What its price is called in the ledger. */
    by: 'answer-cache' | 'guard';
    guarded?: GuardedCall;
  },
  call: Pick<AttemptOptions, 'ledger' | 'clock' | 'logger' | 'late'> &
    Pick<AskedCall, 'callId' | 'caller' | 'target' | 'signal'> & {
      exchange: Exchange;
      seen: CallObservation;
      trailers: boolean;
    },
): Promise<void> {
  const { callId, caller, clock, exchange, seen, signal, target } = call;
  const { by, guarded, hit } = given;
  const model = target.models.find(({ id }) => id === hit.model)!;
  const createdAt = clock.now();
  const attempt = await Attempt.open({
    ledger: call.ledger,
    clock,
    logger: call.logger,
    late: call.late,
    // No provider is named, because none is asked.
    observe: seen.attempt({
      operation: 'chat',
      model,
      request: exchange.request,
      sessionId: caller.settings?.sessionId,
    }),
    price: { ...FREE, version: by },
    requestBytes: 0,
    savingsOf: () => ({ cacheNanoUsd: hit.costNanoUsd }),
    start: {
      id: `${callId}-1`,
      callId,
      attempt: 1,
      createdAt,
      provider: model.provider,
      model: model.id,
      route: target.route?.name,
      account: caller.account,
      reason: hit.brief,
    },
  });
  const answer = await guardAnswer(
    answerOf(hit.answer, exchange, {
      callId,
      createdAt,
      model: model.modelId,
      finishReason: hit.finishReason,
    }),
    guarded,
  );
  if (answer.kind === 'whole') {
    attempt.note(answer.whole);
  }
  try {
    await respondWith(response, answer, {
      attempt,
      exchange,
      facts: {
        seen,
        model: model.id,
        reason: hit.reason,
        headers: [given.headers, { 'x-agent-portal-cost-nano-usd': '0' }],
      },
      operation: 'chat',
      signal,
      trailers: call.trailers,
    });
  } catch (error) {
    const failure = signal.aborted ? signal.reason : error;
    await attempt.fail(failure);
    throw failure;
  }
}

function answerOf(
  remembered: TextAnswer,
  { request }: Exchange,
  about: Parameters<typeof replayWhole>[1],
): Answer {
  return request.stream
    ? { kind: 'stream', chunks: replayChunks(remembered, about) }
    : { kind: 'whole', whole: replayWhole(remembered, about) };
}

/** The same answer, listened to where it is to be remembered. */
export function listenTo(
  answer: Answer,
  recalled: Recalled | undefined,
): Answer {
  const listener = recalled?.listener;
  if (!listener) {
    return answer;
  }
  if (answer.kind === 'stream') {
    return { kind: 'stream', chunks: listener.chunks(answer.chunks) };
  }
  if (answer.kind === 'whole') {
    listener.whole(answer.whole);
  }
  return answer;
}
