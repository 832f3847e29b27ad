import type Database from 'better-sqlite3';
import { z } from 'zod/v4';
import { invoiceId } from '../company/identifiers';
import { cents, euros, formatEuros } from '../company/money';
import { CannotDo } from '../serving/CannotDo';
import { defineTool, type ServerTool } from '../serving/defineTool';
import { balanceCents, requireInvoice } from './invoices';

/** Tools that change invoices, write to payers and pay money back. */
export function collectionTools(db: Database.Database): ServerTool[] {
  return [addInvoiceNote(db), sendPaymentReminder(db), issueRefund(db)];
}

function addInvoiceNote(db: Database.Database) {
  return defineTool({
    name: 'add_invoice_note',
    title: 'Add invoice note',
    description:
      'Add an internal note (comment, remark) to an invoice. Customers do not see it.',
    effect: 'write',
    input: z.object({
      invoiceId,
      note: z.string().min(1).max(1000).describe('Text of the note'),
    }),
    output: z.object({
      noteId: z.number().int(),
      invoiceId: z.string(),
      note: z.string(),
    }),
    run(input) {
      const invoice = requireInvoice(db, input);
      const { lastInsertRowid } = db
        .prepare(
          'INSERT INTO notes (invoice_id, note, written_at) VALUES (?, ?, ?)',
        )
        .run(invoice.invoice_id, input.note, new Date().toISOString());
      return {
        text: `Note added to invoice ${invoice.invoice_id}: ${input.note}`,
        data: {
          noteId: Number(lastInsertRowid),
          invoiceId: invoice.invoice_id,
          note: input.note,
        },
      };
    },
  });
}

function sendPaymentReminder(db: Database.Database) {
  return defineTool({
    name: 'send_payment_reminder',
    title: 'Send payment reminder',
    description:
      'Send a payment reminder (dunning email) to the customer of an unpaid invoice.',
    effect: 'external',
    input: z.object({
      invoiceId,
      message: z
        .string()
        .min(1)
        .max(2000)
        .optional()
        .describe('A sentence to add to the standard reminder'),
    }),
    output: z.object({
      messageId: z.number().int(),
      invoiceId: z.string(),
      recipient: z.string(),
      balanceEur: z.number(),
    }),
    run(input) {
      const invoice = requireInvoice(db, input);
      const balance = balanceCents(invoice);
      if (balance === 0) {
        throw new CannotDo(
          `Invoice ${invoice.invoice_id} is ${invoice.status}; there is nothing to remind of.`,
        );
      }
      const body = [
        `Dear ${invoice.customer}, invoice ${
          invoice.invoice_id
        } of ${formatEuros(balance)} was due on ${invoice.due_on}.`,
        ...(input.message ? [input.message] : []),
      ].join('\n');
      const { lastInsertRowid } = db
        .prepare(
          'INSERT INTO outbox (invoice_id, recipient, body, queued_at) VALUES (?, ?, ?, ?)',
        )
        .run(invoice.invoice_id, invoice.email, body, new Date().toISOString());
      return {
        text: `A reminder of invoice ${invoice.invoice_id} (${formatEuros(
          balance,
        )}) to ${invoice.email} is in the outbox.`,
        data: {
          messageId: Number(lastInsertRowid),
          invoiceId: invoice.invoice_id,
          recipient: invoice.email,
          balanceEur: euros(balance),
        },
      };
    },
  });
}

function issueRefund(db: Database.Database) {
  return defineTool({
    name: 'issue_refund',
    title: 'Issue a refund',
    description:
      'Pay money back to a customer: refunds a part or all of a paid invoice. Cannot be undone.',
    effect: 'critical',
    input: z.object({
      invoiceId,
      amountEur: z
        .number()
        .positive()
        .multipleOf(0.01)
        .describe('Amount to pay back in euro'),
      reason: z.string().min(3).max(300).describe('Why money is paid back'),
    }),
    output: z.object({
      refundId: z.number().int(),
      invoiceId: z.string(),
      amountEur: z.number(),
      refundedEur: z.number().describe('All refunds of the invoice together'),
    }),
    run(input) {
      const invoice = requireInvoice(db, input);
      const amount = cents(input.amountEur);
      const left = invoice.paid_cents - invoice.refunded_cents;
      if (amount > left) {
        throw new CannotDo(
          left === 0
            ? `Nothing can be refunded on invoice ${invoice.invoice_id}: ${
                invoice.paid_cents === 0
                  ? 'it was never paid'
                  : 'all of it was refunded already'
              }.`
            : `At most ${formatEuros(left)} can be refunded on invoice ${
                invoice.invoice_id
              }.`,
        );
      }
      const refunded = invoice.refunded_cents + amount;
      const refundId = db.transaction(() => {
        db.prepare(
          'UPDATE invoices SET refunded_cents = ?, status = ? WHERE invoice_id = ?',
        ).run(
          refunded,
          refunded >= invoice.total_cents ? 'refunded' : invoice.status,
          invoice.invoice_id,
        );
        return Number(
          db
            .prepare(
              'INSERT INTO refunds (invoice_id, amount_cents, reason, refunded_on) VALUES (?, ?, ?, ?)',
            )
            .run(
              invoice.invoice_id,
              amount,
              input.reason,
              new Date().toISOString().slice(0, 10),
            ).lastInsertRowid,
        );
      })();
      return {
        text: `${formatEuros(amount)} of invoice ${
          invoice.invoice_id
        } is paid back to ${invoice.customer}.`,
        data: {
          refundId,
          invoiceId: invoice.invoice_id,
          amountEur: euros(amount),
          refundedEur: euros(refunded),
        },
      };
    },
  });
}
