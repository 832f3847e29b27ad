import type Database from 'better-sqlite3';
import type { Category } from '../company/products';
import { CannotDo } from '../serving/CannotDo';

/** A row of the products table. */
export interface ProductRow {
  sku: string;
  name: string;
  category: Category;
  price_cents: number;
  weight_grams: number;
  description: string;
}

/** Finds one article by its SKU or by its name, whole or in part. */
export function requireProduct(
  db: Database.Database,
  product: string,
): ProductRow {
  const wanted = product.trim();
  const exact = db
    .prepare('SELECT * FROM products WHERE sku = ? OR name = ?')
    .get(wanted.toUpperCase(), wanted) as ProductRow | undefined;
  if (exact) {
    return exact;
  }

  // A plural in the question ("tents") finds the singular in the name.
  const words = (wanted.toLowerCase().match(/[\p{L}\d.-]+/gu) ?? []).map(word =>
    word.length > 3 ? word.replace(/s$/, '') : word,
  );
  const condition = words.map(() => 'instr(lower(name), ?) > 0').join(' AND ');
  const matches = db
    .prepare(
      `SELECT * FROM products WHERE ${
        condition || '1 = 0'
      } ORDER BY sku LIMIT 6`,
    )
    .all(...words) as ProductRow[];
  // "Fjellro 2" means the tent of that name, not the footprint for it.
  const first = matches.filter(({ name }) =>
    name.toLowerCase().startsWith(wanted.toLowerCase()),
  );
  const best = first.length === 1 ? first : matches;
  if (best.length === 1) {
    return best[0];
  }
  if (matches.length === 0) {
    throw new CannotDo(
      `There is no product "${wanted}". Find its SKU with search_products.`,
    );
  }
  const names = matches.slice(0, 5).map(({ name, sku }) => `${name} (${sku})`);
  throw new CannotDo(
    `More than one product fits "${wanted}": ${names.join(', ')}${
      matches.length > 5 ? ' and others' : ''
    }. Give the SKU.`,
  );
}
