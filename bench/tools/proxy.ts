// The least that can stand between a client and a server: an MCP server that
// hands every call to one client of the SDK. No accounts, rights or records.
import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, Server } from '@modelcontextprotocol/server';
import { listen } from './processes';

async function main(): Promise<void> {
  const upstream = new Client(
    { name: 'bare-proxy', version: '1' },
    { versionNegotiation: { mode: 'auto' } },
  );
  await upstream.connect(
    new StreamableHTTPClientTransport(new URL(process.argv[2])),
  );
  const handler = toNodeHandler(
    createMcpHandler(() => {
      const server = new Server(
        { name: 'bare-proxy', version: '1' },
        { capabilities: { tools: {} } },
      );
      server.setRequestHandler('tools/list', ({ params }) =>
        upstream.listTools(params),
      );
      server.setRequestHandler('tools/call', ({ params }) =>
        upstream.callTool({ name: params.name, arguments: params.arguments }),
      );
      return server;
    }),
  );
  listen((req, res) => void handler(req, res));
}

main().catch(error => {
  process.stderr.write(`${error?.stack ?? error}\n`);
  process.exit(1);
});
