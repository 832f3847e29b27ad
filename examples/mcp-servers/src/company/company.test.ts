import { INVOICES, PAYMENTS } from './billing';
import { DATA_DAY } from './calendar';
import { CUSTOMERS } from './customers';
import { SHIPMENTS, STOCK } from './fulfilment';
import { ORDERS, RETURNS } from './orders';
import { PRODUCTS } from './products';
import { createRandom } from './random';
import { DEPARTMENTS, EMPLOYEES, LEAVES } from './staff';

describe('the example company', () => {
  it('gives the same numbers for a topic at each start', () => {
    const draw = (topic: string) => {
      const random = createRandom(topic);
      return Array.from({ length: 50 }, () => random.between(0, 999));
    };
    expect(draw('orders')).toEqual(draw('orders'));
    expect(draw('orders')).not.toEqual(draw('returns'));
  });

  it('has no identifier twice', () => {
    for (const ids of [
      ORDERS.map(order => order.orderId),
      RETURNS.map(entry => entry.returnId),
      SHIPMENTS.map(shipment => shipment.shipmentId),
      SHIPMENTS.map(shipment => shipment.trackingNumber),
      INVOICES.map(invoice => invoice.invoiceId),
      PAYMENTS.map(payment => payment.paymentId),
      PRODUCTS.map(product => product.sku),
      CUSTOMERS.map(customer => customer.email),
      EMPLOYEES.map(employee => employee.email),
      LEAVES.map(leave => leave.leaveId),
    ]) {
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.length).toBeGreaterThan(40);
    }
  });

  it('ships exactly the orders that left the desk', () => {
    const byOrder = new Map(SHIPMENTS.map(entry => [entry.order, entry]));
    const allowed: Record<string, string[]> = {
      packed: ['packed'],
      shipped: ['in_transit', 'delayed', 'lost'],
      delivered: ['delivered'],
    };
    for (const order of ORDERS) {
      expect(allowed[order.status] ?? [undefined]).toContain(
        byOrder.get(order)?.status,
      );
    }
  });

  it('has parcels of every kind, and none from the future', () => {
    expect(new Set(SHIPMENTS.map(({ status }) => status)).size).toBe(5);
    for (const { shippedOn, deliveredOn, events, order } of SHIPMENTS) {
      expect((shippedOn ?? DATA_DAY) <= DATA_DAY).toBe(true);
      expect((deliveredOn ?? DATA_DAY) <= DATA_DAY).toBe(true);
      const days = [order.placedOn, ...events.map(event => event.on)];
      expect(days).toEqual([...days].sort());
      expect(days[days.length - 1] <= DATA_DAY).toBe(true);
    }
  });

  it('bills every order, and pays only what was billed', () => {
    expect(INVOICES.map(({ order }) => order)).toEqual(ORDERS);
    const paid = new Map(PAYMENTS.map(entry => [entry.invoiceId, entry]));
    for (const invoice of INVOICES) {
      expect(invoice.totalCents).toBe(invoice.order.totalCents);
      expect(paid.get(invoice.invoiceId)?.amountCents ?? 0).toBe(
        invoice.paidCents,
      );
      expect(invoice.status === 'void').toBe(
        invoice.order.status === 'cancelled',
      );
      expect(invoice.refundedCents).toBeLessThanOrEqual(invoice.paidCents);
      expect(invoice.status === 'overdue').toBe(
        invoice.paidCents === 0 &&
          invoice.status !== 'void' &&
          invoice.dueOn < DATA_DAY,
      );
    }
  });

  it('refunds in finance what was refunded for returns', () => {
    for (const { order, refundedCents } of INVOICES) {
      const returned = RETURNS.filter(
        entry => entry.order === order && entry.status === 'refunded',
      ).reduce((sum, entry) => sum + entry.refundCents, 0);
      expect(refundedCents).toBe(returned);
    }
  });

  it('takes back only what was delivered', () => {
    const deliveredOn = new Map(
      SHIPMENTS.map(entry => [entry.order, entry.deliveredOn]),
    );
    for (const { order, item, quantity, requestedOn } of RETURNS) {
      expect(order.status).toBe('delivered');
      expect(order.items).toContain(item);
      expect(quantity).toBeLessThanOrEqual(item.quantity);
      expect(requestedOn >= (deliveredOn.get(order) ?? '9')).toBe(true);
    }
  });

  it('keeps every article in every warehouse, never more reserved than there is', () => {
    expect(STOCK).toHaveLength(PRODUCTS.length * 3);
    expect(STOCK.every(entry => entry.reserved <= entry.onHand)).toBe(true);
    expect(
      STOCK.some(entry => entry.onHand - entry.reserved < entry.reorderPoint),
    ).toBe(true);
  });

  it('has a manager for everyone but the heads, and leave for those who are here', () => {
    const byId = new Map(EMPLOYEES.map(entry => [entry.employeeId, entry]));
    const led = EMPLOYEES.filter(({ managerId }) => managerId);
    expect(led).toHaveLength(EMPLOYEES.length - DEPARTMENTS.length);
    for (const { managerId, department } of led) {
      expect(byId.get(managerId as string)?.department).toBe(department);
    }
    expect(EMPLOYEES.some(({ leftOn }) => leftOn)).toBe(true);
    for (const { employeeId, from, to } of LEAVES) {
      expect(byId.get(employeeId)?.leftOn).toBeUndefined();
      expect(from <= to).toBe(true);
    }
  });
});
