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
 * What a budget applies to.
 *
 * @public
 */
export type BudgetScope = Schemas['BudgetScope'];

/**
 * How often a budget begins anew, in UTC; `total` never does.
 *
 * @public
 */
export type BudgetWindow = Schemas['BudgetWindow'];

/**
 * Where a budget is written. Only those of the `api` can be changed over it.
 *
 * @public
 */
export type BudgetSource = Schemas['BudgetSource'];

/**
 * A budget and what is spent of it in the current window. Money is in integer
 * nano-USD.
 *
 * @public
 */
export type BudgetSummary = Schemas['Budget'];

/**
 * What a new budget is made of.
 *
 * @public
 */
export type NewBudget = Schemas['NewBudget'];

/**
 * What of a budget can be changed.
 *
 * @public
 */
export type BudgetUpdate = Schemas['BudgetUpdate'];

/**
 * One change of a budget: who, when and what.
 *
 * @public
 */
export type BudgetChange = Schemas['BudgetChange'];

/**
 * Whether all counters are what ledger and holds add up to.
 *
 * @public
 */
export type BudgetCheck = Schemas['BudgetCheck'];

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
