import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { explainFailure } from './explainFailure';
import { createGuardedFetch, Exchange } from './guardedFetch';
import { siftTools, type LeftOut } from './siftTools';
import type { UpstreamAuth } from './UpstreamAuth';
import { UpstreamError } from './UpstreamError';
import type { UrlPolicy } from './UrlPolicy';

const CLIENT_INFO = { name: 'agent-portal-tool-gateway', version: '0.1.0' };
const MAX_CONNECTIONS = 500;
const MAX_IDLE_MS = 5 * 60_000;
const FIRST_SESSIONLESS_REVISION = '2026-07-28';

/** A server to connect to. */
export interface UpstreamServer {
  ref: string;
  url: string;
  /** Revision that the last visit negotiated. */
  era?: string;
}

/** An open connection to a server. */
export interface Connection {
  client: Client;
  /** MCP revision that was negotiated. */
  era: string;
  /** What the server sent as tools and is none, so far. */
  leftOut: LeftOut[];
  close(): Promise<void>;
}

interface Held {
  connection: Promise<Connection>;
  usedAt: number;
}

/**
 * Connections to MCP servers, kept for the next call. Servers of the 2026-07-28
 * revision have no sessions, so one connection serves all callers. Older ones
 * have, and a session must not be shared: there each caller has its own.
 */
export class UpstreamConnections {
  readonly #auth: UpstreamAuth;
  readonly #urlPolicy: UrlPolicy;
  readonly #logger: LoggerService;
  readonly #connectTimeoutMs: number;
  readonly #maxResponseBytes: number;
  readonly #held = new Map<string, Held>();

  constructor(options: {
    auth: UpstreamAuth;
    urlPolicy: UrlPolicy;
    logger: LoggerService;
    connectTimeoutMs: number;
    maxResponseBytes: number;
  }) {
    this.#auth = options.auth;
    this.#urlPolicy = options.urlPolicy;
    this.#logger = options.logger;
    this.#connectTimeoutMs = options.connectTimeoutMs;
    this.#maxResponseBytes = options.maxResponseBytes;
  }

  /** Opens a connection of its own, which the caller closes. */
  async open(server: UpstreamServer, exchange: Exchange): Promise<Connection> {
    const url = await this.#urlPolicy.check(server.url);
    const transport = new StreamableHTTPClientTransport(url, {
      fetch: createGuardedFetch({
        maxResponseBytes: this.#maxResponseBytes,
        headers: current => this.#auth.headersFor(server, current),
      }),
      reconnectionOptions: {
        initialReconnectionDelay: 100,
        maxReconnectionDelay: 100,
        reconnectionDelayGrowFactor: 1,
        maxRetries: 0,
      },
    });
    const client = new Client(CLIENT_INFO, {
      versionNegotiation: { mode: 'auto' },
      listMaxPages: 50,
    });
    client.onerror = error =>
      this.#logger.debug(`MCP connection to ${server.ref}: ${error.message}`);
    try {
      await exchange.run(() =>
        client.connect(transport, {
          timeout: this.#connectTimeoutMs,
          signal: exchange.signal,
        }),
      );
    } catch (error) {
      await client.close().catch(() => {});
      const failure = explain(error, exchange);
      throw failure.code === 'timeout' && !exchange.signal.aborted
        ? new UpstreamError(
            'unreachable',
            'it did not answer the attempt to connect in time',
            error,
          )
        : failure;
    }
    const leftOut: LeftOut[] = [];
    const deliver = transport.onmessage;
    transport.onmessage = message => deliver?.(siftTools(message, leftOut));
    return {
      client,
      era: client.getNegotiatedProtocolVersion() ?? 'unknown',
      leftOut,
      close: async () => {
        if (transport.sessionId) {
          await transport.terminateSession().catch(() => {});
        }
        await client.close().catch(() => {});
      },
    };
  }

  /**
   * Makes one call over a kept connection.
   *
   * @throws UpstreamError
   */
  async call<T>(
    server: UpstreamServer,
    identity: string,
    exchange: Exchange,
    fn: (client: Client) => Promise<T>,
  ): Promise<T> {
    const key = await this.#key(server, identity);
    const kept = this.#held.has(key);
    try {
      return await this.#attempt(key, server, exchange, fn);
    } catch (error) {
      const failure = explain(error, exchange);
      // A server that forgot a session did not run the call, so saying it
      // again is safe.
      if (kept && isLostSession(error) && !exchange.signal.aborted) {
        try {
          return await this.#attempt(key, server, exchange, fn);
        } catch (again) {
          throw explain(again, exchange);
        }
      }
      throw failure;
    }
  }

  /** Closes what was not used for a while. */
  async sweep(now: number = Date.now()): Promise<void> {
    for (const [key, held] of this.#held) {
      if (now - held.usedAt > MAX_IDLE_MS) {
        this.#drop(key, held);
      }
    }
  }

  async closeAll(): Promise<void> {
    const all = [...this.#held.values()];
    this.#held.clear();
    await Promise.allSettled(
      all.map(async held => (await held.connection).close()),
    );
  }

  async #attempt<T>(
    key: string,
    server: UpstreamServer,
    exchange: Exchange,
    fn: (client: Client) => Promise<T>,
  ): Promise<T> {
    const held = this.#hold(key, server, exchange);
    try {
      const { client } = await held.connection;
      return await exchange.run(() => fn(client));
    } catch (error) {
      if (isBroken(explain(error, exchange)) || isLostSession(error)) {
        this.#drop(key, held);
      }
      throw error;
    }
  }

  #hold(key: string, server: UpstreamServer, exchange: Exchange): Held {
    let held = this.#held.get(key);
    if (!held) {
      // Not within the exchange of the caller: others may wait for the same
      // connection when this one goes away.
      const opening = new Exchange({ credentials: exchange.credentials });
      const opened = {
        connection: this.open(server, opening),
        usedAt: Date.now(),
      };
      held = opened;
      // Reported by whoever waits for it; the next call tries anew.
      opened.connection.catch(() => this.#forget(key, opened));
      if (this.#held.size >= MAX_CONNECTIONS) {
        const [oldest] = this.#held;
        this.#drop(oldest[0], oldest[1]);
      }
    }
    held.usedAt = Date.now();
    // Last in the map is last used.
    this.#held.delete(key);
    this.#held.set(key, held);
    return held;
  }

  #forget(key: string, held: Held): void {
    if (this.#held.get(key) === held) {
      this.#held.delete(key);
    }
  }

  #drop(key: string, held: Held): void {
    this.#forget(key, held);
    held.connection.then(
      connection => connection.close(),
      () => {},
    );
  }

  async #key(server: UpstreamServer, identity: string): Promise<string> {
    const shared =
      (server.era ?? '') >= FIRST_SESSIONLESS_REVISION &&
      !(await this.#auth.isBackstageActions(server.url));
    return JSON.stringify([server.ref, server.url, shared ? '' : identity]);
  }
}

function explain(error: unknown, exchange: Exchange): UpstreamError {
  const { reason } = exchange.signal;
  return explainFailure(
    exchange.signal.aborted && reason instanceof UpstreamError ? reason : error,
  );
}

/** The session is gone: 404 by the specification, 400 by many servers. */
function isLostSession(error: unknown): boolean {
  const status = (error as { status?: unknown; data?: { status?: unknown } })
    ?.data?.status;
  return status === 404 || status === 400;
}

function isBroken({ code }: UpstreamError): boolean {
  return (
    code === 'unreachable' ||
    code === 'timeout' ||
    code === 'http_error' ||
    code === 'not_mcp' ||
    code === 'redirect' ||
    code === 'unauthorized'
  );
}
