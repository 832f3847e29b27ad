import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { type ExampleServers, startExampleServers } from '..';

/** One call of each tool that must succeed; in this order. */
const CALLS: Record<string, Array<[tool: string, args: object]>> = {
  orders: [
    ['find_order', { orderId: 'nh-10042' }],
    ['search_orders', { status: 'pending' }],
    ['find_customer', { customer: 'Piotr Rossi' }],
    ['find_return', { returnId: 'RT-2001' }],
    ['list_returns', { reason: 'damaged' }],
    [
      'create_return',
      { orderId: 'NH-10042', sku: 'CKG-604', reason: 'damaged' },
    ],
    [
      'send_customer_email',
      { orderId: 'NH-10042', subject: 'Hello', message: 'Your parcel came.' },
    ],
    ['cancel_order', { orderId: 'NH-10260', reason: 'Ordered twice' }],
  ],
  logistics: [
    ['search_products', { query: 'sleeping bags', maxPriceEur: 300 }],
    ['check_stock', { product: 'fjellro 2 trekking tents' }],
    ['list_low_stock', { warehouse: 'gdansk' }],
    [
      'create_replenishment',
      { sku: 'TNT-102', warehouse: 'lyon', quantity: 5 },
    ],
    ['track_shipment', { orderId: 'NH-10042' }],
    ['list_shipments', { status: 'delayed' }],
    [
      'change_delivery_address',
      {
        orderId: 'NH-10255',
        street: 'Harbour Street 5',
        postalCode: '411 04',
        city: 'Gothenburg',
      },
    ],
    [
      'book_carrier_pickup',
      { carrier: 'DHL', warehouse: 'lyon', date: '2026-11-25', parcels: 12 },
    ],
  ],
  finance: [
    ['find_invoice', { orderId: 'NH-10042' }],
    ['list_invoices', { status: 'overdue' }],
    ['list_payments', { method: 'card' }],
    ['summarize_revenue', { groupBy: 'category' }],
    ['get_department_budget', { department: 'Logistics' }],
    ['add_invoice_note', { invoiceId: 'INV-40042', note: 'Checked' }],
    ['send_payment_reminder', { invoiceId: 'INV-40216' }],
    [
      'issue_refund',
      { invoiceId: 'INV-40042', amountEur: 10.1, reason: 'Goodwill' },
    ],
  ],
  people: [
    ['search_policies', { query: 'How many weeks of parental leave?' }],
    ['get_policy', { policyId: 'remote-work' }],
    ['get_leave_balance', { employee: 'Elin Marklund' }],
    ['list_absences', { department: 'Finance' }],
    [
      'request_leave',
      { employee: 'E-115', from: '2027-02-08', to: '2027-02-12' },
    ],
    ['search_employees', { department: 'Legal' }],
    [
      'send_employment_confirmation',
      { employee: 'Priya Raman', recipientEmail: 'landlord@example.com' },
    ],
  ],
};

let directory: string;
let servers: ExampleServers;
const clients: Array<{ close(): Promise<void> }> = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'example-company-'));
  servers = await startExampleServers({ port: 0, dataDirectory: directory });
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map(client => client.close()));
});

afterAll(async () => {
  await servers.stop();
  rmSync(directory, { recursive: true });
});

async function connect(name: string): Promise<Client> {
  const client = new Client(
    { name: 'test', version: '1.0.0' },
    { versionNegotiation: { mode: 'auto' } },
  );
  await client.connect(
    new StreamableHTTPClientTransport(new URL(servers.urls[name])),
  );
  clients.push(client);
  return client;
}

async function connectOlder(name: string): Promise<OlderClient> {
  const client = new OlderClient({ name: 'test', version: '1.0.0' });
  await client.connect(new OlderTransport(new URL(servers.urls[name])));
  clients.push(client);
  return client;
}

describe.each(Object.keys(CALLS))('the %s server', name => {
  it('answers every tool with text and structured content, in the newest era', async () => {
    const client = await connect(name);
    expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
    const called: string[] = [];
    // The client checks structured content against the output schema.
    await client.listTools();
    for (const [tool, args] of CALLS[name]) {
      const result = await client.callTool({
        name: tool,
        arguments: { ...args },
      });
      expect({ tool, content: result.content, error: result.isError }).toEqual({
        tool,
        content: [{ type: 'text', text: expect.stringMatching(/\w/) }],
        error: undefined,
      });
      expect(result.structuredContent).toEqual(expect.any(Object));
      called.push(tool);
    }

    const { tools } = await client.listTools();
    const left = tools.map(tool => tool.name).filter(n => !called.includes(n));
    // Who left the company is data, so that call has a test of its own.
    expect(left).toEqual(name === 'people' ? ['delete_employee_record'] : []);
  });

  it('lists the same tools to a client of the era before', async () => {
    const newer = await connect(name);
    const older = await connectOlder(name);
    const names = (await newer.listTools()).tools.map(tool => tool.name);

    const { tools } = await older.listTools();

    expect(tools.map(tool => tool.name)).toEqual(names);
    expect(names.length).toBeGreaterThanOrEqual(6);
    const [tool, args] = CALLS[name][0];
    const result = await older.callTool({ name: tool, arguments: { ...args } });
    expect(result.isError).toBeUndefined();
    expect(result.structuredContent).toEqual(expect.any(Object));
  });

  it('describes every tool and every argument, and hides no effect', async () => {
    const client = await connect(name);
    const { tools } = await client.listTools();
    for (const tool of tools) {
      expect(tool.description?.length).toBeGreaterThan(40);
      expect(tool.annotations).toEqual({
        title: tool.title,
        readOnlyHint: expect.any(Boolean),
        destructiveHint: expect.any(Boolean),
        idempotentHint: expect.any(Boolean),
        openWorldHint: expect.any(Boolean),
      });
      for (const [argument, schema] of Object.entries(
        tool.inputSchema.properties ?? {},
      )) {
        expect([tool.name, argument, schema]).toEqual([
          tool.name,
          argument,
          expect.objectContaining({ description: expect.any(String) }),
        ]);
      }
    }
  });
});

describe('annotations', () => {
  it('name the tools that destroy or spend, and those that reach outside', async () => {
    const destructive: string[] = [];
    const outside: string[] = [];
    for (const name of Object.keys(CALLS)) {
      const client = await connect(name);
      for (const tool of (await client.listTools()).tools) {
        if (tool.annotations?.destructiveHint) {
          destructive.push(tool.name);
        }
        if (tool.annotations?.openWorldHint) {
          outside.push(tool.name);
        }
      }
    }
    expect(destructive).toEqual([
      'cancel_order',
      'issue_refund',
      'delete_employee_record',
    ]);
    expect(outside).toEqual([
      'send_customer_email',
      'book_carrier_pickup',
      'send_payment_reminder',
      'send_employment_confirmation',
    ]);
  });
});
