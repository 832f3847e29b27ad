import { AsyncLocalStorage } from 'node:async_hooks';
import { pipeline, Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { JsonMeter } from '@agentportal/model-gateway';
import { createGuardedAgent } from '@agentportal/plugin-agents-node';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { FetchLike } from '@modelcontextprotocol/client';
import type { Dispatcher } from 'undici';
import { blockedUrl, privateHost } from './blockedUrl';
import { UpstreamError } from './UpstreamError';
import type { UpstreamTarget } from './UpstreamTargets';

/**
 * What an answer may have in it. It is parsed and checked where everybody is served,
 * which takes a moment for so much, and seconds for what fits into its bytes.
 */
const MOST = { depth: 200, members: 30_000, elements: 300_000 };

/** Statuses of answers that have no body. */
const NO_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

const storage = new AsyncLocalStorage<unknown>();

/**
 * One exchange with a server: a visit or a call. The SDK shares a connection among
 * calls and has no place for facts about a single call, so they travel in async
 * context.
 */
export class Exchange {
  /** In whose name it is made, where the server wants to know. */
  readonly credentials?: BackstageCredentials;
  /** Bytes that the server sent. */
  responseBytes = 0;
  readonly #controller = new AbortController();
  readonly #from?: AbortSignal;
  readonly #follow = () => this.abort(this.#from?.reason);

  constructor(options: {
    credentials?: BackstageCredentials;
    signal?: AbortSignal;
  }) {
    this.credentials = options.credentials;
    this.#from = options.signal;
    if (this.#from?.aborted) {
      this.#follow();
    }
    this.#from?.addEventListener('abort', this.#follow);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** What it was begun for may end or be aborted; it is over. */
  end(): void {
    this.#from?.removeEventListener('abort', this.#follow);
  }

  /** Runs the SDK call that belongs to this exchange. */
  run<T>(fn: () => Promise<T>): Promise<T> {
    return storage.run(this, fn);
  }
}

/**
 * A fetch for one server. It has sockets of its own, goes to no other origin and to
 * no address that was not allowed, follows no redirects, reads no more than a server
 * may send in one answer, and adds the credentials of the gateway.
 */
export function createGuardedFetch(options: {
  target: UpstreamTarget;
  connectTimeoutMs: number;
  maxResponseBytes: number;
}): { fetch: FetchLike; close(): Promise<void> } {
  const { target, maxResponseBytes } = options;
  const agent = createGuardedAgent({
    connectTimeoutMs: options.connectTimeoutMs,
    ...(!target.privateAllowed && { privateHost }),
  });
  return {
    async fetch(input, init) {
      if (init?.method === 'GET') {
        // The standing stream of the 2025 revisions carries notifications, which
        // nobody here listens to. It would keep a socket open per caller.
        return new Response(null, { status: 405 });
      }
      const url = new URL(input);
      if (url.origin !== target.url.origin) {
        throw blockedUrl('it sends the gateway to another address');
      }
      const exchange = storage.getStore() as Exchange | undefined;
      // Not fetch: its streams cost as much as all the rest of a short call.
      const response = await agent.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: (init?.method ?? 'POST') as Dispatcher.HttpMethod,
        body: init?.body as string | undefined,
        signal: init?.signal,
        headers: {
          'user-agent': 'agent-portal-tool-gateway',
          'accept-encoding': 'identity',
          ...Object.fromEntries(new Headers(init?.headers)),
          ...(await target.headersFor(exchange?.credentials)),
        },
      });
      const { statusCode, headers, body } = response;
      if (statusCode >= 300 && statusCode < 400) {
        await body.dump();
        throw new UpstreamError(
          'redirect',
          `it redirects to ${redirectOf(
            singleOf(headers.location),
            target.url,
          )}, and the gateway follows no redirects; put the final URL into the catalog`,
        );
      }
      const count = counterOf(maxResponseBytes, exchange);
      const unpackedBody = unpacked(
        body,
        singleOf(headers['content-encoding']),
      );
      const head = {
        status: statusCode,
        headers: Object.entries(headers).flatMap(([name, values]) =>
          [values ?? []].flat().map((value): [string, string] => [name, value]),
        ),
      };
      if (/^text\/event-stream\b/i.test(singleOf(headers['content-type']))) {
        return new Response(
          NO_BODY.has(statusCode) ? null : eventsOf(unpackedBody, count),
          head,
        );
      }
      const text = await wholeOf(unpackedBody, count);
      // It is here: a body would be a stream again, only to be read once more.
      return Object.assign(new Response(null, head), {
        text: async () => text,
        json: async () => JSON.parse(text),
      });
    },
    close: () => agent.close().catch(() => {}),
  };
}

/** Where to, without what may be a secret in it. */
function redirectOf(location: string, base: URL): string {
  const url =
    location && URL.canParse(location, base.href)
      ? new URL(location, base)
      : undefined;
  return url ? `${url.origin}${url.pathname}` : 'nowhere';
}

function singleOf(header: string | string[] | undefined): string {
  return [header ?? ''].flat()[0];
}

/** Counts what a server sends, and throws when it is too much. */
function counterOf(maxBytes: number, exchange: Exchange | undefined) {
  let bytes = 0;
  const meter = new JsonMeter(MOST);
  const problemOf = (chunk: Uint8Array): string | undefined => {
    if (bytes > maxBytes) {
      return `it sent more than ${maxBytes} bytes`;
    }
    const excess = meter.read(chunk);
    return (
      excess &&
      (excess === 'depth'
        ? `it sent values that are nested more than ${MOST.depth} levels deep`
        : `it sent more than ${MOST.members} members of objects or ${MOST.elements} elements of arrays at once`)
    );
  };
  return (chunk: Uint8Array): void => {
    bytes += chunk.byteLength;
    if (exchange) {
      exchange.responseBytes += chunk.byteLength;
    }
    const problem = problemOf(chunk);
    if (problem) {
      const error = new UpstreamError('too_large', problem);
      // An event stream that breaks is no answer for the SDK, so the call
      // would go on waiting.
      exchange?.abort(error);
      throw error;
    }
  };
}

type Count = ReturnType<typeof counterOf>;

const UNPACKERS = new Map<string, () => Transform>([
  ['br', createBrotliDecompress],
  ['deflate', createInflate],
  ['gzip', createGunzip],
]);

/** Some servers pack their answers although they are asked not to. */
function unpacked(body: Readable, encoding: string): Readable {
  const unpack = UNPACKERS.get(encoding.toLowerCase());
  // What fails is thrown to whoever reads.
  return unpack ? pipeline(body, unpack(), () => {}) : body;
}

async function wholeOf(body: Readable, count: Count): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) {
    count(chunk);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function eventsOf(body: Readable, count: Count): ReadableStream<Uint8Array> {
  return (Readable.toWeb(body) as ReadableStream<Uint8Array>).pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        count(chunk);
        controller.enqueue(chunk);
      },
    }),
  );
}
