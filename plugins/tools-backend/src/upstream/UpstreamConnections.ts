import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { filterTools, type RejectedTool } from './filterTools';
import { createGuardedFetch, Exchange } from './guardedFetch';
import { limitContent } from './limitContent';
import { isLostSession, toUpstreamError } from './toUpstreamError';
import { UpstreamError } from './UpstreamError';
import type { UpstreamTarget, UpstreamTargets } from './UpstreamTargets';

const CLIENT_INFO = { name: 'agent-portal-tool-gateway', version: '0.1.0' };
const MAX_IDLE_CONNECTIONS = 500;
const MAX_IDLE_MS = 5 * 60_000;
/** How long a server may take to hear that its session is over. */
const GOODBYE_MS = 2_000;
const FIRST_SESSIONLESS_REVISION = '2026-07-28';

/** A server to connect to. */
export interface UpstreamServer {
  ref: string;
  url: string;
  /** Whether somebody vouches for it: the operator, or a trusted location. */
  isVerified: boolean;
  /** Revision that the last visit negotiated. */
  era?: string;
}

/** An open connection to a server, with sockets of its own. */
export interface Connection {
  client: Client;
  target: UpstreamTarget;
  /** MCP revision that was negotiated. */
  era: string;
  close(): Promise<void>;
}

interface Held {
  connection: Promise<Connection>;
  usedAt: number;
  /** Calls under way. */
  calls: number;
  /** No new calls; closed after the last one. */
  dropped: boolean;
}

/**
 * Connections to MCP servers, kept for the next call. Servers of the 2026-07-28
 * revision have no sessions, so one connection serves all callers. Older ones
 * have, and a session must not be shared: there each caller has its own.
 */
export class UpstreamConnections {
  readonly #targets: UpstreamTargets;
  readonly #logger: LoggerService;
  readonly #connectTimeoutMs: number;
  readonly #maxResponseBytes: number;
  readonly #maxTools: number;
  /** The least recently used first. */
  readonly #held = new Map<string, Held>();

  constructor(options: {
    targets: UpstreamTargets;
    logger: LoggerService;
    connectTimeoutMs: number;
    maxResponseBytes: number;
    maxTools: number;
  }) {
    this.#targets = options.targets;
    this.#logger = options.logger;
    this.#connectTimeoutMs = options.connectTimeoutMs;
    this.#maxResponseBytes = options.maxResponseBytes;
    this.#maxTools = options.maxTools;
  }

  /**
   * Opens a connection of its own, which the caller closes.
   *
   * @param rejected - takes what the server sends as tools and is none
   */
  async open(
    server: UpstreamServer,
    exchange: Exchange,
    rejected?: RejectedTool[],
  ): Promise<Connection> {
    const target = await this.#targets.resolve(server);
    const guarded = createGuardedFetch({
      target,
      connectTimeoutMs: this.#connectTimeoutMs,
      maxResponseBytes: this.#maxResponseBytes,
    });
    const transport = new StreamableHTTPClientTransport(target.url, {
      fetch: guarded.fetch,
      reconnectionOptions: {
        initialReconnectionDelay: 100,
        maxReconnectionDelay: 100,
        reconnectionDelayGrowFactor: 1,
        maxRetries: 0,
      },
    });
    const client = new Client(CLIENT_INFO, {
      versionNegotiation: { mode: 'auto' },
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
      void guarded.close();
      const failure = explain(error, exchange);
      throw failure.code === 'timeout' && !exchange.signal.aborted
        ? new UpstreamError(
            'unreachable',
            'it did not answer the attempt to connect in time',
            error,
          )
        : failure;
    }
    const deliver = transport.onmessage;
    transport.onmessage = message =>
      // Nobody lists tools over a connection that is kept for calls.
      deliver?.(
        rejected
          ? filterTools(message, rejected, this.#maxTools)
          : limitContent(message),
      );
    return {
      client,
      target,
      era: client.getNegotiatedProtocolVersion() ?? 'unknown',
      close: async () => {
        if (transport.sessionId) {
          // The SDK gives up on it when the client is closed, and not before.
          await within(
            GOODBYE_MS,
            transport.terminateSession().catch(() => {}),
          );
        }
        await client.close().catch(() => {});
        // Waits for the answers that are still being read.
        void guarded.close();
      },
    };
  }

  /**
   * Makes one call over a kept connection.
   *
   * @param options.identity - callers that may share a session have one identity
   * @param options.repeatable - whether the call may run twice
   * @throws UpstreamError
   */
  async call<T>(
    server: UpstreamServer,
    options: { identity: string; repeatable: boolean; exchange: Exchange },
    fn: (client: Client) => Promise<T>,
  ): Promise<T> {
    const { exchange } = options;
    const key = await this.#key(server, options.identity);
    const kept = this.#held.has(key);
    try {
      return await this.#attempt(key, server, exchange, fn);
    } catch (error) {
      const failure = explain(error, exchange);
      const lost =
        isLostSession(error) ||
        // A server may close a quiet connection in the very moment of a call.
        (options.repeatable && failure.code === 'unreachable');
      if (kept && lost && !exchange.signal.aborted) {
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
  sweep(now: number = Date.now()): void {
    for (const [key, held] of this.#held) {
      if (held.calls === 0 && now - held.usedAt > MAX_IDLE_MS) {
        this.#drop(key, held);
      }
    }
  }

  async closeAll(): Promise<void> {
    const all = [...this.#held.values()];
    this.#held.clear();
    await within(
      2 * GOODBYE_MS,
      Promise.allSettled(
        all.map(async held => (await held.connection).close()),
      ),
    );
  }

  async #attempt<T>(
    key: string,
    server: UpstreamServer,
    exchange: Exchange,
    fn: (client: Client) => Promise<T>,
  ): Promise<T> {
    const held = this.#hold(key, server, exchange);
    held.calls += 1;
    try {
      const { client } = await held.connection;
      return await exchange.run(() => fn(client));
    } catch (error) {
      if (isBroken(explain(error, exchange)) || isLostSession(error)) {
        this.#drop(key, held);
      }
      throw error;
    } finally {
      held.calls -= 1;
      held.usedAt = Date.now();
      if (held.dropped && held.calls === 0) {
        close(held);
      }
    }
  }

  #hold(key: string, server: UpstreamServer, exchange: Exchange): Held {
    let held = this.#held.get(key);
    if (!held) {
      // Not within the exchange of the caller: others may wait for the same
      // connection when this one goes away.
      const opening = new Exchange({ credentials: exchange.credentials });
      const opened: Held = {
        connection: this.open(server, opening),
        usedAt: Date.now(),
        calls: 0,
        dropped: false,
      };
      held = opened;
      // Reported by whoever waits for it; the next call tries anew.
      opened.connection.catch(() => this.#forget(key, opened));
      this.#makeRoom();
    }
    this.#held.delete(key);
    this.#held.set(key, held);
    return held;
  }

  /** Connections with calls under way stay: their number is that of the callers. */
  #makeRoom(): void {
    if (this.#held.size >= MAX_IDLE_CONNECTIONS) {
      const idle = [...this.#held].find(([, held]) => held.calls === 0);
      if (idle) {
        this.#drop(...idle);
      }
    }
  }

  #forget(key: string, held: Held): void {
    if (this.#held.get(key) === held) {
      this.#held.delete(key);
    }
  }

  #drop(key: string, held: Held): void {
    this.#forget(key, held);
    held.dropped = true;
    if (held.calls === 0) {
      close(held);
    }
  }

  async #key(server: UpstreamServer, identity: string): Promise<string> {
    const { url, isBackstageActions } = await this.#targets.resolve(server);
    const shared =
      (server.era ?? '') >= FIRST_SESSIONLESS_REVISION && !isBackstageActions;
    return JSON.stringify([
      server.ref,
      server.isVerified,
      url.href,
      shared ? '' : identity,
    ]);
  }
}

/** Waits for a promise that does not reject, but not for long. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise(resolve => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}

function close({ connection }: Held): void {
  connection.then(
    opened => opened.close(),
    () => {},
  );
}

function explain(error: unknown, exchange: Exchange): UpstreamError {
  const { reason } = exchange.signal;
  return toUpstreamError(
    exchange.signal.aborted && reason instanceof UpstreamError ? reason : error,
  );
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
