import type Database from 'better-sqlite3';
import { z } from 'zod/v4';
import { WAREHOUSES } from '../company/fulfilment';
import { sku } from '../company/identifiers';
import { defineTool, type ServerTool } from '../serving/defineTool';
import { requireProduct } from './products';

/** Tools that restock the warehouses. */
export function replenishmentTools(db: Database.Database): ServerTool[] {
  return [createReplenishment(db)];
}

function createReplenishment(db: Database.Database) {
  return defineTool({
    name: 'create_replenishment',
    title: 'Create replenishment',
    description:
      'Create a draft replenishment order that restocks a product in a warehouse. A buyer releases the draft.',
    effect: 'write',
    input: z.object({
      sku,
      warehouse: z
        .enum(WAREHOUSES)
        .describe('Warehouse: gothenburg, gdansk or lyon'),
      quantity: z
        .number()
        .int()
        .min(1)
        .max(1000)
        .describe('How many pieces to order'),
      note: z.string().max(300).optional().describe('A note for the buyer'),
    }),
    output: z.object({
      replenishmentId: z.number().int(),
      sku: z.string(),
      product: z.string(),
      warehouse: z.enum(WAREHOUSES),
      quantity: z.number().int(),
      status: z.literal('draft'),
    }),
    run(input) {
      const product = requireProduct(db, input.sku);
      const { lastInsertRowid } = db
        .prepare(
          'INSERT INTO replenishments (sku, warehouse, quantity, note, created_at) VALUES (?, ?, ?, ?, ?)',
        )
        .run(
          product.sku,
          input.warehouse,
          input.quantity,
          input.note ?? null,
          new Date().toISOString(),
        );
      const replenishmentId = Number(lastInsertRowid);
      return {
        text: `Draft replenishment ${replenishmentId}: ${input.quantity} x ${product.name} (${product.sku}) for ${input.warehouse}. A buyer releases it.`,
        data: {
          replenishmentId,
          sku: product.sku,
          product: product.name,
          warehouse: input.warehouse,
          quantity: input.quantity,
          status: 'draft' as const,
        },
      };
    },
  });
}
