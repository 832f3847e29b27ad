import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import {
  localhostHostValidation,
  localhostOriginValidation,
  toNodeHandler,
} from '@modelcontextprotocol/node';
import { SERVERS, type ServerDefinition } from './servers';

/**
 * Options of {@link startExampleServers}.
 *
 * @public
 */
export interface ExampleServersOptions {
  /** TCP port on 127.0.0.1; 0 takes a free one. */
  port: number;
  /** Folder of the SQLite files; made when it is missing. */
  dataDirectory: string;
}

/**
 * Running example servers.
 *
 * @public
 */
export interface ExampleServers {
  /** The port that they listen on. */
  port: number;
  /** Endpoint of each server by its name (`orders`, `logistics`, …). */
  urls: Record<string, string>;
  /** Ends open requests, then closes the port and the databases. */
  stop(): Promise<void>;
}

/**
 * Starts the MCP servers of the example company on one port of 127.0.0.1, each
 * at `/<name>/mcp`. They speak the protocol revision 2026-07-28 and, without
 * sessions, the ones before it. New data files get the example's rows.
 *
 * @throws Error with `code` `EADDRINUSE` when the port is taken.
 *
 * @public
 */
export async function startExampleServers(
  options: ExampleServersOptions,
): Promise<ExampleServers> {
  const mounted = SERVERS.map(definition =>
    mount(definition, options.dataDirectory),
  );
  const byPath = new Map(mounted.map(server => [server.path, server]));
  const checkHost = localhostHostValidation();
  const checkOrigin = localhostOriginValidation();

  const http = createServer((request, response) => {
    // A web page that tricks DNS must not reach servers on this machine.
    if (!checkHost(request, response) || !checkOrigin(request, response)) {
      return;
    }
    const server = byPath.get((request.url ?? '/').split('?')[0]);
    if (!server) {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({
          error: `Nothing is here. The MCP servers are at ${[
            ...byPath.keys(),
          ].join(', ')}.`,
        }),
      );
      return;
    }
    void server.handle(request, response);
  });

  const close = async () => {
    await Promise.all(mounted.map(server => server.close()));
  };
  try {
    await listen(http, options.port);
  } catch (error) {
    await close();
    throw error;
  }

  const { port } = http.address() as AddressInfo;
  return {
    port,
    urls: Object.fromEntries(
      mounted.map(({ name, path }) => [
        name,
        `http://127.0.0.1:${port}${path}`,
      ]),
    ),
    async stop() {
      const closed = new Promise(resolve => http.close(resolve));
      http.closeAllConnections();
      await closed;
      await close();
    },
  };
}

function mount(definition: ServerDefinition, dataDirectory: string) {
  const db = definition.open(dataDirectory);
  const tools = definition.tools(db);
  const handler = createMcpHandler(
    () => {
      const server = new McpServer(
        { name: definition.name, title: definition.title, version: '1.0.0' },
        { instructions: definition.instructions },
      );
      for (const tool of tools) {
        tool.register(server);
      }
      return server;
    },
    { legacy: 'stateless' },
  );
  return {
    name: definition.name,
    path: `/${definition.name}/mcp`,
    handle: toNodeHandler(handler),
    async close() {
      await handler.close();
      db.close();
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}
