import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const usage30d = { calls: 0, inputTokens: 0, outputTokens: 0, costNanoUsd: 0 };

const MODELS = [
  {
    id: 'openai/gpt-5.1',
    ref: 'model:default/openai.gpt-5.1',
    name: 'openai.gpt-5.1',
    title: 'GPT-5.1',
    provider: 'openai',
    type: 'chat',
    status: 'unavailable',
    statusMessage: 'No key',
    capabilities: [],
    price: {
      inputNanoUsdPerMillionTokens: 1_250_000_000,
      outputNanoUsdPerMillionTokens: 10_000_000_000,
    },
    source: 'provider',
    usage30d,
  },
  {
    id: 'builtin/extractive',
    ref: 'model:default/builtin.extractive',
    name: 'builtin.extractive',
    title: 'Built-in extractive',
    provider: 'builtin',
    type: 'chat',
    status: 'available',
    capabilities: [],
    price: {
      inputNanoUsdPerMillionTokens: 0,
      outputNanoUsdPerMillionTokens: 0,
    },
    source: 'provider',
    usage30d,
  },
  {
    id: 'openai/embed',
    ref: 'model:default/openai.embed',
    name: 'openai.embed',
    title: 'Embeddings',
    provider: 'openai',
    type: 'embedding',
    status: 'available',
    capabilities: [],
    price: null,
    source: 'provider',
    usage30d,
  },
  {
    id: 'balanced',
    ref: 'model:default/balanced',
    name: 'balanced',
    title: 'Balanced',
    provider: 'route',
    type: 'route',
    status: 'available',
    capabilities: [],
    price: null,
    source: 'catalog',
    route: {
      strategy: 'priority',
      candidates: [
        { id: 'openai/gpt-5.1', available: false },
        { id: 'builtin/extractive', available: true },
      ],
    },
    usage30d,
  },
];

function tool(server: string, name: string, title: string, riskTier: string) {
  return {
    ref: `tool:default/${server}.${name}`,
    name: `${server}.${name}`,
    title,
    description: `${title} in ${server}`,
    serverRef: `api:default/${server}`,
    toolName: name,
    ownerRef: 'group:default/order-operations',
    riskTier,
    status: 'available',
  };
}

const TOOLS = [
  tool('orders', 'find_order', 'Find order', 'read'),
  tool('orders', 'add_note', 'Add note', 'write'),
  tool('finance', 'find_invoice', 'Find invoice', 'read'),
  tool('finance', 'never', 'Never call', 'forbidden'),
];

function agent(name: string, title: string, description: string) {
  return {
    ...{ ref: `agent:default/${name}`, name, title, description },
    ...{ ownerRef: 'group:default/customer-care', lifecycle: 'production' },
  };
}

const AGENTS = [
  agent('order-desk', 'Order Desk', 'Knows the status of orders'),
  agent('invoice-clerk', 'Invoice Clerk', 'Knows invoices and payments'),
];

/** The end points of the model and tool gateways that the fields read. */
export interface Gateways {
  baseUrl: string;
  /** Whether they answer, or are down. */
  answer(answers: boolean): void;
  stop(): Promise<void>;
}

/** Starts an HTTP server that answers as the gateways do, on a free port. */
export async function startGateways(): Promise<Gateways> {
  let answers = true;
  const server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://localhost');
    res.setHeader('content-type', 'application/json');
    res.setHeader('access-control-allow-origin', '*');
    if (!answers) {
      res.statusCode = 503;
      res.end(JSON.stringify({ error: { name: 'Error', message: 'down' } }));
      return;
    }
    // Two pages of tools, so that paging is exercised.
    const second = url.searchParams.get('cursor') === '2';
    const q = url.searchParams.get('q') ?? undefined;
    if (q === '') {
      // As the portal does: a parameter that is given has a value.
      res.statusCode = 400;
      res.end(JSON.stringify({ error: { name: 'Error', message: 'empty' } }));
      return;
    }
    const items = AGENTS.filter(each => each.description.includes(q ?? ''));
    const bodies: Record<string, object> = {
      '/api/agents/agents': { items, totalItems: items.length },
      '/api/models/models': { items: MODELS },
      '/api/tools/tools': second
        ? { items: TOOLS.slice(2), totalItems: 4 }
        : { items: TOOLS.slice(0, 2), totalItems: 4, nextCursor: '2' },
    };
    res.end(JSON.stringify(bodies[url.pathname] ?? {}));
  });
  await new Promise<void>(done => {
    server.listen(0, '127.0.0.1', done);
  });
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer(value) {
      answers = value;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise(done => {
        server.close(done);
      });
    },
  };
}
