import type Database from 'better-sqlite3';
import { z } from 'zod/v4';
import { WAREHOUSES } from '../company/fulfilment';
import { euros, formatEuros } from '../company/money';
import { CATEGORIES } from '../company/products';
import { defineTool, type ServerTool } from '../serving/defineTool';
import {
  pageHeading,
  pageInput,
  pageOutput,
  readPage,
} from '../storage/readPage';
import { requireProduct, type ProductRow } from './products';

interface StockRow {
  sku: string;
  name: string;
  warehouse: (typeof WAREHOUSES)[number];
  on_hand: number;
  reserved: number;
  reorder_point: number;
}

const LOW_STOCK = `(
  SELECT s.*, p.name, p.category FROM stock s JOIN products p USING (sku)
  WHERE s.on_hand - s.reserved < s.reorder_point
)`;

const warehouse = z
  .enum(WAREHOUSES)
  .describe('Warehouse: gothenburg, gdansk or lyon');
const category = z.enum(CATEGORIES).describe('Product category');
const stockRecord = z.object({
  sku: z.string(),
  product: z.string(),
  warehouse: z.enum(WAREHOUSES),
  onHand: z.number().int(),
  reserved: z.number().int().describe('Promised to orders already'),
  available: z.number().int().describe('On hand without reserved'),
  reorderPoint: z.number().int(),
});

/** Tools that read articles and their stock. */
export function stockTools(db: Database.Database): ServerTool[] {
  return [searchProducts(db), checkStock(db), listLowStock(db)];
}

function searchProducts(db: Database.Database) {
  return defineTool({
    name: 'search_products',
    title: 'Search products',
    description:
      'Search the product catalogue by words, category or highest price: SKU, name, price, weight and description of the articles we sell.',
    effect: 'read',
    input: z.object({
      query: z
        .string()
        .min(2)
        .optional()
        .describe(
          'Words of the product name or description, such as "down sleeping bag"',
        ),
      category: category.optional(),
      maxPriceEur: z
        .number()
        .positive()
        .optional()
        .describe('Highest price in euro'),
      ...pageInput,
    }),
    output: z.object({
      products: z.array(
        z.object({
          sku: z.string(),
          name: z.string(),
          category: z.enum(CATEGORIES),
          priceEur: z.number(),
          weightGrams: z.number().int(),
          description: z.string(),
        }),
      ),
      ...pageOutput,
    }),
    run(input) {
      const words =
        (input.query ?? '').toLowerCase().match(/[\p{L}\d-]+/gu) ?? [];
      const page = readPage<ProductRow>(db, {
        columns: '*',
        from: 'products',
        key: 'sku',
        order: 'ascending',
        filters: [
          { sql: 'category = ?', value: input.category },
          {
            sql: 'price_cents <= ?',
            value:
              input.maxPriceEur === undefined
                ? undefined
                : Math.round(input.maxPriceEur * 100),
          },
          // Each word must be there; a plural finds the singular too.
          ...words.map(word => ({
            sql: `instr(lower(name || ' ' || description || ' ' || category || ' ' || sku), ?) > 0`,
            value: word.length > 3 ? word.replace(/s$/, '') : word,
          })),
        ],
        limit: input.limit,
        cursor: input.cursor,
      });
      const { items, ...rest } = page;
      return {
        text: [
          pageHeading(page, 'product', 'products'),
          ...items.map(
            row =>
              `- ${row.name} (${row.sku}): ${formatEuros(row.price_cents)}, ${
                row.weight_grams
              } g, ${row.description}`,
          ),
        ].join('\n'),
        data: {
          products: items.map(row => ({
            sku: row.sku,
            name: row.name,
            category: row.category,
            priceEur: euros(row.price_cents),
            weightGrams: row.weight_grams,
            description: row.description,
          })),
          ...rest,
        },
      };
    },
  });
}

function checkStock(db: Database.Database) {
  return defineTool({
    name: 'check_stock',
    title: 'Check stock',
    description:
      'Check how many pieces of a product are in stock (on hand, reserved, available), in each warehouse.',
    effect: 'read',
    input: z.object({
      product: z
        .string()
        .min(3)
        .describe('SKU (such as TNT-102) or name of the product'),
      warehouse: warehouse.optional(),
    }),
    output: z.object({
      sku: z.string(),
      product: z.string(),
      availableInAll: z
        .number()
        .int()
        .describe('Available pieces in the warehouses listed'),
      warehouses: z.array(stockRecord),
    }),
    run(input) {
      const product = requireProduct(db, input.product);
      const { items } = readPage<StockRow>(db, {
        columns: 's.*, p.name',
        from: 'stock s JOIN products p USING (sku)',
        key: 's.warehouse',
        order: 'ascending',
        filters: [
          { sql: 's.sku = ?', value: product.sku },
          { sql: 's.warehouse = ?', value: input.warehouse },
        ],
        limit: WAREHOUSES.length,
      });
      const warehouses = items.map(toStockRecord);
      const availableInAll = warehouses.reduce(
        (sum, record) => sum + record.available,
        0,
      );
      return {
        text: [
          `${product.name} (${
            product.sku
          }): ${availableInAll} pieces available${
            input.warehouse ? ` in ${input.warehouse}` : ' in all warehouses'
          }.`,
          ...warehouses.map(describeStock),
        ].join('\n'),
        data: {
          sku: product.sku,
          product: product.name,
          availableInAll,
          warehouses,
        },
      };
    },
  });
}

function listLowStock(db: Database.Database) {
  return defineTool({
    name: 'list_low_stock',
    title: 'List low stock',
    description:
      'List products whose available stock is below the reorder point, so that they run out soon and need replenishment.',
    effect: 'read',
    input: z.object({
      warehouse: warehouse.optional(),
      category: category.optional(),
      ...pageInput,
    }),
    output: z.object({ lowStock: z.array(stockRecord), ...pageOutput }),
    run(input) {
      const page = readPage<StockRow>(db, {
        columns: '*',
        from: LOW_STOCK,
        key: `(sku || ' ' || warehouse)`,
        order: 'ascending',
        filters: [
          { sql: 'warehouse = ?', value: input.warehouse },
          { sql: 'category = ?', value: input.category },
        ],
        limit: input.limit,
        cursor: input.cursor,
      });
      const { items, ...rest } = page;
      const lowStock = items.map(toStockRecord);
      return {
        text: [
          pageHeading(
            page,
            'product with low stock',
            'products with low stock',
          ),
          ...lowStock.map(
            record =>
              `- ${record.product} (${record.sku}) in ${record.warehouse}: ${record.available} available, reorder point ${record.reorderPoint}`,
          ),
        ].join('\n'),
        data: { lowStock, ...rest },
      };
    },
  });
}

function toStockRecord(row: StockRow): z.output<typeof stockRecord> {
  return {
    sku: row.sku,
    product: row.name,
    warehouse: row.warehouse,
    onHand: row.on_hand,
    reserved: row.reserved,
    available: row.on_hand - row.reserved,
    reorderPoint: row.reorder_point,
  };
}

function describeStock(record: z.output<typeof stockRecord>): string {
  return `- ${record.warehouse}: ${record.available} available (${record.onHand} on hand, ${record.reserved} reserved, reorder point ${record.reorderPoint})`;
}
