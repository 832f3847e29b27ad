import type { ServerResponse } from 'node:http';
import type { AskedCall, Recalled } from '../cache/recalled';
import { replayChunks, replayWhole } from '../cache/replay';
import type { Exchange } from '../formats/InputFormat';
import type { Price } from '../prices/price';
import type { CallObservation } from '../telemetry/CallObservation';
import { Attempt, type AttemptOptions } from './Attempt';
import type { Served } from './call';
import { type CallFacts, respondStream, respondWhole } from './respond';

/** What an answer from memory costs. */
const FREE: Price = {
  input: { nanoUsdPerMillion: 0 },
  output: { nanoUsdPerMillion: 0 },
  version: 'answer-cache',
};

/**
 * Answers from memory, in the format of the caller. It is written down like any
 * call, with what was saved, and holds nothing on any budget.
 */
export async function respondFromMemory(
  response: ServerResponse,
  recalled: Recalled,
  call: Pick<AttemptOptions, 'ledger' | 'clock' | 'logger' | 'late'> &
    Pick<AskedCall, 'callId' | 'caller' | 'target' | 'signal'> & {
      exchange: Exchange;
      seen: CallObservation;
      trailers: boolean;
    },
): Promise<void> {
  const { callId, caller, clock, exchange, seen, signal, target } = call;
  const hit = recalled.hit!;
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
    price: FREE,
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
  const facts: CallFacts = {
    seen,
    model: model.id,
    reason: hit.reason,
    headers: { ...recalled.headers, 'x-agent-portal-cost-nano-usd': '0' },
  };
  const { stream } = exchange.request;
  const replayed = { callId, createdAt, model: model.modelId };
  try {
    seen.answering('chat', stream);
    if (stream) {
      const chunks = replayChunks(hit.answer, replayed);
      await respondStream(response, chunks, facts, attempt, {
        exchange,
        signal,
        trailers: call.trailers,
      });
    } else {
      const whole = replayWhole(hit.answer, replayed);
      attempt.note(whole);
      const bill = await attempt.succeed();
      respondWhole(response, exchange.whole(whole, bill), facts, bill);
    }
  } catch (error) {
    const failure = signal.aborted ? signal.reason : error;
    await attempt.fail(failure);
    throw failure;
  }
}

/** The same answer, listened to where it is to be remembered. */
export function listenTo(
  answer: Served['answer'],
  recalled: Recalled | undefined,
): Served['answer'] {
  const listener = recalled?.listener;
  if (!listener) {
    return answer;
  }
  if (answer.kind === 'stream') {
    return { kind: 'stream', chunks: listener.chunks(answer.chunks) };
  }
  listener.whole(answer.whole);
  return answer;
}
