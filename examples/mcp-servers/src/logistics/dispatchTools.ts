import type Database from 'better-sqlite3';
import { z } from 'zod/v4';
import { CARRIERS, WAREHOUSES } from '../company/fulfilment';
import { day, orderId } from '../company/identifiers';
import { CannotDo } from '../serving/CannotDo';
import { defineTool, type ServerTool } from '../serving/defineTool';

interface AddressRow {
  recipient: string;
  street: string;
  postal_code: string;
  city: string;
  country: string;
}

/** Tools that change where parcels go and who fetches them. */
export function dispatchTools(db: Database.Database): ServerTool[] {
  return [changeDeliveryAddress(db), bookCarrierPickup(db)];
}

function changeDeliveryAddress(db: Database.Database) {
  return defineTool({
    name: 'change_delivery_address',
    title: 'Change delivery address',
    description:
      'Change the delivery address of an order whose parcel has not left the warehouse. The previous address is kept.',
    effect: 'write',
    idempotent: true,
    input: z.object({
      orderId,
      street: z.string().min(3).max(120).describe('Street and house number'),
      postalCode: z.string().min(3).max(12).describe('Postal code'),
      city: z.string().min(2).max(80).describe('City'),
      country: z
        .string()
        .min(2)
        .max(60)
        .optional()
        .describe('Country; stays as it is when left out'),
    }),
    output: z.object({
      orderId: z.string(),
      address: z.string(),
      previousAddress: z.string(),
    }),
    run(input) {
      const previous = db
        .prepare('SELECT * FROM addresses WHERE order_id = ?')
        .get(input.orderId) as AddressRow | undefined;
      if (!previous) {
        throw new CannotDo(
          `There is no order ${input.orderId}. Check the number.`,
        );
      }
      const shipment = db
        .prepare('SELECT status FROM shipments WHERE order_id = ?')
        .get(input.orderId) as { status: string } | undefined;
      if (shipment && shipment.status !== 'packed') {
        throw new CannotDo(
          `The parcel of order ${
            input.orderId
          } has left the warehouse (${shipment.status.replaceAll(
            '_',
            ' ',
          )}); its address can no longer be changed here. Ask the carrier with the tracking number.`,
        );
      }

      const next: AddressRow = {
        recipient: previous.recipient,
        street: input.street,
        postal_code: input.postalCode,
        city: input.city,
        country: input.country ?? previous.country,
      };
      const address = format(next);
      const previousAddress = format(previous);
      if (address !== previousAddress) {
        db.transaction(() => {
          db.prepare(
            'INSERT INTO address_changes (order_id, previous_address, changed_at) VALUES (?, ?, ?)',
          ).run(input.orderId, previousAddress, new Date().toISOString());
          db.prepare(
            `UPDATE addresses SET street = @street, postal_code = @postal_code,
               city = @city, country = @country WHERE order_id = @order_id`,
          ).run({
            order_id: input.orderId,
            street: next.street,
            postal_code: next.postal_code,
            city: next.city,
            country: next.country,
          });
        })();
      }
      return {
        text: `Order ${input.orderId} goes to ${address}. It was ${previousAddress} before.`,
        data: { orderId: input.orderId, address, previousAddress },
      };
    },
  });
}

function bookCarrierPickup(db: Database.Database) {
  return defineTool({
    name: 'book_carrier_pickup',
    title: 'Book carrier pickup',
    description:
      'Book a pickup: asks a carrier to collect parcels at a warehouse on a date.',
    effect: 'external',
    idempotent: true,
    input: z.object({
      carrier: z.enum(CARRIERS).describe('Carrier that collects the parcels'),
      warehouse: z
        .enum(WAREHOUSES)
        .describe('Warehouse: gothenburg, gdansk or lyon'),
      date: day('Day of the pickup'),
      parcels: z
        .number()
        .int()
        .min(1)
        .max(5000)
        .describe('How many parcels wait there'),
    }),
    output: z.object({
      pickupId: z.number().int(),
      carrier: z.enum(CARRIERS),
      warehouse: z.enum(WAREHOUSES),
      date: z.string(),
      parcels: z.number().int(),
    }),
    run(input) {
      // One pickup a day for a carrier and a warehouse: asking again changes it.
      db.prepare(
        `INSERT INTO pickups (carrier, warehouse, pickup_on, parcels, requested_at)
         VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (carrier, warehouse, pickup_on) DO UPDATE SET parcels = excluded.parcels`,
      ).run(
        input.carrier,
        input.warehouse,
        input.date,
        input.parcels,
        new Date().toISOString(),
      );
      const { pickup_id } = db
        .prepare(
          'SELECT pickup_id FROM pickups WHERE carrier = ? AND warehouse = ? AND pickup_on = ?',
        )
        .get(input.carrier, input.warehouse, input.date) as {
        pickup_id: number;
      };
      return {
        text: `Pickup ${pickup_id}: ${input.carrier} collects ${input.parcels} parcels in ${input.warehouse} on ${input.date}.`,
        data: { pickupId: pickup_id, ...input },
      };
    },
  });
}

function format(address: AddressRow): string {
  return `${address.recipient}, ${address.street}, ${address.postal_code} ${address.city}, ${address.country}`;
}
