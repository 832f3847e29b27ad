import type { IncomingHttpHeaders } from 'node:http';
import type { GatewayError } from '../errors';
import type { AnswerChunk, WholeAnswer } from '../providers/ModelProvider';
import type { Bill } from '../stages/Attempt';
import type { ModelRequest } from '../stages/readRequest';
import type { Operation } from '../directory/modelType';

/** A request as it came in. */
export interface RawRequest {
  text: string;
  /** In place of the text, where a form with files is sent. */
  form?: Buffer;
  headers: IncomingHttpHeaders;
  callId: string;
  /** Milliseconds since the epoch. */
  receivedAt: number;
}

/**
 * A wire format that callers may speak. Inside, every request is one in OpenAI's
 * chat form, so that access, routing and money know one form only; a format reads
 * its own into that and writes the answer back.
 */
export interface InputFormat {
  operation: Operation;
  /** How requests are sent; JSON unless it is told. */
  body?: 'json' | 'form';
  /** Throws `invalid_request` for what is not a request of this format. */
  read(raw: RawRequest): Exchange;
}

/** One request and what its answer looks like to its caller. */
export interface Exchange {
  readonly request: ModelRequest;
  /** The body of a whole answer. */
  whole(answer: WholeAnswer, bill: Bill): string;
  /**
   * The event-stream text for a chunk, or nothing. What tells the caller that the
   * answer is over must wait for `end`, because the call is settled in between.
   */
  chunk(chunk: AnswerChunk, costNanoUsd: () => number): string;
  /** The end of the stream. */
  end(bill: Bill): string;
  /**
   * The end of a stream that broke, with what it has cost all the same; nothing where
   * only a connection that breaks can tell it.
   */
  failure(error: GatewayError, bill?: Bill): string | undefined;
}

/** One server-sent event. */
export function toEvent(name: string | undefined, data: string): string {
  // A line break inside data would end the field.
  const lines = `data: ${data.replaceAll('\n', '\ndata: ')}\n\n`;
  return name ? `event: ${name}\n${lines}` : lines;
}
