import type Database from 'better-sqlite3';
import { z } from 'zod/v4';
import { orderId } from '../company/identifiers';
import { CannotDo } from '../serving/CannotDo';
import { defineTool, type ServerTool } from '../serving/defineTool';
import { requireOrder } from './records';

/** Tools that reach customers or end orders. */
export function changeTools(db: Database.Database): ServerTool[] {
  return [sendCustomerEmail(db), cancelOrder(db)];
}

function sendCustomerEmail(db: Database.Database) {
  return defineTool({
    name: 'send_customer_email',
    title: 'Send customer email',
    description:
      'Send an email with a subject and a message to the customer of an order.',
    effect: 'external',
    input: z.object({
      orderId,
      subject: z.string().min(1).max(150).describe('Subject line of the email'),
      message: z
        .string()
        .min(1)
        .max(5000)
        .describe('The text of the email, without markup'),
    }),
    output: z.object({
      messageId: z.number().int(),
      orderId: z.string(),
      recipient: z.string(),
      subject: z.string(),
      queuedAt: z.string().describe('UTC time, ISO 8601'),
    }),
    run(input) {
      const order = requireOrder(db, input.orderId);
      const queuedAt = new Date().toISOString();
      const { lastInsertRowid } = db
        .prepare(
          'INSERT INTO outbox (order_id, recipient, subject, body, queued_at) VALUES (?, ?, ?, ?, ?)',
        )
        .run(
          order.order_id,
          order.email,
          input.subject,
          input.message,
          queuedAt,
        );
      return {
        text: `The email "${input.subject}" to ${order.name} (${order.email}) about order ${order.order_id} is in the outbox.`,
        data: {
          messageId: Number(lastInsertRowid),
          orderId: order.order_id,
          recipient: order.email,
          subject: input.subject,
          queuedAt,
        },
      };
    },
  });
}

function cancelOrder(db: Database.Database) {
  return defineTool({
    name: 'cancel_order',
    title: 'Cancel order',
    description:
      'Cancel an order that has not been shipped yet. Cannot be undone.',
    effect: 'critical',
    input: z.object({
      orderId,
      reason: z.string().min(3).max(300).describe('Why the order is cancelled'),
    }),
    output: z.object({ orderId: z.string(), status: z.literal('cancelled') }),
    run(input) {
      const order = requireOrder(db, input.orderId);
      if (order.status !== 'pending' && order.status !== 'packed') {
        throw new CannotDo(
          order.status === 'cancelled'
            ? `Order ${order.order_id} is cancelled already.`
            : `Order ${order.order_id} is ${order.status} and can no longer be cancelled. Register a return with create_return once it is delivered.`,
        );
      }
      db.prepare(
        `UPDATE orders SET status = 'cancelled', cancel_reason = ?, shipment_id = NULL WHERE order_id = ?`,
      ).run(input.reason, order.order_id);
      return {
        text: `Order ${order.order_id} is cancelled.`,
        data: { orderId: order.order_id, status: 'cancelled' as const },
      };
    },
  });
}
