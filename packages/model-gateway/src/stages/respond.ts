import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { GatewayError } from '../errors';
import type { Exchange } from '../formats/InputFormat';
import type { AnswerChunk } from '../providers/ModelProvider';
import type { Attempt, Bill } from './Attempt';

const MAX_REASON_CHARS = 1_000;

/** What a caller is told about a call besides the answer. */
export interface CallFacts {
  callId: string;
  model: string;
  reason: string;
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
    'x-agent-portal-cost-nano-usd': String(bill.costNanoUsd),
  });
}

/** Before the first byte a plain error answer; after it, an error event. */
export function respondError(
  response: ServerResponse,
  error: GatewayError,
  callId: string,
  form: { body: object; event: () => string },
): void {
  if (response.headersSent) {
    response.end(form.event());
    return;
  }
  respondJson(response, error.status, JSON.stringify(form.body), {
    'x-agent-portal-call-id': callId,
    // The name by which Anthropic's clients look for it.
    'request-id': callId,
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
  options: { exchange: Exchange; signal: AbortSignal },
): Promise<void> {
  const { exchange, signal } = options;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    // no-transform keeps compression from holding chunks back
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    ...factHeaders(facts),
  });
  for await (const chunk of chunks) {
    attempt.note(chunk);
    const text = exchange.chunk(chunk, attempt.currentCost());
    if (text && !response.write(text)) {
      await once(response, 'drain', { signal });
    }
  }
  response.end(exchange.end(await attempt.succeed()));
}

function factHeaders(facts: CallFacts): Record<string, string> {
  return {
    'x-agent-portal-call-id': facts.callId,
    'request-id': facts.callId,
    'x-agent-portal-model': encodeURI(facts.model),
    'x-agent-portal-route-reason': encodeURIComponent(
      // a cut through a surrogate pair would not be encodable
      Buffer.from(facts.reason.slice(0, MAX_REASON_CHARS)).toString(),
    ),
  };
}
