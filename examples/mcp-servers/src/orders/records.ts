import type Database from 'better-sqlite3';
import { z } from 'zod/v4';
import { euros } from '../company/money';
import {
  ORDER_STATUSES,
  RETURN_REASONS,
  RETURN_STATUSES,
} from '../company/orders';
import { CannotDo } from '../serving/CannotDo';

/** A row of the orders table with the customer's name and email. */
export interface OrderRow {
  order_id: string;
  customer_id: string;
  name: string;
  email: string;
  street: string;
  postal_code: string;
  city: string;
  country: string;
  status: (typeof ORDER_STATUSES)[number];
  placed_on: string;
  shipping_cents: number;
  total_cents: number;
  shipment_id: string | null;
  invoice_id: string;
}

/** A row of the returns table. */
export interface ReturnRow {
  return_id: string;
  order_id: string;
  sku: string;
  product: string;
  quantity: number;
  reason: (typeof RETURN_REASONS)[number];
  status: (typeof RETURN_STATUSES)[number];
  requested_on: string;
  refund_cents: number;
}

/** A row of the customers table. */
export interface CustomerRow {
  customer_id: string;
  name: string;
  email: string;
  phone: string;
  street: string;
  postal_code: string;
  city: string;
  country: string;
  loyalty_tier: string;
}

export const orderSummary = z.object({
  orderId: z.string(),
  status: z.enum(ORDER_STATUSES),
  placedOn: z.string(),
  customerName: z.string(),
  totalEur: z.number(),
});

export const returnRecord = z.object({
  returnId: z.string(),
  orderId: z.string(),
  status: z.enum(RETURN_STATUSES),
  reason: z.enum(RETURN_REASONS),
  sku: z.string(),
  product: z.string(),
  quantity: z.number().int(),
  requestedOn: z.string(),
  refundEur: z.number(),
});

/** Columns and tables of {@link OrderRow}. */
export const ORDER_COLUMNS =
  'o.*, c.name, c.email, c.street, c.postal_code, c.city, c.country';
export const ORDER_TABLES = 'orders o JOIN customers c USING (customer_id)';

export function toOrderSummary(row: OrderRow): z.output<typeof orderSummary> {
  return {
    orderId: row.order_id,
    status: row.status,
    placedOn: row.placed_on,
    customerName: row.name,
    totalEur: euros(row.total_cents),
  };
}

export function toReturnRecord(row: ReturnRow): z.output<typeof returnRecord> {
  return {
    returnId: row.return_id,
    orderId: row.order_id,
    status: row.status,
    reason: row.reason,
    sku: row.sku,
    product: row.product,
    quantity: row.quantity,
    requestedOn: row.requested_on,
    refundEur: euros(row.refund_cents),
  };
}

/** The order of a number, or a sentence that tells how to find one. */
export function requireOrder(db: Database.Database, orderId: string): OrderRow {
  const row = db
    .prepare(
      `SELECT ${ORDER_COLUMNS} FROM ${ORDER_TABLES} WHERE o.order_id = ?`,
    )
    .get(orderId) as OrderRow | undefined;
  if (!row) {
    throw new CannotDo(
      `There is no order ${orderId}. Check the number, or find the order with search_orders by the customer's name or email.`,
    );
  }
  return row;
}

/** Finds one customer by number, email or name, whole or in part. */
export function requireCustomer(
  db: Database.Database,
  customer: string,
): CustomerRow {
  const wanted = customer.trim();
  const exact = db
    .prepare(
      'SELECT * FROM customers WHERE customer_id = ? OR email = ? OR name = ?',
    )
    .all(wanted.toUpperCase(), wanted, wanted) as CustomerRow[];
  const matches = exact.length
    ? exact
    : (db
        .prepare(
          `SELECT * FROM customers
           WHERE instr(lower(name), lower(?)) > 0 ORDER BY name LIMIT 6`,
        )
        .all(wanted) as CustomerRow[]);
  if (matches.length === 1) {
    return matches[0];
  }
  if (matches.length === 0) {
    throw new CannotDo(
      `No customer fits "${wanted}". Give the full name, the email address or the customer number (such as C-1017).`,
    );
  }
  const names = matches
    .slice(0, 5)
    .map(({ name, customer_id }) => `${name} (${customer_id})`);
  throw new CannotDo(
    `More than one customer fits "${wanted}": ${names.join(', ')}${
      matches.length > 5 ? ' and others' : ''
    }. Give the customer number or the email address.`,
  );
}
