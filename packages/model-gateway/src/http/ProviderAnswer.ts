import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

/** Bytes that may wait for a slow reader before the provider is held back. */
const MAX_WAITING_BYTES = 256 * 1024;
/** What may still come of an answer whose reader has seen enough. */
const MAX_REST_BYTES = 64 * 1024;
const MAX_REST_MS = 1_000;

/**
 * The JSON of an answer is parsed where everybody is served, and what is large by its
 * structure takes a hundred times as long as what is large by its texts. Embeddings have
 * many numbers.
 */
export const MOST_IN_ANSWER = {
  depth: 200,
  members: 2_000_000,
  elements: 10_000_000,
};

/** The head of an answer. */
export interface AnswerHead {
  status: number;
  headers: IncomingHttpHeaders;
}

/**
 * One answer of a provider, from undici's callbacks to whoever reads it. Between
 * them stands neither a Node stream nor a web stream, for each costs more than
 * the rest of a call. A reader that is slower than the provider holds it back.
 */
export class ProviderAnswer
  implements Dispatcher.DispatchHandler, AsyncIterableIterator<Buffer>
{
  /** Resolves when the head has come. */
  readonly head: Promise<AnswerHead>;
  readonly #signal: AbortSignal;
  readonly #cut: (error: unknown) => Error;
  readonly #onAbort = () => this.#abort(this.#signal.reason);
  #controller?: Dispatcher.DispatchController;
  #settleHead!: {
    resolve: (head: AnswerHead) => void;
    reject: (error: unknown) => void;
  };
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #ended = false;
  #failed?: { error: unknown };
  #restBytes?: number;
  #restTimer?: NodeJS.Timeout;
  #wakeReader?: () => void;

  /** @param cut - what a failure in the middle of the answer is thrown as */
  constructor(signal: AbortSignal, cut: (error: unknown) => Error) {
    this.#signal = signal;
    this.#cut = cut;
    this.head = new Promise((resolve, reject) => {
      this.#settleHead = { resolve, reject };
    });
    // Whoever awaits it sees the failure; nobody has to.
    this.head.catch(() => {});
    if (signal.aborted) {
      this.#onAbort();
    } else {
      signal.addEventListener('abort', this.#onAbort, { once: true });
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#failed) {
      controller.abort(asError(this.#failed.error));
    }
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    // Before the final head there may be provisional ones.
    if (status >= 200) {
      this.#settleHead.resolve({ status, headers });
    }
  }

  onResponseData(
    controller: Dispatcher.DispatchController,
    chunk: Buffer,
  ): void {
    if (this.#restBytes !== undefined) {
      this.#restBytes += chunk.length;
      if (this.#restBytes > MAX_REST_BYTES) {
        this.#abort(new Error('The rest of an answer is too long to await'));
      }
      return;
    }
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes > MAX_WAITING_BYTES) {
      controller.pause();
    }
    this.#wake();
  }

  onResponseEnd(): void {
    this.#ended = true;
    this.#letGo();
  }

  onResponseError(
    _controller: Dispatcher.DispatchController,
    error: Error,
  ): void {
    this.#fail(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * All of it as text. There is nothing to hold back, for it is wanted as a whole.
   *
   * @param problemIn - what is wrong with the answer, once it has so many bytes and these are
   * the latest
   */
  async text(
    problemIn: (piece: Buffer, size: number) => Error | undefined,
  ): Promise<string> {
    const pieces: Buffer[] = [];
    let size = 0;
    for (;;) {
      const piece = this.#take();
      if (piece) {
        size += piece.length;
        const problem = problemIn(piece, size);
        if (problem) {
          void this.return();
          throw problem;
        }
        pieces.push(piece);
      } else if (this.#failed) {
        throw this.#cut(this.#failed.error);
      } else if (this.#ended) {
        const [first] = pieces;
        return (pieces.length === 1 ? first : Buffer.concat(pieces)).toString(
          'utf8',
        );
      } else {
        await this.#more();
      }
    }
  }

  async next(): Promise<IteratorResult<Buffer>> {
    for (;;) {
      const chunk = this.#take();
      if (chunk) {
        return { done: false, value: chunk };
      }
      if (this.#failed) {
        throw this.#cut(this.#failed.error);
      }
      if (this.#ended) {
        return { done: true, value: undefined };
      }
      await this.#more();
    }
  }

  /**
   * The reader has seen enough. The rest is awaited for a moment, because only
   * an answer that was read to its end leaves its connection to the next call.
   */
  async return(): Promise<IteratorResult<Buffer>> {
    if (!this.#ended && !this.#failed) {
      this.#restBytes = 0;
      this.#waiting = [];
      this.#controller?.resume();
      this.#restTimer = setTimeout(() => {
        this.#abort(new Error('The rest of an answer did not come'));
      }, MAX_REST_MS);
      this.#restTimer.unref();
    }
    return { done: true, value: undefined };
  }

  /** Everything that waits, as one piece where it came as one. */
  #take(): Buffer | undefined {
    const waiting = this.#waiting;
    if (waiting.length === 0) {
      return undefined;
    }
    const heldBack = this.#waitingBytes > MAX_WAITING_BYTES;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (heldBack) {
      // May bring the next chunks before it returns.
      this.#controller?.resume();
    }
    return waiting.length === 1 ? waiting[0] : Buffer.concat(waiting);
  }

  #abort(reason: unknown): void {
    this.#fail(reason);
    this.#controller?.abort(asError(reason));
  }

  #fail(error: unknown): void {
    this.#failed ??= { error };
    this.#settleHead.reject(this.#failed.error);
    this.#letGo();
  }

  #letGo(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    clearTimeout(this.#restTimer);
    this.#wake();
  }

  /** Resolves when something has come. */
  #more(): Promise<void> {
    return new Promise(resolve => {
      this.#wakeReader = resolve;
    });
  }

  #wake(): void {
    this.#wakeReader?.();
    this.#wakeReader = undefined;
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
