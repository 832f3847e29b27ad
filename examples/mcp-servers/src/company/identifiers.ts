import { z } from 'zod/v4';

// Patterns accept small letters, because people type them; what goes on is
// upper case. JSON Schema patterns know no flags, hence the classes.

/** Number of an order. */
export const orderId = z
  .string()
  .regex(/^[Nn][Hh]-[0-9]{5}$/, 'give an order number such as NH-10042')
  .toUpperCase()
  .describe('Order number, for example NH-10042');

/** Number of a return. */
export const returnId = z
  .string()
  .regex(/^[Rr][Tt]-[0-9]{4}$/, 'give a return number such as RT-2007')
  .toUpperCase()
  .describe('Return number, for example RT-2007');

/** Number of a shipment. */
export const shipmentId = z
  .string()
  .regex(/^[Ss][Hh]-[0-9]{5}$/, 'give a shipment number such as SH-30042')
  .toUpperCase()
  .describe('Shipment number, for example SH-30042');

/** Number of an invoice. */
export const invoiceId = z
  .string()
  .regex(/^[Ii][Nn][Vv]-[0-9]{5}$/, 'give an invoice number such as INV-40042')
  .toUpperCase()
  .describe('Invoice number, for example INV-40042');

/** Number of an employee. */
export const employeeId = z
  .string()
  .regex(/^[Ee]-[0-9]{3}$/, 'give an employee number such as E-104')
  .toUpperCase()
  .describe('Employee number, for example E-104');

/** Number of an article. */
export const sku = z
  .string()
  .regex(/^[A-Za-z]{3}-[0-9]{3}$/, 'give a SKU such as TNT-102')
  .toUpperCase()
  .describe('SKU (article number) of a product, for example TNT-102');

/** A calendar day. */
export const day = (what: string) =>
  z.iso.date().describe(`${what}, as YYYY-MM-DD`);
