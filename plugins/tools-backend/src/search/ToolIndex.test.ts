import type { ToolRecord } from '../registry/records';
import { ToolIndex } from './ToolIndex';

function tool(name: string, description: string, params: string[] = []) {
  const [server, toolName] = name.split('.');
  return {
    name,
    toolName,
    title: toolName,
    description,
    serverRef: `api:default/${server}`,
    inputSchema: {
      type: 'object',
      properties: Object.fromEntries(params.map(p => [p, { type: 'string' }])),
    },
  } as unknown as ToolRecord;
}

const index = new ToolIndex([
  tool('finance.get_invoice', 'Reads an invoice with its lines.', [
    'invoiceId',
  ]),
  tool('finance.list_invoices', 'Lists invoices, the newest first.', [
    'status',
    'customer',
  ]),
  tool(
    'logistics.check_stock',
    'Tells how many pieces of an article are in a warehouse.',
    ['sku', 'warehouse'],
  ),
  tool('logistics.trackShipment', 'Where a parcel is and when it arrives.', [
    'trackingNumber',
  ]),
  tool(
    'orders.create_return',
    'Opens a return for an order that a customer sends back.',
    ['orderId', 'reason'],
  ),
  tool('orders.find_order', 'Finds an order by number or customer.', [
    'orderId',
  ]),
  tool(
    'people.search_policies',
    'Searches the handbook, such as parental leave and expenses.',
    ['query'],
  ),
]);

describe('ToolIndex', () => {
  it.each([
    ['Where is my parcel right now?', 'logistics.trackShipment'],
    ['track the shipments of this week', 'logistics.trackShipment'],
    [
      'how much stock do we have in the Berlin warehouse',
      'logistics.check_stock',
    ],
    ['customer wants to return her order', 'orders.create_return'],
    ['which invoices are unpaid', 'finance.list_invoices'],
    ['how long is parental leave', 'people.search_policies'],
    ['sku', 'logistics.check_stock'],
    ['invoiceId', 'finance.get_invoice'],
  ])('finds for "%s" %s', (query, expected) => {
    expect(index.search(query)[0]?.name).toBe(expected);
  });

  it('completes a word that is being typed', () => {
    expect(index.search('wareh').map(t => t.name)).toEqual([
      'logistics.check_stock',
    ]);
    expect(index.search('wareh ')).toEqual([]);
  });

  it('finds nothing for what no tool is about', () => {
    expect(index.search('the weather on Mars')).toEqual([]);
    expect(index.search('… ?')).toEqual([]);
    expect(new ToolIndex([]).search('order')).toEqual([]);
  });
});
