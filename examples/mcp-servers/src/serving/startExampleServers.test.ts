import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { type ExampleServers, startExampleServers } from '..';

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

async function answer(name: string, tool: string, args: object) {
  const client = await connect(name);
  const result = await client.callTool({ name: tool, arguments: { ...args } });
  return {
    isError: result.isError === true,
    text: (result.content[0] as { text: string }).text,
    data: result.structuredContent as any,
  };
}

describe('a call that cannot be done', () => {
  it.each([
    ['orders', 'find_order', { orderId: 'NH-99999' }, /search_orders/],
    ['orders', 'find_order', { orderId: '42' }, /such as NH-10042/],
    ['orders', 'find_customer', { customer: 'Maya' }, /More than one customer/],
    [
      'orders',
      'cancel_order',
      { orderId: 'NH-10001', reason: 'Too late' },
      /can no longer be cancelled/,
    ],
    ['orders', 'list_returns', { cursor: 'nonsense' }, /Leave cursor out/],
    ['logistics', 'track_shipment', {}, /Give the order number/],
    ['logistics', 'check_stock', { product: 'spaceship' }, /search_products/],
    [
      'finance',
      'issue_refund',
      { invoiceId: 'INV-40001', amountEur: 1e6, reason: 'Greed' },
      /can be refunded/,
    ],
    ['people', 'get_leave_balance', { employee: 'Nobody' }, /search_employees/],
    [
      'people',
      'delete_employee_record',
      { employeeId: 'E-101', reason: 'Mistake' },
      /works here/,
    ],
  ])('%s %s %j says what to do', async (server, tool, args, words) => {
    const { isError, text } = await answer(server, tool, args);
    expect(isError).toBe(true);
    expect(text).toMatch(words);
  });
});

describe('writes', () => {
  it('keep a return and do not accept it twice', async () => {
    const order = { orderId: 'NH-10120' };
    const { data } = await answer('orders', 'find_order', order);
    const { items } = data;
    const before = await answer('orders', 'list_returns', order);
    const item = items.find(
      ({ sku }: { sku: string }) =>
        !before.data.returns.some((entry: any) => entry.sku === sku),
    );
    const args = {
      ...order,
      sku: item.sku,
      quantity: item.quantity,
      reason: 'changed_mind',
    };

    const first = await answer('orders', 'create_return', args);
    const second = await answer('orders', 'create_return', args);

    const found = await answer('orders', 'find_return', {
      returnId: first.data.returnId,
    });
    expect(found.data).toEqual(first.data);
    expect(second.isError).toBe(true);
    expect(second.text).toMatch(/already/);
  });

  it('take refunds off what can still be refunded', async () => {
    const args = { invoiceId: 'INV-40043' };
    const { data } = await answer('finance', 'find_invoice', args);
    const left = Math.round((data.paidEur - data.refundedEur) * 100) / 100;
    expect(left).toBeGreaterThan(0);

    const all = { ...args, amountEur: left, reason: 'Lost parcel' };
    expect((await answer('finance', 'issue_refund', all)).isError).toBe(false);
    expect((await answer('finance', 'issue_refund', all)).isError).toBe(true);
    const after = await answer('finance', 'find_invoice', args);
    expect(after.data.status).toBe('refunded');
  });

  it('survive a restart, which does not fill the data again', async () => {
    const other = mkdtempSync(join(tmpdir(), 'example-company-'));
    const first = await startExampleServers({ port: 0, dataDirectory: other });
    const call = async (url: string, tool: string, args: object) => {
      const client = new Client({ name: 'test', version: '1.0.0' });
      await client.connect(new StreamableHTTPClientTransport(new URL(url)));
      const result = await client.callTool({
        name: tool,
        arguments: { ...args },
      });
      await client.close();
      return result.structuredContent as any;
    };
    await call(first.urls.orders, 'cancel_order', {
      orderId: 'NH-10260',
      reason: 'Ordered twice',
    });
    await first.stop();

    const second = await startExampleServers({ port: 0, dataDirectory: other });
    const order = await call(second.urls.orders, 'find_order', {
      orderId: 'NH-10260',
    });
    await second.stop();
    rmSync(other, { recursive: true });

    expect(order.status).toBe('cancelled');
  });
});

describe('lists', () => {
  it.each([
    ['orders', 'search_orders', 'orders', 'orderId', 260],
    ['logistics', 'list_shipments', 'shipments', 'shipmentId', 200],
    ['finance', 'list_payments', 'payments', 'paymentId', 180],
    ['people', 'search_employees', 'employees', 'employeeId', 60],
  ])(
    '%s %s reads every row once, page by page',
    async (server, tool, list, id, least) => {
      const client = await connect(server);
      const seen: string[] = [];
      let cursor: string | undefined;
      let total: number;
      do {
        const result = await client.callTool({
          name: tool,
          arguments: { limit: 40, ...(cursor && { cursor }) },
        });
        const page = result.structuredContent as any;
        seen.push(...page[list].map((item: any) => item[id]));
        total = page.total;
        cursor = page.nextCursor;
      } while (cursor);
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toHaveLength(total);
      expect(total).toBeGreaterThanOrEqual(least);
    },
  );
});

describe('the port', () => {
  it('refuses a Host header of another machine', async () => {
    const status = await new Promise(resolve => {
      request(
        servers.urls.orders,
        { method: 'POST', headers: { host: 'evil.example' } },
        response => resolve(response.statusCode),
      ).end('{}');
    });
    expect(status).toBe(403);
  });

  it('tells where the servers are on another path', async () => {
    const response = await fetch(`http://127.0.0.1:${servers.port}/mcp`);
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('/orders/mcp');
  });

  it('cannot be taken twice', async () => {
    await expect(
      startExampleServers({ port: servers.port, dataDirectory: directory }),
    ).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
