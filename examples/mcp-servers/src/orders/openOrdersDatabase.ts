import { CUSTOMERS } from '../company/customers';
import { ORDERS, RETURNS } from '../company/orders';
import { insertRows, openDatabase } from '../storage/openDatabase';

const TABLES = `
  CREATE TABLE customers (
    customer_id TEXT PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE,
    email TEXT NOT NULL UNIQUE COLLATE NOCASE,
    phone TEXT NOT NULL,
    street TEXT NOT NULL,
    postal_code TEXT NOT NULL,
    city TEXT NOT NULL,
    country TEXT NOT NULL,
    loyalty_tier TEXT NOT NULL
  );
  CREATE INDEX customers_name ON customers (name);

  CREATE TABLE orders (
    order_id TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES customers (customer_id),
    status TEXT NOT NULL,
    placed_on TEXT NOT NULL,
    shipping_cents INTEGER NOT NULL,
    total_cents INTEGER NOT NULL,
    shipment_id TEXT,
    invoice_id TEXT NOT NULL,
    cancel_reason TEXT
  );
  CREATE INDEX orders_customer ON orders (customer_id, order_id);
  CREATE INDEX orders_status ON orders (status, order_id);
  CREATE INDEX orders_placed_on ON orders (placed_on);

  CREATE TABLE order_items (
    order_id TEXT NOT NULL REFERENCES orders (order_id),
    sku TEXT NOT NULL,
    product TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    price_cents INTEGER NOT NULL,
    PRIMARY KEY (order_id, sku)
  );
  CREATE INDEX order_items_sku ON order_items (sku, order_id);

  CREATE TABLE returns (
    return_id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (order_id),
    sku TEXT NOT NULL,
    product TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    reason TEXT NOT NULL,
    status TEXT NOT NULL,
    requested_on TEXT NOT NULL,
    refund_cents INTEGER NOT NULL
  );
  CREATE INDEX returns_order ON returns (order_id);
  CREATE INDEX returns_status ON returns (status, return_id);

  CREATE TABLE outbox (
    message_id INTEGER PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (order_id),
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    queued_at TEXT NOT NULL
  );
`;

const SHIPPED_STATUSES = ['packed', 'shipped', 'delivered'];

/** Opens the data of the orders server: customers, orders, returns, outbox. */
export function openOrdersDatabase(directory: string) {
  return openDatabase({
    directory,
    name: 'orders',
    tables: TABLES,
    seed(db) {
      insertRows(
        db,
        'customers',
        CUSTOMERS.map(customer => ({
          customer_id: customer.customerId,
          name: customer.name,
          email: customer.email,
          phone: customer.phone,
          street: customer.street,
          postal_code: customer.postalCode,
          city: customer.city,
          country: customer.country,
          loyalty_tier: customer.loyaltyTier,
        })),
      );
      insertRows(
        db,
        'orders',
        ORDERS.map(order => ({
          order_id: order.orderId,
          customer_id: order.customer.customerId,
          status: order.status,
          placed_on: order.placedOn,
          shipping_cents: order.shippingCents,
          total_cents: order.totalCents,
          shipment_id: SHIPPED_STATUSES.includes(order.status)
            ? `SH-${30000 + order.serial}`
            : null,
          invoice_id: `INV-${40000 + order.serial}`,
          cancel_reason:
            order.status === 'cancelled' ? 'Cancelled by the customer' : null,
        })),
      );
      insertRows(
        db,
        'order_items',
        ORDERS.flatMap(({ orderId, items }) =>
          items.map(({ product, quantity }) => ({
            order_id: orderId,
            sku: product.sku,
            product: product.name,
            quantity,
            price_cents: product.priceCents,
          })),
        ),
      );
      insertRows(
        db,
        'returns',
        RETURNS.map(entry => ({
          return_id: entry.returnId,
          order_id: entry.order.orderId,
          sku: entry.item.product.sku,
          product: entry.item.product.name,
          quantity: entry.quantity,
          reason: entry.reason,
          status: entry.status,
          requested_on: entry.requestedOn,
          refund_cents: entry.refundCents,
        })),
      );
    },
  });
}
