import { AsyncLocalStorage } from 'node:async_hooks';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { FetchLike } from '@modelcontextprotocol/client';
import { UpstreamError } from './UpstreamError';

const storage = new AsyncLocalStorage<unknown>();

/**
 * One exchange with a server. The SDK shares a connection among calls and has
 * no place for facts about a single call, so they travel in async context.
 */
export class Exchange {
  /** In whose name it is made, where the server wants to know. */
  readonly credentials?: BackstageCredentials;
  /** Bytes that the server sent. */
  responseBytes = 0;
  readonly #controller = new AbortController();

  constructor(options: {
    credentials?: BackstageCredentials;
    signal?: AbortSignal;
  }) {
    this.credentials = options.credentials;
    const { signal } = options;
    if (signal?.aborted) {
      this.abort(signal.reason);
    }
    signal?.addEventListener('abort', () => this.abort(signal.reason), {
      signal: this.#controller.signal,
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Runs the SDK call that belongs to this exchange. */
  run<T>(fn: () => Promise<T>): Promise<T> {
    return storage.run(this, fn);
  }
}

/**
 * A fetch that follows no redirects, reads no more than a server may send, and
 * adds the credentials of the gateway.
 */
export function createGuardedFetch(options: {
  maxResponseBytes: number;
  headers: (exchange?: Exchange) => Promise<Record<string, string>>;
}): FetchLike {
  return async (input, init) => {
    if (init?.method === 'GET') {
      // The standing stream of the 2025 revisions carries notifications, which
      // nobody here listens to. It would keep a socket open per caller.
      return new Response(null, { status: 405 });
    }
    const exchange = storage.getStore() as Exchange | undefined;
    const headers = new Headers(init?.headers);
    for (const [name, value] of Object.entries(
      await options.headers(exchange),
    )) {
      headers.set(name, value);
    }
    const response = await fetch(input, {
      ...init,
      headers,
      redirect: 'manual',
    });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      const target = response.headers.get('location') ?? 'nowhere';
      throw new UpstreamError(
        'redirect',
        `it redirects to ${target}, and the gateway follows no redirects; put the final URL into the catalog`,
      );
    }
    return limitBody(response, options.maxResponseBytes, exchange);
  };
}

function limitBody(
  response: Response,
  maxBytes: number,
  exchange: Exchange | undefined,
): Response {
  if (!response.body) {
    return response;
  }
  let bytes = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (exchange) {
        exchange.responseBytes += chunk.byteLength;
      }
      if (bytes > maxBytes) {
        const error = new UpstreamError(
          'too_large',
          `it sent more than ${maxBytes} bytes`,
        );
        controller.error(error);
        // An event stream that breaks is no answer for the SDK, so the call
        // would go on waiting.
        exchange?.abort(error);
        return;
      }
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(counter), {
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
  });
}
