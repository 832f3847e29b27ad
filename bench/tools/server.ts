// A tiny MCP server with one tool, in a process of its own.
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, Server } from '@modelcontextprotocol/server';
import { listen } from './processes';

const handler = toNodeHandler(
  createMcpHandler(() => {
    const server = new Server(
      { name: 'bench', version: '1' },
      { capabilities: { tools: {} } },
    );
    server.setRequestHandler('tools/list', () => ({
      tools: [
        {
          name: 'find_order',
          description: 'Finds an order by its number.',
          inputSchema: {
            type: 'object',
            properties: { orderId: { type: 'string' } },
            required: ['orderId'],
          },
          annotations: { readOnlyHint: true },
        },
      ],
    }));
    server.setRequestHandler('tools/call', ({ params }) => ({
      content: [
        { type: 'text', text: `Order ${params.arguments?.orderId}: delivered` },
      ],
    }));
    return server;
  }),
);

listen((req, res) => void handler(req, res));
