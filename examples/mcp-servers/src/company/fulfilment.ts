import { addDays, DATA_DAY, daysBetween } from './calendar';
import { ORDERS, type Order } from './orders';
import { PRODUCTS } from './products';
import { createRandom } from './random';

/** Where goods lie. */
export const WAREHOUSES = ['gothenburg', 'gdansk', 'lyon'] as const;

/** Who carries parcels. */
export const CARRIERS = ['PostNord', 'DHL', 'DPD', 'GLS'] as const;

/** Where a parcel stands. */
export const SHIPMENT_STATUSES = [
  'packed',
  'in_transit',
  'delayed',
  'delivered',
  'lost',
] as const;

/** The parcel of an order. */
export interface Shipment {
  shipmentId: string;
  order: Order;
  carrier: (typeof CARRIERS)[number];
  trackingNumber: string;
  warehouse: (typeof WAREHOUSES)[number];
  status: (typeof SHIPMENT_STATUSES)[number];
  shippedOn?: string;
  expectedOn: string;
  deliveredOn?: string;
  events: Array<{ on: string; place: string; what: string }>;
}

/** Pieces of one article in one warehouse. */
export interface Stock {
  sku: string;
  warehouse: (typeof WAREHOUSES)[number];
  onHand: number;
  reserved: number;
  reorderPoint: number;
}

const NEAREST_WAREHOUSE: Record<string, Shipment['warehouse']> = {
  Sweden: 'gothenburg',
  Norway: 'gothenburg',
  Denmark: 'gothenburg',
  Poland: 'gdansk',
  Germany: 'gdansk',
  France: 'lyon',
  Netherlands: 'lyon',
  Italy: 'lyon',
};
const TRACKING_PREFIX: Record<Shipment['carrier'], string> = {
  PostNord: 'PN',
  DHL: 'DH',
  DPD: 'DP',
  GLS: 'GL',
};

function createShipment(order: Order): Shipment {
  const random = createRandom(`shipment ${order.orderId}`);
  const carrier = random.pick(CARRIERS);
  const warehouse = NEAREST_WAREHOUSE[order.customer.country];
  const from = capitalise(warehouse);
  const base = {
    shipmentId: `SH-${30000 + order.serial}`,
    order,
    carrier,
    trackingNumber: `${TRACKING_PREFIX[carrier]}${random.between(
      10_000_000,
      99_999_999,
    )}`,
    warehouse,
  };
  const packed = {
    on: addDays(order.placedOn, 2),
    place: from,
    what: 'Packed in the warehouse',
  };
  if (order.status === 'packed') {
    return {
      ...base,
      status: 'packed',
      expectedOn: addDays(DATA_DAY, random.between(3, 5)),
      events: [packed],
    };
  }

  const shippedOn = addDays(order.placedOn, random.between(3, 4));
  const handedOver = {
    on: shippedOn,
    place: from,
    what: `Handed over to ${carrier}`,
  };
  if (order.status === 'delivered') {
    const deliveredOn = addDays(shippedOn, random.between(2, 6));
    return {
      ...base,
      status: 'delivered',
      shippedOn,
      expectedOn: addDays(shippedOn, 5),
      deliveredOn,
      events: [
        packed,
        handedOver,
        {
          on: deliveredOn,
          place: order.customer.city,
          what: 'Delivered to the customer',
        },
      ],
    };
  }

  const age = daysBetween(order.placedOn, DATA_DAY);
  let status: Shipment['status'] = 'in_transit';
  if (age > 20) {
    status = 'lost';
  } else if (age > 11 || random.chance(0.2)) {
    status = 'delayed';
  }
  const lastWord = {
    in_transit: `On the way to ${order.customer.city}`,
    delayed: 'Delayed at the sorting centre',
    lost: `No scan for two weeks; search asked for at ${carrier}`,
  }[status];
  return {
    ...base,
    status,
    shippedOn,
    expectedOn: addDays(
      status === 'in_transit' ? DATA_DAY : shippedOn,
      status === 'in_transit' ? random.between(1, 3) : 5,
    ),
    events: [
      packed,
      handedOver,
      {
        on: addDays(shippedOn, 2),
        place: `${carrier} sorting centre`,
        what: lastWord,
      },
    ],
  };
}

function createStock(): Stock[] {
  const random = createRandom('stock');
  return PRODUCTS.flatMap(({ sku }) =>
    WAREHOUSES.map(warehouse => {
      const reorderPoint = random.between(2, 8) * 5;
      const onHand = random.chance(0.12)
        ? random.between(0, reorderPoint - 1)
        : random.between(reorderPoint + 6, reorderPoint * 6);
      return {
        sku,
        warehouse,
        onHand,
        reserved: Math.min(onHand, random.between(0, 5)),
        reorderPoint,
      };
    }),
  );
}

function capitalise(word: string): string {
  return word[0].toUpperCase() + word.slice(1);
}

/** One shipment for each order that was packed at least. */
export const SHIPMENTS: readonly Shipment[] = ORDERS.filter(({ status }) =>
  ['packed', 'shipped', 'delivered'].includes(status),
).map(createShipment);

/** Each article in each warehouse. */
export const STOCK: readonly Stock[] = createStock();
