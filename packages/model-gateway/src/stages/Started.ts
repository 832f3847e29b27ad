import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Exchange } from '../formats/InputFormat';
import type { Surface } from '../formats/surfaces';
import type { CallObservation } from '../telemetry/CallObservation';

/** A request that has come in, and how it is answered. */
export interface Started {
  request: IncomingMessage;
  response: ServerResponse;
  surface: Surface;
  callId: string;
  seen: CallObservation;
  /** Aborted when the caller goes away or the call takes too long. */
  signal: AbortSignal;
  /** Once the request has been read. */
  exchange?: Exchange;
}
