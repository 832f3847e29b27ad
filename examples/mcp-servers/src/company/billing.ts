import { addDays, DATA_DAY } from './calendar';
import { ORDERS, RETURNS, type Order } from './orders';
import { createRandom } from './random';
import type { Department } from './staff';

/** How customers pay. */
export const PAYMENT_METHODS = [
  'card',
  'paypal',
  'bank_transfer',
  'klarna',
] as const;

/** Where an invoice stands. */
export const INVOICE_STATUSES = [
  'open',
  'paid',
  'overdue',
  'refunded',
  'void',
] as const;

/** The bill for an order. */
export interface Invoice {
  invoiceId: string;
  order: Order;
  status: (typeof INVOICE_STATUSES)[number];
  issuedOn: string;
  dueOn: string;
  totalCents: number;
  vatCents: number;
  paidCents: number;
  refundedCents: number;
}

/** Money that came in. */
export interface Payment {
  paymentId: string;
  invoiceId: string;
  method: (typeof PAYMENT_METHODS)[number];
  paidOn: string;
  amountCents: number;
}

/** What a department may spend in 2026. */
export interface Budget {
  department: Department;
  budgetCents: number;
  spentCents: number;
  committedCents: number;
}

function createLedger(): { invoices: Invoice[]; payments: Payment[] } {
  const random = createRandom('ledger');
  const invoices: Invoice[] = [];
  const payments: Payment[] = [];
  for (const order of ORDERS) {
    const method = random.pick(PAYMENT_METHODS);
    const immediate = method === 'card' || method === 'paypal';
    const dueOn = addDays(order.placedOn, immediate ? 0 : 30);
    const paidOn = addDays(
      order.placedOn,
      immediate ? 0 : random.between(4, 29),
    );
    const refundedCents = RETURNS.filter(
      entry => entry.order === order && entry.status === 'refunded',
    ).reduce((sum, entry) => sum + entry.refundCents, 0);
    // Only what was paid can have been refunded.
    const late = random.chance(0.16) && !immediate && refundedCents === 0;
    const paid = order.status !== 'cancelled' && !late && paidOn <= DATA_DAY;
    const invoiceId = `INV-${40000 + order.serial}`;

    let status: Invoice['status'] = dueOn < DATA_DAY ? 'overdue' : 'open';
    if (order.status === 'cancelled') {
      status = 'void';
    } else if (paid) {
      status = refundedCents >= order.totalCents ? 'refunded' : 'paid';
    }
    invoices.push({
      invoiceId,
      order,
      status,
      issuedOn: order.placedOn,
      dueOn,
      totalCents: order.totalCents,
      // Prices hold a value added tax of 25 percent.
      vatCents: Math.round(order.totalCents / 5),
      paidCents: paid ? order.totalCents : 0,
      refundedCents,
    });
    if (paid) {
      payments.push({
        paymentId: `PAY-${50000 + order.serial}`,
        invoiceId,
        method,
        paidOn,
        amountCents: order.totalCents,
      });
    }
  }
  return { invoices, payments };
}

const BUDGETS_EUR: Array<[Department, number, number, number]> = [
  ['Customer Care', 640_000, 548_300, 41_200],
  ['Logistics', 1_850_000, 1_602_750, 118_400],
  ['Merchandising', 920_000, 805_900, 63_000],
  ['Finance', 410_000, 338_120, 12_500],
  ['People', 380_000, 301_450, 27_800],
  ['Legal', 260_000, 231_900, 34_600],
  ['Technology', 1_320_000, 1_144_080, 96_500],
  ['Marketing', 780_000, 702_340, 58_900],
];

const LEDGER = createLedger();

/** One invoice for each order. */
export const INVOICES: readonly Invoice[] = LEDGER.invoices;

/** One payment for each invoice that was paid. */
export const PAYMENTS: readonly Payment[] = LEDGER.payments;

/** The budget of each department for 2026, as of the data's day. */
export const BUDGETS: readonly Budget[] = BUDGETS_EUR.map(
  ([department, budget, spent, committed]) => ({
    department,
    budgetCents: budget * 100,
    spentCents: spent * 100,
    committedCents: committed * 100,
  }),
);
