import type Database from 'better-sqlite3';
import { z } from 'zod/v4';
import { day, orderId, sku } from '../company/identifiers';
import { euros, formatEuros } from '../company/money';
import { ORDER_STATUSES } from '../company/orders';
import { defineTool, type ServerTool } from '../serving/defineTool';
import {
  pageHeading,
  pageInput,
  pageOutput,
  readPage,
} from '../storage/readPage';
import {
  ORDER_COLUMNS,
  ORDER_TABLES,
  type OrderRow,
  orderSummary,
  requireCustomer,
  requireOrder,
  toOrderSummary,
} from './records';

/** Tools that read orders and customers. */
export function orderTools(db: Database.Database): ServerTool[] {
  return [findOrder(db), searchOrders(db), findCustomer(db)];
}

function findOrder(db: Database.Database) {
  return defineTool({
    name: 'find_order',
    title: 'Find order',
    description:
      'Look up one order by its order number: status, items, total price, customer, delivery address, shipment number and invoice number.',
    effect: 'read',
    input: z.object({ orderId }),
    output: orderSummary.extend({
      customerId: z.string(),
      customerEmail: z.string(),
      deliveryAddress: z.string(),
      items: z.array(
        z.object({
          sku: z.string(),
          product: z.string(),
          quantity: z.number().int(),
          priceEur: z.number().describe('Price of one piece'),
        }),
      ),
      shippingEur: z.number(),
      shipmentId: z.string().optional(),
      invoiceId: z.string(),
    }),
    run(input) {
      const row = requireOrder(db, input.orderId);
      const items = (
        db
          .prepare(
            'SELECT sku, product, quantity, price_cents FROM order_items WHERE order_id = ? ORDER BY sku',
          )
          .all(row.order_id) as Array<{
          sku: string;
          product: string;
          quantity: number;
          price_cents: number;
        }>
      ).map(({ price_cents, ...item }) => ({
        ...item,
        priceEur: euros(price_cents),
      }));
      const deliveryAddress = `${row.street}, ${row.postal_code} ${row.city}, ${row.country}`;
      const lines = items.map(
        item =>
          `- ${item.quantity} x ${item.product} (${item.sku}), ${formatEuros(
            item.priceEur * 100,
          )} each`,
      );
      return {
        text: [
          `Order ${row.order_id} is ${row.status}. ${row.name} (${row.email}, ${row.customer_id}) placed it on ${row.placed_on}.`,
          'Items:',
          ...lines,
          `Total: ${formatEuros(
            row.total_cents,
          )}, of which shipping ${formatEuros(row.shipping_cents)}.`,
          `Delivery address: ${deliveryAddress}.`,
          row.shipment_id
            ? `Shipment ${row.shipment_id}, invoice ${row.invoice_id}.`
            : `No shipment yet. Invoice ${row.invoice_id}.`,
        ].join('\n'),
        data: {
          ...toOrderSummary(row),
          customerId: row.customer_id,
          customerEmail: row.email,
          deliveryAddress,
          items,
          shippingEur: euros(row.shipping_cents),
          ...(row.shipment_id && { shipmentId: row.shipment_id }),
          invoiceId: row.invoice_id,
        },
      };
    },
  });
}

function searchOrders(db: Database.Database) {
  return defineTool({
    name: 'search_orders',
    title: 'Search orders',
    description:
      'Search or list orders by customer, status, product or the dates between which they were placed. Newest first.',
    effect: 'read',
    input: z.object({
      customer: z
        .string()
        .min(2)
        .optional()
        .describe('Name, email address or customer number of the customer'),
      status: z
        .enum(ORDER_STATUSES)
        .optional()
        .describe('Only orders with this status'),
      sku: sku.optional(),
      placedFrom: day('Only orders placed on or after this day').optional(),
      placedTo: day('Only orders placed on or before this day').optional(),
      ...pageInput,
    }),
    output: z.object({ orders: z.array(orderSummary), ...pageOutput }),
    run(input) {
      const customer =
        input.customer === undefined
          ? undefined
          : requireCustomer(db, input.customer).customer_id;
      const page = readPage<OrderRow>(db, {
        columns: ORDER_COLUMNS,
        from: ORDER_TABLES,
        key: 'o.order_id',
        order: 'descending',
        filters: [
          { sql: 'o.customer_id = ?', value: customer },
          { sql: 'o.status = ?', value: input.status },
          { sql: 'o.placed_on >= ?', value: input.placedFrom },
          { sql: 'o.placed_on <= ?', value: input.placedTo },
          {
            sql: 'o.order_id IN (SELECT order_id FROM order_items WHERE sku = ?)',
            value: input.sku,
          },
        ],
        limit: input.limit,
        cursor: input.cursor,
      });
      const { items, ...rest } = page;
      return {
        text: [
          pageHeading(page, 'order', 'orders'),
          ...items.map(
            row =>
              `- ${row.order_id}: ${row.status}, placed on ${
                row.placed_on
              } by ${row.name}, ${formatEuros(row.total_cents)}`,
          ),
        ].join('\n'),
        data: { orders: items.map(toOrderSummary), ...rest },
      };
    },
  });
}

function findCustomer(db: Database.Database) {
  return defineTool({
    name: 'find_customer',
    title: 'Find customer',
    description:
      'Look up a customer by name, email or customer number: email address, phone, city, loyalty tier, number of orders and amount spent.',
    effect: 'read',
    input: z.object({
      customer: z
        .string()
        .min(2)
        .describe(
          'Name, email address or customer number (such as C-1017) of the customer',
        ),
    }),
    output: z.object({
      customerId: z.string(),
      name: z.string(),
      email: z.string(),
      phone: z.string(),
      address: z.string(),
      loyaltyTier: z.string(),
      orderCount: z.number().int(),
      spentEur: z
        .number()
        .describe('Total of all orders, without cancelled ones'),
      lastOrderId: z.string().optional(),
    }),
    run(input) {
      const customer = requireCustomer(db, input.customer);
      const totals = db
        .prepare(
          `SELECT COUNT(*) AS count, MAX(order_id) AS last,
             COALESCE(SUM(CASE WHEN status = 'cancelled' THEN 0 ELSE total_cents END), 0) AS spent
           FROM orders WHERE customer_id = ?`,
        )
        .get(customer.customer_id) as {
        count: number;
        last: string | null;
        spent: number;
      };
      const address = `${customer.street}, ${customer.postal_code} ${customer.city}, ${customer.country}`;
      return {
        text: [
          `${customer.name} (${customer.customer_id}) has the loyalty tier ${customer.loyalty_tier}.`,
          `Email ${customer.email}, phone ${customer.phone}, address ${address}.`,
          `${totals.count} orders, ${formatEuros(totals.spent)} spent${
            totals.last ? `; the last order is ${totals.last}` : ''
          }.`,
        ].join('\n'),
        data: {
          customerId: customer.customer_id,
          name: customer.name,
          email: customer.email,
          phone: customer.phone,
          address,
          loyaltyTier: customer.loyalty_tier,
          orderCount: totals.count,
          spentEur: euros(totals.spent),
          ...(totals.last && { lastOrderId: totals.last }),
        },
      };
    },
  });
}
