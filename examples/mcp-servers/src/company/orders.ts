import { addDays, DATA_DAY, daysBetween } from './calendar';
import { CUSTOMERS, type Customer } from './customers';
import { PRODUCTS, type Product } from './products';
import { createRandom } from './random';

/** Where an order stands. */
export const ORDER_STATUSES = [
  'pending',
  'packed',
  'shipped',
  'delivered',
  'cancelled',
] as const;

/** Why an article comes back. */
export const RETURN_REASONS = [
  'damaged',
  'wrong_size',
  'not_as_described',
  'changed_mind',
  'late_delivery',
] as const;

/** Where a return stands. */
export const RETURN_STATUSES = [
  'requested',
  'received',
  'refunded',
  'rejected',
] as const;

/** One line of an order. */
export interface OrderItem {
  product: Product;
  quantity: number;
}

/** What a customer bought at once. */
export interface Order {
  /** `NH-` and the serial number, which shipment and invoice share. */
  orderId: string;
  serial: number;
  customer: Customer;
  status: (typeof ORDER_STATUSES)[number];
  placedOn: string;
  items: OrderItem[];
  shippingCents: number;
  totalCents: number;
}

/** An article that a customer sent back or wants to. */
export interface Return {
  returnId: string;
  order: Order;
  item: OrderItem;
  quantity: number;
  reason: (typeof RETURN_REASONS)[number];
  status: (typeof RETURN_STATUSES)[number];
  requestedOn: string;
  refundCents: number;
}

const COUNT = 260;
const FIRST_DAY = '2026-05-04';

function createOrders(): Order[] {
  const random = createRandom('orders');
  const span = daysBetween(FIRST_DAY, DATA_DAY);
  return Array.from({ length: COUNT }, (_, index) => {
    // Evenly spread, so that serial numbers rise with the date.
    const placedOn = addDays(
      FIRST_DAY,
      Math.floor((index * span) / (COUNT - 1)),
    );
    const items = pickItems(random);
    const goods = items.reduce(
      (sum, item) => sum + item.quantity * item.product.priceCents,
      0,
    );
    const shippingCents = goods >= 15_000 ? 0 : 690;
    return {
      orderId: `NH-${10001 + index}`,
      serial: index + 1,
      customer: random.pick(CUSTOMERS),
      status: statusOf(daysBetween(placedOn, DATA_DAY), random),
      placedOn,
      items,
      shippingCents,
      totalCents: goods + shippingCents,
    };
  });
}

function pickItems(random: ReturnType<typeof createRandom>): OrderItem[] {
  const products = new Map<string, OrderItem>();
  const lines = random.between(1, 3);
  while (products.size < lines) {
    const product = random.pick(PRODUCTS);
    products.set(product.sku, {
      product,
      quantity: random.chance(0.2) ? 2 : 1,
    });
  }
  return [...products.values()];
}

function statusOf(
  age: number,
  random: ReturnType<typeof createRandom>,
): Order['status'] {
  if (random.chance(0.06)) {
    return 'cancelled';
  }
  if (age <= 3) {
    return 'pending';
  }
  if (age <= 6) {
    return 'packed';
  }
  // A few parcels are late or lost, so old orders can still be on their way.
  return age <= 14 || (age <= 40 && random.chance(0.08))
    ? 'shipped'
    : 'delivered';
}

function createReturns(orders: readonly Order[]): Return[] {
  const random = createRandom('returns');
  return orders
    .filter(order => order.status === 'delivered' && random.chance(0.27))
    .map((order, index) => {
      const item = random.pick(order.items);
      const quantity = random.between(1, item.quantity);
      const requestedOn = addDays(order.placedOn, random.between(11, 18));
      const age = daysBetween(requestedOn, DATA_DAY);
      let status: Return['status'] = 'requested';
      if (age > 20) {
        status = random.chance(0.1) ? 'rejected' : 'refunded';
      } else if (age > 8) {
        status = 'received';
      }
      return {
        returnId: `RT-${2001 + index}`,
        order,
        item,
        quantity,
        reason: random.pick(RETURN_REASONS),
        status,
        requestedOn: requestedOn > DATA_DAY ? DATA_DAY : requestedOn,
        refundCents:
          status === 'rejected' ? 0 : quantity * item.product.priceCents,
      };
    });
}

/** Every order, the oldest first. */
export const ORDERS: readonly Order[] = createOrders();

/** Every return, in the order of their orders. */
export const RETURNS: readonly Return[] = createReturns(ORDERS);
