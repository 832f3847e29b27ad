import type Database from 'better-sqlite3';
import { z } from 'zod/v4';
import { CARRIERS, SHIPMENT_STATUSES, WAREHOUSES } from '../company/fulfilment';
import { orderId, shipmentId } from '../company/identifiers';
import { CannotDo } from '../serving/CannotDo';
import { defineTool, type ServerTool } from '../serving/defineTool';
import {
  pageHeading,
  pageInput,
  pageOutput,
  readPage,
} from '../storage/readPage';

interface ShipmentRow {
  shipment_id: string;
  order_id: string;
  carrier: (typeof CARRIERS)[number];
  tracking_number: string;
  warehouse: (typeof WAREHOUSES)[number];
  status: (typeof SHIPMENT_STATUSES)[number];
  shipped_on: string | null;
  expected_on: string;
  delivered_on: string | null;
}

const shipmentRecord = z.object({
  shipmentId: z.string(),
  orderId: z.string(),
  status: z.enum(SHIPMENT_STATUSES),
  carrier: z.enum(CARRIERS),
  trackingNumber: z.string(),
  warehouse: z.enum(WAREHOUSES),
  shippedOn: z.string().optional(),
  expectedOn: z.string().describe('Expected delivery date'),
  deliveredOn: z.string().optional(),
});

/** Tools that read shipments. */
export function shipmentTools(db: Database.Database): ServerTool[] {
  return [trackShipment(db), listShipments(db)];
}

function trackShipment(db: Database.Database) {
  return defineTool({
    name: 'track_shipment',
    title: 'Track shipment',
    description:
      'Track the shipment or parcel of an order: carrier, tracking number, status, where the parcel is now, expected delivery date and events. Give the order number, the shipment number or the tracking number.',
    effect: 'read',
    input: z.object({
      orderId: orderId.optional(),
      shipmentId: shipmentId.optional(),
      trackingNumber: z
        .string()
        .regex(/^[A-Za-z]{2}[0-9]{8}$/)
        .toUpperCase()
        .optional()
        .describe("The carrier's tracking number, for example PN12345678"),
    }),
    output: shipmentRecord.extend({
      lastPlace: z.string(),
      events: z.array(
        z.object({ on: z.string(), place: z.string(), what: z.string() }),
      ),
    }),
    run(input) {
      const [column, value] = keyOf(input);
      const row = db
        .prepare(`SELECT * FROM shipments WHERE ${column} = ?`)
        .get(value) as ShipmentRow | undefined;
      if (!row) {
        throw new CannotDo(
          column === 'order_id'
            ? `There is no shipment for order ${value}: the order does not exist, is not packed yet or was cancelled. Look at the order itself to see which.`
            : `There is no shipment ${value}. Check the number, or track it by the order number.`,
        );
      }
      const events = db
        .prepare(
          'SELECT happened_on AS "on", place, what FROM shipment_events WHERE shipment_id = ? ORDER BY position',
        )
        .all(row.shipment_id) as Array<{
        on: string;
        place: string;
        what: string;
      }>;
      const lastPlace = events[events.length - 1]?.place ?? row.warehouse;
      return {
        text: [
          describe(row),
          ...events.map(
            event => `- ${event.on}, ${event.place}: ${event.what}`,
          ),
        ].join('\n'),
        data: { ...toRecord(row), lastPlace, events },
      };
    },
  });
}

function keyOf(input: {
  orderId?: string;
  shipmentId?: string;
  trackingNumber?: string;
}): [column: string, value: string] {
  if (input.shipmentId !== undefined) {
    return ['shipment_id', input.shipmentId];
  }
  if (input.trackingNumber !== undefined) {
    return ['tracking_number', input.trackingNumber];
  }
  if (input.orderId !== undefined) {
    return ['order_id', input.orderId];
  }
  throw new CannotDo(
    'Give the order number (such as NH-10042), the shipment number or the tracking number.',
  );
}

function listShipments(db: Database.Database) {
  return defineTool({
    name: 'list_shipments',
    title: 'List shipments',
    description:
      'List shipments by status, carrier or warehouse, for example all delayed or lost parcels. Newest first.',
    effect: 'read',
    input: z.object({
      status: z
        .enum(SHIPMENT_STATUSES)
        .optional()
        .describe('Only shipments with this status'),
      carrier: z.enum(CARRIERS).optional().describe('Only of this carrier'),
      warehouse: z
        .enum(WAREHOUSES)
        .optional()
        .describe('Only from this warehouse: gothenburg, gdansk or lyon'),
      ...pageInput,
    }),
    output: z.object({ shipments: z.array(shipmentRecord), ...pageOutput }),
    run(input) {
      const page = readPage<ShipmentRow>(db, {
        columns: '*',
        from: 'shipments',
        key: 'shipment_id',
        order: 'descending',
        filters: [
          { sql: 'status = ?', value: input.status },
          { sql: 'carrier = ?', value: input.carrier },
          { sql: 'warehouse = ?', value: input.warehouse },
        ],
        limit: input.limit,
        cursor: input.cursor,
      });
      const { items, ...rest } = page;
      return {
        text: [
          pageHeading(page, 'shipment', 'shipments'),
          ...items.map(row => `- ${describe(row)}`),
        ].join('\n'),
        data: { shipments: items.map(toRecord), ...rest },
      };
    },
  });
}

function toRecord(row: ShipmentRow): z.output<typeof shipmentRecord> {
  return {
    shipmentId: row.shipment_id,
    orderId: row.order_id,
    status: row.status,
    carrier: row.carrier,
    trackingNumber: row.tracking_number,
    warehouse: row.warehouse,
    ...(row.shipped_on && { shippedOn: row.shipped_on }),
    expectedOn: row.expected_on,
    ...(row.delivered_on && { deliveredOn: row.delivered_on }),
  };
}

function describe(row: ShipmentRow): string {
  const when = row.delivered_on
    ? `delivered on ${row.delivered_on}`
    : `expected on ${row.expected_on}`;
  return `Shipment ${row.shipment_id} of order ${
    row.order_id
  } is ${row.status.replaceAll('_', ' ')}, ${when}; carrier ${
    row.carrier
  }, tracking number ${row.tracking_number}, from ${row.warehouse}.`;
}
