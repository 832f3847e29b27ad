import type { components } from './generated/openapi';

type Schemas = components['schemas'];

/**
 * A model or a route that can be called through the gateway.
 *
 * @public
 */
export type ModelSummary = Schemas['ModelSummary'];

/**
 * What kind of model it is; a `route` stands for several models.
 *
 * @public
 */
export type ModelType = Schemas['ModelType'];

/**
 * Prices in integer nano-USD (1e-9 USD) per million tokens.
 *
 * @public
 */
export type ModelPriceSummary = Schemas['ModelPrice'];

/**
 * A provider that models are called at.
 *
 * @public
 */
export type ProviderSummary = Schemas['ProviderSummary'];

/**
 * What costs can be grouped by.
 *
 * @public
 */
export type CostDimension = Schemas['CostDimension'];

/**
 * Sums of a group of calls. Money is in integer nano-USD.
 *
 * @public
 */
export type CostTotals = Schemas['CostTotals'];

/**
 * One group of calls.
 *
 * @public
 */
export type CostItem = Schemas['CostItem'];

/**
 * A row of the ledger: one attempt to call one model.
 *
 * @public
 */
export type ModelCall = Schemas['ModelCall'];

/**
 * The tokens of a call in disjoint parts.
 *
 * @public
 */
export type ModelTokenUsage = Schemas['TokenUsage'];

/**
 * A page of a list. `nextCursor` is absent on the last page.
 *
 * @public
 */
export interface ModelsPage<T> {
  items: T[];
  nextCursor?: string;
}

/**
 * What {@link ModelsClient.getCosts} is asked.
 *
 * @public
 */
export interface CostQuery {
  groupBy: CostDimension;
  splitBy?: CostDimension;
  /** First moment, UTC date or date-time; default is the start of this month. */
  from?: string;
  /** Moment after the last; default is now. */
  to?: string;
  agentRef?: string;
  ownerRef?: string;
  systemRef?: string;
  domainRef?: string;
  model?: string;
  userRef?: string;
  runId?: string;
  limit?: number;
  cursor?: string;
}
