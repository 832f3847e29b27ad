import type Database from 'better-sqlite3';
import { z } from 'zod/v4';
import { INVOICE_STATUSES, PAYMENT_METHODS } from '../company/billing';
import { day, invoiceId, orderId } from '../company/identifiers';
import { cents, euros, formatEuros } from '../company/money';
import { defineTool, type ServerTool } from '../serving/defineTool';
import {
  pageHeading,
  pageInput,
  pageOutput,
  readPage,
} from '../storage/readPage';
import {
  balanceCents,
  describeInvoice,
  invoiceRecord,
  type InvoiceRow,
  requireInvoice,
  toInvoiceRecord,
} from './invoices';

/** Tools that read invoices and payments. */
export function invoiceTools(db: Database.Database): ServerTool[] {
  return [findInvoice(db), listInvoices(db), listPayments(db)];
}

function findInvoice(db: Database.Database) {
  return defineTool({
    name: 'find_invoice',
    title: 'Find invoice',
    description:
      'Look up one invoice by its invoice number or by the order number: amount, VAT, status, due date, amount paid, balance to be paid and notes.',
    effect: 'read',
    input: z.object({
      invoiceId: invoiceId.optional(),
      orderId: orderId.optional(),
    }),
    output: invoiceRecord.extend({ notes: z.array(z.string()) }),
    run(input) {
      const row = requireInvoice(db, input);
      const notes = (
        db
          .prepare(
            'SELECT note FROM notes WHERE invoice_id = ? ORDER BY note_id DESC LIMIT 20',
          )
          .all(row.invoice_id) as Array<{ note: string }>
      ).map(({ note }) => note);
      return {
        text: [
          describeInvoice(row),
          `VAT ${formatEuros(row.vat_cents)}, issued on ${
            row.issued_on
          }, paid ${formatEuros(row.paid_cents)}, email ${row.email}.`,
          ...notes.map(note => `Note: ${note}`),
        ].join('\n'),
        data: { ...toInvoiceRecord(row), notes },
      };
    },
  });
}

function listInvoices(db: Database.Database) {
  return defineTool({
    name: 'list_invoices',
    title: 'List invoices',
    description:
      'List invoices by status (for example overdue, open or paid ones), customer, due date or amount. Newest first.',
    effect: 'read',
    input: z.object({
      status: z
        .enum(INVOICE_STATUSES)
        .optional()
        .describe(
          'Only invoices with this status; open ones are unpaid but not due yet',
        ),
      customer: z
        .string()
        .min(2)
        .optional()
        .describe('Name, email address or customer number of the customer'),
      dueBefore: day('Only invoices due before this day').optional(),
      minAmountEur: z
        .number()
        .nonnegative()
        .optional()
        .describe('Only invoices of at least this amount in euro'),
      ...pageInput,
    }),
    output: z.object({
      invoices: z.array(invoiceRecord),
      pageBalanceEur: z
        .number()
        .describe('What is to be paid for the invoices on this page'),
      ...pageOutput,
    }),
    run(input) {
      const page = readPage<InvoiceRow>(db, {
        columns: '*',
        from: 'invoices',
        key: 'invoice_id',
        order: 'descending',
        filters: [
          { sql: 'status = ?', value: input.status },
          {
            sql: `instr(lower(customer_id || ' ' || customer || ' ' || email), ?) > 0`,
            value: input.customer?.trim().toLowerCase(),
          },
          { sql: 'due_on < ?', value: input.dueBefore },
          {
            sql: 'total_cents >= ?',
            value:
              input.minAmountEur === undefined
                ? undefined
                : cents(input.minAmountEur),
          },
        ],
        limit: input.limit,
        cursor: input.cursor,
      });
      const { items, ...rest } = page;
      const pageBalance = items.reduce(
        (sum, row) => sum + balanceCents(row),
        0,
      );
      return {
        text: [
          pageHeading(page, 'invoice', 'invoices'),
          ...items.map(row => `- ${describeInvoice(row)}`),
          ...(pageBalance > 0
            ? [`To be paid on this page: ${formatEuros(pageBalance)}.`]
            : []),
        ].join('\n'),
        data: {
          invoices: items.map(toInvoiceRecord),
          pageBalanceEur: euros(pageBalance),
          ...rest,
        },
      };
    },
  });
}

function listPayments(db: Database.Database) {
  return defineTool({
    name: 'list_payments',
    title: 'List payments',
    description:
      'List payments that we received, by invoice, payment method or the dates on which they came in. Newest first.',
    effect: 'read',
    input: z.object({
      invoiceId: invoiceId.optional(),
      method: z
        .enum(PAYMENT_METHODS)
        .optional()
        .describe('Only payments by this method'),
      from: day('Only payments on or after this day').optional(),
      to: day('Only payments on or before this day').optional(),
      ...pageInput,
    }),
    output: z.object({
      payments: z.array(
        z.object({
          paymentId: z.string(),
          invoiceId: z.string(),
          customer: z.string(),
          method: z.enum(PAYMENT_METHODS),
          paidOn: z.string(),
          amountEur: z.number(),
        }),
      ),
      ...pageOutput,
    }),
    run(input) {
      const page = readPage<{
        payment_id: string;
        invoice_id: string;
        customer: string;
        method: (typeof PAYMENT_METHODS)[number];
        paid_on: string;
        amount_cents: number;
      }>(db, {
        columns:
          'p.payment_id, p.invoice_id, i.customer, p.method, p.paid_on, p.amount_cents',
        from: 'payments p JOIN invoices i USING (invoice_id)',
        key: `(p.paid_on || ' ' || p.payment_id)`,
        order: 'descending',
        filters: [
          { sql: 'p.invoice_id = ?', value: input.invoiceId },
          { sql: 'p.method = ?', value: input.method },
          { sql: 'p.paid_on >= ?', value: input.from },
          { sql: 'p.paid_on <= ?', value: input.to },
        ],
        limit: input.limit,
        cursor: input.cursor,
      });
      const { items, ...rest } = page;
      return {
        text: [
          pageHeading(page, 'payment', 'payments'),
          ...items.map(
            row =>
              `- ${row.payment_id}: ${formatEuros(row.amount_cents)} from ${
                row.customer
              } for ${row.invoice_id} by ${row.method.replace('_', ' ')} on ${
                row.paid_on
              }`,
          ),
        ].join('\n'),
        data: {
          payments: items.map(row => ({
            paymentId: row.payment_id,
            invoiceId: row.invoice_id,
            customer: row.customer,
            method: row.method,
            paidOn: row.paid_on,
            amountEur: euros(row.amount_cents),
          })),
          ...rest,
        },
      };
    },
  });
}
