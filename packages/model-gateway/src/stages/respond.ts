import { LRUCache } from 'lru-cache';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { GatewayError } from '../errors';
import type { Exchange } from '../formats/InputFormat';
import type { AnswerChunk } from '../providers/ModelProvider';
import type { CallObservation } from '../telemetry/CallObservation';
import type { Attempt, Bill } from './Attempt';
import type { Answer } from './begin';
import type { Operation } from './route';

const MAX_REASON_CHARS = 1_000;

const COST_HEADER = 'x-agent-portal-cost-nano-usd';

/** What a caller is told about a call besides the answer. */
export interface CallFacts {
  seen: CallObservation;
  model: string;
  reason: string;
  /** The kinds of what the guard hid, once the answer has ended. */
  hidden?: () => string[];
  /** What the stages have to tell; most have nothing. */
  headers?: ReadonlyArray<Readonly<Record<string, string>> | undefined>;
}

/** Gives an answer of a model to the caller, once the attempt is settled. */
export async function respondWith(
  response: ServerResponse,
  answer: Answer,
  options: {
    attempt: Attempt;
    exchange: Exchange;
    facts: CallFacts;
    operation: Operation;
    signal: AbortSignal;
    trailers: boolean;
  },
): Promise<void> {
  const { attempt, exchange, facts, operation } = options;
  if (answer.kind === 'stream') {
    facts.seen.answering(operation, true);
    await respondStream(response, answer.chunks, facts, attempt, options);
    return;
  }
  if (answer.kind === 'bytes') {
    facts.seen.answering(operation, true);
    await respondBytes(response, answer, facts, attempt, options);
    return;
  }
  const bill = toldBill(await attempt.succeed(), facts);
  facts.seen.answering(operation);
  respondWhole(response, exchange.whole(answer.whole, bill), facts, bill);
}

/**
 * What the caller is told: the tokens of the attempt that answered, and the cost
 * of all that were made, which is what the ledger has booked.
 */
export function ofCall(bill: Bill, seen: CallObservation): Bill {
  return { ...bill, costNanoUsd: seen.costNanoUsd };
}

/** With what was hidden in the answer. */
function toldBill(bill: Bill, { hidden, seen }: CallFacts): Bill {
  const kinds = hidden?.() ?? [];
  return {
    ...ofCall(bill, seen),
    ...(kinds.length > 0 && { hidden: kinds }),
  };
}

export function respondJson(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): void {
  if (response.headersSent || response.destroyed) {
    response.end();
    return;
  }
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

export function respondWhole(
  response: ServerResponse,
  body: string,
  facts: CallFacts,
  bill: Bill,
): void {
  respondJson(response, 200, body, {
    ...factHeaders(facts),
    [COST_HEADER]: String(bill.costNanoUsd),
  });
}

/** Before the first byte a plain error answer; after it, an error event. */
export function respondError(
  response: ServerResponse,
  error: GatewayError,
  seen: CallObservation,
  form: { body: object; event: () => string | undefined },
): void {
  if (response.headersSent) {
    const event = form.event();
    if (event === undefined) {
      response.destroy();
    } else {
      response.end(event);
    }
    return;
  }
  respondJson(response, error.status, JSON.stringify(form.body), {
    ...ownHeaders(seen),
    // What providers took before the call failed.
    [COST_HEADER]: String(seen.costNanoUsd),
    ...(error.retryAfter && { 'retry-after': error.retryAfter }),
    ...error.headers,
  });
}

/**
 * Forwards a stream chunk by chunk, at the pace of the caller. The attempt is
 * settled before the stream's end is sent, so whoever has seen the end can find
 * the cost in the ledger.
 */
export async function respondStream(
  response: ServerResponse,
  chunks: AsyncIterable<AnswerChunk>,
  facts: CallFacts,
  attempt: Attempt,
  options: { exchange: Exchange; signal: AbortSignal; trailers: boolean },
): Promise<void> {
  const { exchange, signal, trailers } = options;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    // no-transform keeps compression from holding chunks back
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    ...(trailers && { trailer: COST_HEADER }),
    ...factHeaders(facts),
  });
  const cost = () => facts.seen.costNanoUsd + attempt.currentCost();
  for await (const chunk of chunks) {
    const text = exchange.chunk(chunk, cost);
    if (text && !response.write(text)) {
      await once(response, 'drain', { signal });
    }
  }
  const bill = toldBill(await attempt.succeed(), facts);
  if (trailers) {
    response.addTrailers({ [COST_HEADER]: String(bill.costNanoUsd) });
  }
  response.end(exchange.end(bill));
}

/** Forwards what is not text, at the pace of the caller. */
async function respondBytes(
  response: ServerResponse,
  { contentType, pieces }: Extract<Answer, { kind: 'bytes' }>,
  facts: CallFacts,
  attempt: Attempt,
  { signal, trailers }: { signal: AbortSignal; trailers: boolean },
): Promise<void> {
  response.writeHead(200, {
    'content-type': contentType,
    'cache-control': 'no-cache, no-transform',
    'x-content-type-options': 'nosniff',
    ...(trailers && { trailer: COST_HEADER }),
    ...factHeaders(facts),
  });
  for await (const piece of pieces) {
    if (!response.write(piece)) {
      await once(response, 'drain', { signal });
    }
  }
  const bill = toldBill(await attempt.succeed(), facts);
  if (trailers) {
    response.addTrailers({ [COST_HEADER]: String(bill.costNanoUsd) });
  }
  response.end();
}

/** What every answer of the gateway tells. */
export function ownHeaders(seen: CallObservation): Record<string, string> {
  return {
    'x-agent-portal-call-id': seen.callId,
    // The name by which Anthropic's clients look for it.
    'request-id': seen.callId,
    'x-agent-portal-overhead-ms': seen.overheadMs.toFixed(2),
  };
}

function factHeaders(facts: CallFacts): Record<string, string> {
  return {
    ...ownHeaders(facts.seen),
    ...Object.assign({}, ...(facts.headers ?? [])),
    'x-agent-portal-model': encodeURI(facts.model),
    'x-agent-portal-route-reason': encodedReason(facts.reason),
  };
}

/** Few reasons are told in very many calls. */
const encoded = new LRUCache<string, string>({ max: 500 });

function encodedReason(reason: string): string {
  let text = encoded.get(reason);
  if (text === undefined) {
    // A cut through a surrogate pair would not be encodable.
    text = encodeURIComponent(
      Buffer.from(reason.slice(0, MAX_REASON_CHARS)).toString(),
    );
    encoded.set(reason, text);
  }
  return text;
}
