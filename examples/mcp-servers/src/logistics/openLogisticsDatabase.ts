import { SHIPMENTS, STOCK } from '../company/fulfilment';
import { ORDERS } from '../company/orders';
import { PRODUCTS } from '../company/products';
import { insertRows, openDatabase } from '../storage/openDatabase';

const TABLES = `
  CREATE TABLE products (
    sku TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    category TEXT NOT NULL,
    price_cents INTEGER NOT NULL,
    weight_grams INTEGER NOT NULL,
    description TEXT NOT NULL
  );
  CREATE INDEX products_category ON products (category, sku);

  CREATE TABLE stock (
    sku TEXT NOT NULL REFERENCES products (sku),
    warehouse TEXT NOT NULL,
    on_hand INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    reorder_point INTEGER NOT NULL,
    PRIMARY KEY (sku, warehouse)
  );

  CREATE TABLE shipments (
    shipment_id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL UNIQUE,
    carrier TEXT NOT NULL,
    tracking_number TEXT NOT NULL UNIQUE,
    warehouse TEXT NOT NULL,
    status TEXT NOT NULL,
    shipped_on TEXT,
    expected_on TEXT NOT NULL,
    delivered_on TEXT
  );
  CREATE INDEX shipments_status ON shipments (status, shipment_id);
  CREATE INDEX shipments_carrier ON shipments (carrier, shipment_id);
  CREATE INDEX shipments_warehouse ON shipments (warehouse, shipment_id);

  CREATE TABLE shipment_events (
    shipment_id TEXT NOT NULL REFERENCES shipments (shipment_id),
    position INTEGER NOT NULL,
    happened_on TEXT NOT NULL,
    place TEXT NOT NULL,
    what TEXT NOT NULL,
    PRIMARY KEY (shipment_id, position)
  );

  CREATE TABLE addresses (
    order_id TEXT PRIMARY KEY,
    recipient TEXT NOT NULL,
    street TEXT NOT NULL,
    postal_code TEXT NOT NULL,
    city TEXT NOT NULL,
    country TEXT NOT NULL
  );

  CREATE TABLE address_changes (
    change_id INTEGER PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES addresses (order_id),
    previous_address TEXT NOT NULL,
    changed_at TEXT NOT NULL
  );

  CREATE TABLE replenishments (
    replenishment_id INTEGER PRIMARY KEY,
    sku TEXT NOT NULL REFERENCES products (sku),
    warehouse TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    note TEXT,
    created_at TEXT NOT NULL
  );

  CREATE TABLE pickups (
    pickup_id INTEGER PRIMARY KEY,
    carrier TEXT NOT NULL,
    warehouse TEXT NOT NULL,
    pickup_on TEXT NOT NULL,
    parcels INTEGER NOT NULL,
    requested_at TEXT NOT NULL,
    UNIQUE (carrier, warehouse, pickup_on)
  );
`;

/** Opens the data of the logistics server: articles, stock, shipments, pickups. */
export function openLogisticsDatabase(directory: string) {
  return openDatabase({
    directory,
    name: 'logistics',
    tables: TABLES,
    seed(db) {
      insertRows(
        db,
        'products',
        PRODUCTS.map(product => ({
          sku: product.sku,
          name: product.name,
          category: product.category,
          price_cents: product.priceCents,
          weight_grams: product.weightGrams,
          description: product.description,
        })),
      );
      insertRows(
        db,
        'stock',
        STOCK.map(stock => ({
          sku: stock.sku,
          warehouse: stock.warehouse,
          on_hand: stock.onHand,
          reserved: stock.reserved,
          reorder_point: stock.reorderPoint,
        })),
      );
      insertRows(
        db,
        'shipments',
        SHIPMENTS.map(shipment => ({
          shipment_id: shipment.shipmentId,
          order_id: shipment.order.orderId,
          carrier: shipment.carrier,
          tracking_number: shipment.trackingNumber,
          warehouse: shipment.warehouse,
          status: shipment.status,
          shipped_on: shipment.shippedOn ?? null,
          expected_on: shipment.expectedOn,
          delivered_on: shipment.deliveredOn ?? null,
        })),
      );
      insertRows(
        db,
        'shipment_events',
        SHIPMENTS.flatMap(({ shipmentId, events }) =>
          events.map((event, position) => ({
            shipment_id: shipmentId,
            position,
            happened_on: event.on,
            place: event.place,
            what: event.what,
          })),
        ),
      );
      insertRows(
        db,
        'addresses',
        ORDERS.map(({ orderId, customer }) => ({
          order_id: orderId,
          recipient: customer.name,
          street: customer.street,
          postal_code: customer.postalCode,
          city: customer.city,
          country: customer.country,
        })),
      );
    },
  });
}
