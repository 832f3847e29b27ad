import type { IncomingMessage, ServerResponse } from 'node:http';
import { newCallId } from './callId';

/** For calls that are cut off to be written down. */
const SETTLE_MS = 1_000;

/**
 * How much may be under way at once.
 *
 * @public
 */
export interface DoorLimits {
  maxCalls: number;
  maxRequestBytes: number;
  /** What a request counts that does not tell its length. */
  unknownRequestBytes: number;
  /** Requests that belong to work under way; they are let in to the last. */
  isUnderWay?: (request: IncomingMessage) => boolean;
}

/**
 * Lets calls in while there is room for them. When the process is asked to end it
 * lets nobody in any more and waits for those who are inside.
 *
 * @public
 */
export class Door {
  readonly #limits: DoorLimits;
  readonly #inside = new Map<ServerResponse, number>();
  #bytes = 0;
  #closed = false;
  #onEmpty?: () => void;

  constructor(limits: DoorLimits) {
    this.#limits = limits;
  }

  /** How many calls are under way. */
  get size(): number {
    return this.#inside.size;
  }

  /** A middleware for the paths of the gateway. */
  readonly enter = (
    request: IncomingMessage,
    response: ServerResponse,
    next: () => void,
  ): void => {
    if (this.#closed && !this.#limits.isUnderWay?.(request)) {
      turnAway(request, response, {
        code: 'gateway_draining',
        message:
          'This process of the model gateway is ending; try again to reach another.',
      });
      return;
    }
    const told = Number(request.headers['content-length']);
    const bytes = Number.isFinite(told)
      ? told
      : bodyOf(request, this.#limits.unknownRequestBytes);
    const { maxCalls, maxRequestBytes } = this.#limits;
    // A request that is too large by itself is told so by the gateway.
    const full = this.#inside.size > 0 && this.#bytes + bytes > maxRequestBytes;
    if (this.#inside.size >= maxCalls || full) {
      turnAway(request, response, {
        code: 'gateway_overloaded',
        message:
          'The model gateway has too many calls under way; try again in a moment.',
      });
      return;
    }
    this.#inside.set(response, bytes);
    this.#bytes += bytes;
    response.once('close', () => {
      this.#inside.delete(response);
      this.#bytes -= bytes;
      if (this.#inside.size === 0) {
        this.#onEmpty?.();
      }
    });
    next();
  };

  /**
   * Lets nobody in any more and waits until all are out; whoever is still there
   * after the time is cut off, which the ledger then says.
   *
   * @returns how many calls were cut off
   */
  async drain(timeoutMs: number): Promise<number> {
    this.#closed = true;
    if (this.#inside.size === 0) {
      return 0;
    }
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    const cut = [...this.#inside.keys()];
    cut.forEach(response => response.destroy());
    if (cut.length > 0) {
      await new Promise(resolve => {
        setTimeout(resolve, SETTLE_MS);
      });
    }
    return cut.length;
  }
}

function bodyOf(request: IncomingMessage, unknown: number): number {
  return request.headers['transfer-encoding'] ? unknown : 0;
}

/** In the error form of the caller's wire format. */
function turnAway(
  request: IncomingMessage,
  response: ServerResponse,
  error: { code: string; message: string },
): void {
  const { code, message } = error;
  const body = JSON.stringify(
    request.url?.includes('/anthropic/')
      ? { type: 'error', error: { type: 'overloaded_error', code, message } }
      : { error: { message, type: 'server_error', code, param: null } },
  );
  request.resume();
  response.writeHead(503, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'retry-after': '1',
    'x-agent-portal-call-id': newCallId(),
    connection: 'close',
  });
  response.end(body);
}
