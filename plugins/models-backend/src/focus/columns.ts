import type { Cell } from './csv';
import { decimal, dollars, quotient } from './decimal';
import type { ChargeKey } from './queryCharges';

/** What is charged in one row: tokens of one kind, or calls without a count. */
export interface FocusRow {
  key: ChargeKey;
  /** ms since the epoch, half-open. */
  start: number;
  end: number;
  costNanoUsd: bigint;
  /** Last part of the SKU's id. */
  kind: string;
  words: string;
  unit: 'Tokens' | 'Requests';
  quantity: bigint;
}

/** Whose portal it is. */
export interface FocusAccount {
  id: string;
  name: string;
}

interface Column {
  name: string;
  of: (row: FocusRow, account: FocusAccount) => Cell;
}

/** Tokens are priced by the million. */
const TOKEN_PRICE_DIGITS = 6;

const cost = ({ costNanoUsd }: FocusRow) => dollars(costNanoUsd);

/** Tokens: nano-USD per million tokens in dollars; requests: dollars per one. */
const unitPrice = ({ unit, costNanoUsd, quantity }: FocusRow) =>
  unit === 'Tokens'
    ? quotient(costNanoUsd, quantity * 1_000n)
    : quotient(costNanoUsd, quantity * 1_000_000_000n);

const month = (at: number, offset: number) => {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset, 1);
};

/**
 * The columns of FOCUS 1.2 that say something here, in the order of their names;
 * columns of our own begin with `x_`. An empty cell is null.
 * Source: FOCUS 1.2, section "Columns" and attributes "Null Handling", "Numeric
 * Format", "Date/Time Format", "Key-Value Format".
 */
export const FOCUS_COLUMNS: readonly Column[] = [
  { name: 'BilledCost', of: cost },
  { name: 'BillingAccountId', of: (_, account) => account.id },
  { name: 'BillingAccountName', of: (_, account) => account.name },
  { name: 'BillingAccountType', of: () => 'Portal' },
  { name: 'BillingCurrency', of: () => 'USD' },
  { name: 'BillingPeriodEnd', of: row => moment(month(row.start, 1)) },
  { name: 'BillingPeriodStart', of: row => moment(month(row.start, 0)) },
  { name: 'ChargeCategory', of: () => 'Usage' },
  // Only corrections of months that were billed have a class.
  { name: 'ChargeClass', of: () => undefined },
  {
    name: 'ChargeDescription',
    of: ({ key, words }) =>
      `${words} of ${key.model}${key.agentRef ? ` for ${key.agentRef}` : ''}`,
  },
  { name: 'ChargeFrequency', of: () => 'Usage-Based' },
  { name: 'ChargePeriodEnd', of: row => moment(row.end) },
  { name: 'ChargePeriodStart', of: row => moment(row.start) },
  { name: 'ConsumedQuantity', of: row => decimal(row.quantity, 0) },
  { name: 'ConsumedUnit', of: row => row.unit },
  { name: 'ContractedCost', of: cost },
  { name: 'ContractedUnitPrice', of: unitPrice },
  { name: 'EffectiveCost', of: cost },
  // Providers send their invoices by themselves; the portal sees none.
  { name: 'InvoiceId', of: () => undefined },
  { name: 'InvoiceIssuerName', of: row => row.key.provider },
  { name: 'ListCost', of: cost },
  { name: 'ListUnitPrice', of: unitPrice },
  { name: 'PricingCategory', of: () => 'Standard' },
  {
    name: 'PricingQuantity',
    of: row =>
      decimal(row.quantity, row.unit === 'Tokens' ? TOKEN_PRICE_DIGITS : 0),
  },
  {
    name: 'PricingUnit',
    of: row => (row.unit === 'Tokens' ? '1000000 Tokens' : 'Requests'),
  },
  { name: 'ProviderName', of: row => row.key.provider },
  { name: 'PublisherName', of: row => row.key.provider },
  { name: 'ResourceId', of: row => row.key.model },
  { name: 'ResourceName', of: row => row.key.model },
  { name: 'ResourceType', of: () => 'Model' },
  { name: 'ServiceCategory', of: () => 'AI and Machine Learning' },
  { name: 'ServiceName', of: row => `${row.key.provider} models` },
  { name: 'ServiceSubcategory', of: () => 'Generative AI' },
  { name: 'SkuId', of: row => `${row.key.model}/${row.kind}` },
  { name: 'SkuMeter', of: row => row.words },
  { name: 'SkuPriceId', of: row => `${row.key.model}/${row.kind}` },
  { name: 'SubAccountId', of: row => row.key.ownerRef },
  { name: 'SubAccountName', of: row => row.key.ownerRef },
  {
    name: 'SubAccountType',
    of: row => (row.key.ownerRef ? 'Owner' : undefined),
  },
  { name: 'Tags', of: ({ key }) => tagsOf(key) },
  { name: 'x_PriceVersion', of: row => row.key.priceVersion },
];

const TAG_PREFIX = 'agentportal.dev/';

function tagsOf(key: ChargeKey): string | undefined {
  const tags = Object.entries({
    agent: key.agentRef,
    owner: key.ownerRef,
    system: key.systemRef,
    domain: key.domainRef,
    user: key.userRef,
    key: key.keyId,
  })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [`${TAG_PREFIX}${name}`, value]);
  return tags.length > 0 ? JSON.stringify(Object.fromEntries(tags)) : undefined;
}

function moment(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}
