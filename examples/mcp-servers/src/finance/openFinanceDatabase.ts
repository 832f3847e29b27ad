import { BUDGETS, INVOICES, PAYMENTS } from '../company/billing';
import { RETURNS } from '../company/orders';
import { insertRows, openDatabase } from '../storage/openDatabase';

const TABLES = `
  CREATE TABLE invoices (
    invoice_id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL UNIQUE,
    customer_id TEXT NOT NULL,
    customer TEXT NOT NULL COLLATE NOCASE,
    email TEXT NOT NULL COLLATE NOCASE,
    country TEXT NOT NULL,
    status TEXT NOT NULL,
    issued_on TEXT NOT NULL,
    due_on TEXT NOT NULL,
    total_cents INTEGER NOT NULL,
    vat_cents INTEGER NOT NULL,
    paid_cents INTEGER NOT NULL,
    refunded_cents INTEGER NOT NULL
  );
  CREATE INDEX invoices_status ON invoices (status, invoice_id);
  CREATE INDEX invoices_customer ON invoices (customer_id, invoice_id);
  CREATE INDEX invoices_issued_on ON invoices (issued_on);

  CREATE TABLE invoice_lines (
    invoice_id TEXT NOT NULL REFERENCES invoices (invoice_id),
    category TEXT NOT NULL,
    amount_cents INTEGER NOT NULL,
    PRIMARY KEY (invoice_id, category)
  );

  CREATE TABLE payments (
    payment_id TEXT PRIMARY KEY,
    invoice_id TEXT NOT NULL REFERENCES invoices (invoice_id),
    method TEXT NOT NULL,
    paid_on TEXT NOT NULL,
    amount_cents INTEGER NOT NULL
  );
  CREATE INDEX payments_invoice ON payments (invoice_id);
  CREATE INDEX payments_paid_on ON payments (paid_on);

  CREATE TABLE refunds (
    refund_id INTEGER PRIMARY KEY,
    invoice_id TEXT NOT NULL REFERENCES invoices (invoice_id),
    amount_cents INTEGER NOT NULL,
    reason TEXT NOT NULL,
    refunded_on TEXT NOT NULL
  );
  CREATE INDEX refunds_invoice ON refunds (invoice_id);

  CREATE TABLE notes (
    note_id INTEGER PRIMARY KEY,
    invoice_id TEXT NOT NULL REFERENCES invoices (invoice_id),
    note TEXT NOT NULL,
    written_at TEXT NOT NULL
  );
  CREATE INDEX notes_invoice ON notes (invoice_id);

  CREATE TABLE outbox (
    message_id INTEGER PRIMARY KEY,
    invoice_id TEXT NOT NULL REFERENCES invoices (invoice_id),
    recipient TEXT NOT NULL,
    body TEXT NOT NULL,
    queued_at TEXT NOT NULL
  );

  CREATE TABLE budgets (
    department TEXT PRIMARY KEY,
    budget_cents INTEGER NOT NULL,
    spent_cents INTEGER NOT NULL,
    committed_cents INTEGER NOT NULL
  );
`;

/** Opens the data of the finance server: invoices, payments, refunds, budgets. */
export function openFinanceDatabase(directory: string) {
  return openDatabase({
    directory,
    name: 'finance',
    tables: TABLES,
    seed(db) {
      insertRows(
        db,
        'invoices',
        INVOICES.map(({ order, ...invoice }) => ({
          invoice_id: invoice.invoiceId,
          order_id: order.orderId,
          customer_id: order.customer.customerId,
          customer: order.customer.name,
          email: order.customer.email,
          country: order.customer.country,
          status: invoice.status,
          issued_on: invoice.issuedOn,
          due_on: invoice.dueOn,
          total_cents: invoice.totalCents,
          vat_cents: invoice.vatCents,
          paid_cents: invoice.paidCents,
          refunded_cents: invoice.refundedCents,
        })),
      );
      insertRows(db, 'invoice_lines', INVOICES.flatMap(linesOf));
      insertRows(
        db,
        'payments',
        PAYMENTS.map(payment => ({
          payment_id: payment.paymentId,
          invoice_id: payment.invoiceId,
          method: payment.method,
          paid_on: payment.paidOn,
          amount_cents: payment.amountCents,
        })),
      );
      const invoiceOf = new Map(
        INVOICES.map(({ order, invoiceId }) => [order, invoiceId]),
      );
      insertRows(
        db,
        'refunds',
        RETURNS.filter(({ status }) => status === 'refunded').map(entry => ({
          invoice_id: invoiceOf.get(entry.order) as string,
          amount_cents: entry.refundCents,
          reason: `Return ${entry.returnId}`,
          refunded_on: entry.requestedOn,
        })),
      );
      insertRows(
        db,
        'budgets',
        BUDGETS.map(budget => ({
          department: budget.department,
          budget_cents: budget.budgetCents,
          spent_cents: budget.spentCents,
          committed_cents: budget.committedCents,
        })),
      );
    },
  });
}

/** What an invoice bills, by category; shipping is a category of its own. */
function linesOf({ invoiceId, order }: (typeof INVOICES)[number]) {
  const amounts = new Map<string, number>();
  for (const { product, quantity } of order.items) {
    amounts.set(
      product.category,
      (amounts.get(product.category) ?? 0) + quantity * product.priceCents,
    );
  }
  if (order.shippingCents > 0) {
    amounts.set('shipping', order.shippingCents);
  }
  return [...amounts].map(([category, amount]) => ({
    invoice_id: invoiceId,
    category,
    amount_cents: amount,
  }));
}
