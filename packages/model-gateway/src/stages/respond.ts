import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type GatewayError, toErrorBody } from '../errors';
import type { AnswerChunk } from '../providers/ModelProvider';
import { toOpenAiUsage } from '../usage/openAiUsage';
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
  callId?: string,
): void {
  const body = JSON.stringify(toErrorBody(error));
  if (response.headersSent) {
    response.end(`data: ${body}\n\n`);
    return;
  }
  respondJson(response, error.status, body, {
    ...(callId && { 'x-agent-portal-call-id': callId }),
    ...(error.retryAfter && { 'retry-after': error.retryAfter }),
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
  options: { includeUsage: boolean; signal: AbortSignal },
): Promise<void> {
  const { includeUsage, signal } = options;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    // no-transform keeps compression from holding chunks back
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    ...factHeaders(facts),
  });
  const send = async (data: string) => {
    if (!response.write(`data: ${data}\n\n`)) {
      await once(response, 'drain', { signal });
    }
  };

  let head: AnswerChunk | undefined;
  let usageChunk: AnswerChunk | undefined;
  for await (const chunk of chunks) {
    attempt.note(chunk);
    head ??= chunk;
    if (chunk.usageOnly) {
      usageChunk = chunk;
    } else if (includeUsage && chunk.json.usage) {
      await send(withCost(chunk, attempt.currentCost()));
    } else {
      await send(chunk.data);
    }
  }
  const bill = await attempt.succeed();
  if (includeUsage) {
    await send(
      usageChunk
        ? withCost(usageChunk, bill.costNanoUsd)
        : toUsageChunk(head, bill),
    );
  }
  response.end('data: [DONE]\n\n');
}

function withCost(chunk: AnswerChunk, cost: number): string {
  return JSON.stringify({
    ...chunk.json,
    usage: { ...(chunk.json.usage as object), cost_nano_usd: cost },
  });
}

/** The usage chunk that the caller asked for and the provider did not send. */
function toUsageChunk(head: AnswerChunk | undefined, bill: Bill): string {
  return JSON.stringify({
    id: head?.json.id,
    object: 'chat.completion.chunk',
    created: head?.json.created,
    model: head?.json.model,
    choices: [],
    usage: {
      ...toOpenAiUsage(bill.usage),
      cost_nano_usd: bill.costNanoUsd,
      estimated: bill.estimated,
    },
  });
}

function factHeaders(facts: CallFacts): Record<string, string> {
  return {
    'x-agent-portal-call-id': facts.callId,
    'x-agent-portal-model': encodeURI(facts.model),
    'x-agent-portal-route-reason': encodeURIComponent(
      // a cut through a surrogate pair would not be encodable
      Buffer.from(facts.reason.slice(0, MAX_REASON_CHARS)).toString(),
    ),
  };
}
