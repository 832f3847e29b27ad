import type Database from 'better-sqlite3';
import { z } from 'zod/v4';
import { orderId, returnId, sku } from '../company/identifiers';
import { formatEuros } from '../company/money';
import { RETURN_REASONS, RETURN_STATUSES } from '../company/orders';
import { CannotDo } from '../serving/CannotDo';
import { defineTool, type ServerTool } from '../serving/defineTool';
import {
  pageHeading,
  pageInput,
  pageOutput,
  readPage,
} from '../storage/readPage';
import {
  requireOrder,
  returnRecord,
  type ReturnRow,
  toReturnRecord,
} from './records';

const reason = z.enum(RETURN_REASONS);

/** Tools about returns. */
export function returnTools(db: Database.Database): ServerTool[] {
  return [findReturn(db), listReturns(db), createReturn(db)];
}

function findReturn(db: Database.Database) {
  return defineTool({
    name: 'find_return',
    title: 'Find return',
    description:
      'Look up one return by its return number: status, reason, returned item and refund amount.',
    effect: 'read',
    input: z.object({ returnId }),
    output: returnRecord,
    run(input) {
      const row = db
        .prepare('SELECT * FROM returns WHERE return_id = ?')
        .get(input.returnId) as ReturnRow | undefined;
      if (!row) {
        throw new CannotDo(
          `There is no return ${input.returnId}. Check the number, or find the return with list_returns by the order number.`,
        );
      }
      return { text: describe(row), data: toReturnRecord(row) };
    },
  });
}

function listReturns(db: Database.Database) {
  return defineTool({
    name: 'list_returns',
    title: 'List returns',
    description:
      'List returns by status, by reason, or of one order. Newest first.',
    effect: 'read',
    input: z.object({
      orderId: orderId.optional(),
      status: z
        .enum(RETURN_STATUSES)
        .optional()
        .describe('Only returns with this status'),
      reason: reason.optional().describe('Only returns for this reason'),
      ...pageInput,
    }),
    output: z.object({ returns: z.array(returnRecord), ...pageOutput }),
    run(input) {
      const page = readPage<ReturnRow>(db, {
        columns: '*',
        from: 'returns',
        key: 'return_id',
        order: 'descending',
        filters: [
          { sql: 'order_id = ?', value: input.orderId },
          { sql: 'status = ?', value: input.status },
          { sql: 'reason = ?', value: input.reason },
        ],
        limit: input.limit,
        cursor: input.cursor,
      });
      const { items, ...rest } = page;
      return {
        text: [
          pageHeading(page, 'return', 'returns'),
          ...items.map(row => `- ${describe(row)}`),
        ].join('\n'),
        data: { returns: items.map(toReturnRecord), ...rest },
      };
    },
  });
}

function createReturn(db: Database.Database) {
  return defineTool({
    name: 'create_return',
    title: 'Create return',
    description:
      'Register a return of an item of a delivered order: the customer wants to send it back. Gives the return number.',
    effect: 'write',
    input: z.object({
      orderId,
      sku,
      quantity: z
        .number()
        .int()
        .min(1)
        .max(99)
        .default(1)
        .describe('How many pieces come back'),
      reason: reason.describe('Why the customer sends the item back'),
    }),
    output: returnRecord,
    run(input) {
      const order = requireOrder(db, input.orderId);
      if (order.status !== 'delivered') {
        throw new CannotDo(
          `Order ${order.order_id} is ${order.status}; only items of a delivered order can be returned.`,
        );
      }
      const item = db
        .prepare('SELECT * FROM order_items WHERE order_id = ? AND sku = ?')
        .get(order.order_id, input.sku) as
        | { product: string; quantity: number; price_cents: number }
        | undefined;
      if (!item) {
        throw new CannotDo(
          `Order ${order.order_id} has no item ${input.sku}. Use find_order to see its items.`,
        );
      }
      const { returned } = db
        .prepare(
          `SELECT COALESCE(SUM(quantity), 0) AS returned FROM returns
           WHERE order_id = ? AND sku = ? AND status <> 'rejected'`,
        )
        .get(order.order_id, input.sku) as { returned: number };
      const left = item.quantity - returned;
      if (input.quantity > left) {
        throw new CannotDo(
          left === 0
            ? `All ${item.quantity} of ${item.product} in order ${order.order_id} are in a return already. Use list_returns with the order number to see it.`
            : `Only ${left} of ${item.product} in order ${order.order_id} can still be returned.`,
        );
      }

      const { last } = db
        .prepare('SELECT MAX(return_id) AS last FROM returns')
        .get() as { last: string };
      const row: ReturnRow = {
        return_id: `RT-${Number(last.slice(3)) + 1}`,
        order_id: order.order_id,
        sku: input.sku,
        product: item.product,
        quantity: input.quantity,
        reason: input.reason,
        status: 'requested',
        requested_on: new Date().toISOString().slice(0, 10),
        refund_cents: input.quantity * item.price_cents,
      };
      db.prepare(
        `INSERT INTO returns (return_id, order_id, sku, product, quantity, reason, status, requested_on, refund_cents)
         VALUES (@return_id, @order_id, @sku, @product, @quantity, @reason, @status, @requested_on, @refund_cents)`,
      ).run({ ...row });
      return {
        text: `Return registered. ${describe(row)}`,
        data: toReturnRecord(row),
      };
    },
  });
}

function describe(row: ReturnRow): string {
  const refund =
    row.status === 'rejected'
      ? 'no refund'
      : `refund ${formatEuros(row.refund_cents)}`;
  return `Return ${row.return_id} of order ${row.order_id} is ${row.status}: ${
    row.quantity
  } x ${row.product} (${row.sku}), reason ${row.reason.replaceAll(
    '_',
    ' ',
  )}, requested on ${row.requested_on}, ${refund}.`;
}
