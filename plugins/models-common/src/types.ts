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
 * Everything that a price says: rates of parts, of service tiers and of long
 * contexts, and fees. In integer nano-USD (1e-9 USD).
 *
 * @public
 */
export type ModelPriceDetails = Schemas['ModelPriceDetails'];

/**
 * A version of a model's price.
 *
 * @public
 */
export type ModelPriceVersion = Schemas['ModelPriceVersion'];

/**
 * What a model costs, and a page of the versions of its price.
 *
 * @public
 */
export type ModelPriceHistory = Schemas['ModelPriceHistory'];

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
 * Sums of a group of calls with what was saved on them. Money is in integer
 * nano-USD.
 *
 * @public
 */
export type CostSums = Schemas['CostSums'];

/**
 * What a month will have cost, as a range. Money is in integer nano-USD.
 *
 * @public
 */
export type CostForecast = Schemas['CostForecast'];

/**
 * One group of calls.
 *
 * @public
 */
export type CostItem = Schemas['CostItem'];

/**
 * Groups of calls with their sums; `visible` says whose calls they are.
 *
 * @public
 */
export type CostsPage = {
  items: CostItem[];
  nextCursor?: string;
  totals: CostSums;
  visible: CallsPage['visible'];
};

/**
 * A page of the ledger; `visible` says whose calls it is about.
 *
 * @public
 */
export type CallsPage = Schemas['CallsPage'];

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
 * A key with which a program calls models, as far as it may be shown. Its secret
 * is in no answer but that of its making and that of a rotation.
 *
 * @public
 */
export type KeySummary = Schemas['Key'];

/**
 * A secret of a key that is good now, by what may be shown of it.
 *
 * @public
 */
export type KeySecretSummary = Schemas['KeySecret'];

/**
 * Whether a key counts: `expiring` is its last 14 days.
 *
 * @public
 */
export type KeyState = Schemas['KeyState'];

/**
 * What a new key is made of.
 *
 * @public
 */
export type NewKey = Schemas['NewKey'];

/**
 * What of a key can be changed.
 *
 * @public
 */
export type KeyUpdate = Schemas['KeyUpdate'];

/**
 * A key with the secret that was just made for it.
 *
 * @public
 */
export type KeyWithSecret = Schemas['KeyWithSecret'];

/**
 * Something that was done with a key.
 *
 * @public
 */
export type KeyChange = Schemas['KeyChange'];

/**
 * How fast a scope may call models, and how much is left now.
 *
 * @public
 */
export type RateLimitSummary = Schemas['RateLimit'];

/**
 * What a rate limit counts.
 *
 * @public
 */
export type RateMeasure = Schemas['RateMeasure'];

/**
 * What a new rate limit is made of.
 *
 * @public
 */
export type NewRateLimit = Schemas['NewRateLimit'];

/**
 * What of a rate limit can be changed.
 *
 * @public
 */
export type RateLimitUpdate = Schemas['RateLimitUpdate'];

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
 * Whose calls costs are asked of; nothing means all.
 *
 * @public
 */
export interface CostAccount {
  agentRef?: string;
  ownerRef?: string;
  systemRef?: string;
  domainRef?: string;
  /** Gateway id. */
  model?: string;
  userRef?: string;
  /** Id of the key of a program. */
  keyId?: string;
  runId?: string;
}

/**
 * The time that costs are asked of.
 *
 * @public
 */
export interface CostPeriod {
  /** First moment, UTC date or date-time; default is the start of this month. */
  from?: string;
  /** Moment after the last; default is now. */
  to?: string;
}

/**
 * What {@link ModelsClient.getCosts} is asked.
 *
 * @public
 */
export interface CostQuery extends CostAccount, CostPeriod {
  groupBy: CostDimension;
  splitBy?: CostDimension;
  limit?: number;
  cursor?: string;
}

/**
 * A route, how it chooses, and whether the caller may change it.
 *
 * @public
 */
export type RouteSummary = Schemas['RouteSummary'];

/**
 * A route with its YAML.
 *
 * @public
 */
export type RouteDetails = Schemas['RouteDetails'];

/**
 * A change of a route in the portal.
 *
 * @public
 */
export type RouteChange = Schemas['RouteChange'];

/**
 * What would have happened to recent calls with another route.
 *
 * @public
 */
export type RoutePreview = Schemas['RoutePreview'];

/**
 * What the model service remembers now.
 *
 * @public
 */
export type AnswerCacheStats = Schemas['AnswerCacheStats'];

/**
 * Whose answers are to be forgotten.
 *
 * @public
 */
export type AnswerCachePurge =
  | { agentRef: string }
  | { keyId: string }
  | { userRef: string }
  | { all: true };

/**
 * What a caller told of the answer to a call, and what is made of it.
 *
 * @public
 */
export type CallOutcome = Schemas['CallOutcome'];

/**
 * Up to which complexity each tier of models serves for an owner of agents.
 *
 * @public
 */
export type ComplexityCalibrationSummary = Schemas['ComplexityCalibration'];
