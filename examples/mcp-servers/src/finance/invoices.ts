import type Database from 'better-sqlite3';
import { z } from 'zod/v4';
import { INVOICE_STATUSES } from '../company/billing';
import { euros, formatEuros } from '../company/money';
import { CannotDo } from '../serving/CannotDo';

/** A row of the invoices table. */
export interface InvoiceRow {
  invoice_id: string;
  order_id: string;
  customer_id: string;
  customer: string;
  email: string;
  country: string;
  status: (typeof INVOICE_STATUSES)[number];
  issued_on: string;
  due_on: string;
  total_cents: number;
  vat_cents: number;
  paid_cents: number;
  refunded_cents: number;
}

export const invoiceRecord = z.object({
  invoiceId: z.string(),
  orderId: z.string(),
  customer: z.string(),
  customerEmail: z.string(),
  status: z.enum(INVOICE_STATUSES),
  issuedOn: z.string(),
  dueOn: z.string(),
  totalEur: z.number(),
  vatEur: z.number().describe('Value added tax within the total'),
  paidEur: z.number(),
  refundedEur: z.number(),
  balanceEur: z.number().describe('What is still to be paid'),
});

/** What is still to be paid; nothing for void and refunded invoices. */
export function balanceCents(row: InvoiceRow): number {
  return row.status === 'open' || row.status === 'overdue'
    ? row.total_cents - row.paid_cents
    : 0;
}

export function toInvoiceRecord(
  row: InvoiceRow,
): z.output<typeof invoiceRecord> {
  return {
    invoiceId: row.invoice_id,
    orderId: row.order_id,
    customer: row.customer,
    customerEmail: row.email,
    status: row.status,
    issuedOn: row.issued_on,
    dueOn: row.due_on,
    totalEur: euros(row.total_cents),
    vatEur: euros(row.vat_cents),
    paidEur: euros(row.paid_cents),
    refundedEur: euros(row.refunded_cents),
    balanceEur: euros(balanceCents(row)),
  };
}

export function describeInvoice(row: InvoiceRow): string {
  const balance = balanceCents(row);
  const details = [
    `total ${formatEuros(row.total_cents)}`,
    `due on ${row.due_on}`,
    ...(balance > 0 ? [`${formatEuros(balance)} to be paid`] : []),
    ...(row.refunded_cents > 0
      ? [`${formatEuros(row.refunded_cents)} refunded`]
      : []),
  ];
  return `Invoice ${row.invoice_id} for order ${row.order_id} of ${
    row.customer
  } is ${row.status}: ${details.join(', ')}.`;
}

/** Finds an invoice by its number or by the number of its order. */
export function requireInvoice(
  db: Database.Database,
  by: { invoiceId?: string; orderId?: string },
): InvoiceRow {
  if (by.invoiceId === undefined && by.orderId === undefined) {
    throw new CannotDo(
      'Give the invoice number (such as INV-40042) or the order number (such as NH-10042).',
    );
  }
  const [column, value] =
    by.invoiceId === undefined
      ? ['order_id', by.orderId as string]
      : ['invoice_id', by.invoiceId];
  const row = db
    .prepare(`SELECT * FROM invoices WHERE ${column} = ?`)
    .get(value) as InvoiceRow | undefined;
  if (!row) {
    throw new CannotDo(
      by.invoiceId === undefined
        ? `There is no invoice for order ${value}. Check the order number, or find the invoice with list_invoices by the customer's name.`
        : `There is no invoice ${value}. Check the number, or find the invoice by the order number or with list_invoices.`,
    );
  }
  return row;
}
