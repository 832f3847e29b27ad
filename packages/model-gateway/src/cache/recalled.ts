import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '../ports';
import type { AllowedTarget } from '../stages/access';
import type { Bill } from '../stages/Attempt';
import type { ModelRequest } from '../stages/readRequest';
import type { TextAnswer, TextListener } from './textAnswer';

/** A call that may be answered from memory. */
export interface AskedCall {
  callId: string;
  caller: Caller;
  headers: IncomingHttpHeaders;
  request: ModelRequest;
  /** With nothing but the models that the caller may use now. */
  target: AllowedTarget;
  signal: AbortSignal;
}

/** An answer that was found. */
export interface CacheHit {
  model: string;
  answer: TextAnswer;
  /** What it cost when it was made, in integer nano-USD. */
  costNanoUsd: number;
  /** For the caller, as a sentence. */
  reason: string;
  /** The same without figures, for the ledger. */
  brief: string;
  /** How it ends; `stop` unless it is said. */
  finishReason?: 'stop' | 'content_filter';
}

/** What memory says to a call. */
export interface Recalled {
  /** For the answer, whoever gives it. */
  headers: Record<string, string>;
  hit?: CacheHit;
  /** Listens to the answer of a model, to remember it. */
  listener?: TextListener;
  /** Remembers what was heard, once the call is paid for. */
  keep?: (model: string, bill: Bill) => void;
}
