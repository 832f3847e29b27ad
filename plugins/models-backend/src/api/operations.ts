import type { OperationHandler } from '@agentportal/plugin-agents-node';
import type { ModelsOperations } from '@agentportal/plugin-models-common';
import type { CacheApi } from '../cache/CacheApi';
import type { ComplexityApi } from '../complexity/ComplexityApi';
import type { KeysApi } from '../keys/KeysApi';
import type { PricesApi } from '../prices/PricesApi';
import type { RateLimitsApi } from '../rateLimits/RateLimitsApi';
import type { RoutesApi } from '../routes/RoutesApi';
import type { BudgetsApi } from './BudgetsApi';
import type { CostsApi } from './CostsApi';
import type { ModelsApi } from './ModelsApi';

/** Everything that people can do, the same for HTTP and for actions. */
export interface Apis {
  models: ModelsApi;
  prices: PricesApi;
  costs: CostsApi;
  complexity: ComplexityApi;
  budgets: BudgetsApi;
  keys: KeysApi;
  rateLimits: RateLimitsApi;
  cache: CacheApi;
  routes: RoutesApi;
}

/** Operations that HTTP and actions answer alike: JSON in, JSON out. */
export type JsonOperation = Exclude<
  keyof ModelsOperations,
  'ExportFocus' | `OpenAi${string}` | `Anthropic${string}`
>;

/** What a handler of an operation needs to know of a request. */
type Call<Id extends JsonOperation> = Omit<
  Parameters<OperationHandler<ModelsOperations[Id]>>[0],
  'request' | 'response'
>;

/** A handler for each of them. */
export type Operations = {
  [Id in JsonOperation]: (
    call: Call<Id>,
  ) => ReturnType<OperationHandler<ModelsOperations[Id]>>;
};

/** Everything that people can do, by the id of its operation. */
export function operationsOf(apis: Apis): Operations {
  const { budgets, cache, complexity, costs } = apis;
  const { keys, models, prices, rateLimits, routes } = apis;
  return {
    ListModels: call => models.listModels(call.query, call.credentials),
    GetModel: call => models.getModel(call.path.id, call.credentials),
    ListModelPrices: call =>
      prices.list(call.path.id, call.query, call.credentials),
    ListProviders: call => models.listProviders(call.query, call.credentials),

    GetCosts: call => costs.getCosts(call.query, call.credentials),
    ForecastCosts: call => costs.forecast(call.query, call.credentials),
    ListCalls: call => models.listCalls(call.query, call.credentials),
    RecordCallOutcome: call =>
      complexity.recordOutcome(call.path.callId, call.body, call.credentials),
    ListComplexityCalibrations: call =>
      complexity.listCalibrations(call.query, call.credentials),

    ListBudgets: call => budgets.list(call.query, call.credentials),
    CreateBudget: call => budgets.create(call.body, call.credentials),
    CheckBudgets: call => budgets.check(call.credentials),
    GetBudget: call => budgets.get(call.path.id, call.credentials),
    UpdateBudget: call =>
      budgets.update(call.path.id, call.body, call.credentials),
    DeleteBudget: call => budgets.delete(call.path.id, call.credentials),
    GetBudgetHistory: call =>
      budgets.history(call.path.id, call.query, call.credentials),

    ListRoutes: call => routes.list(call.query, call.credentials),
    PreviewRoute: call => routes.preview(call.body, call.credentials),
    GetRoute: call => routes.get(call.path.name, call.credentials),
    SaveRoute: call => routes.save(call.path.name, call.body, call.credentials),
    RevertRoute: call => routes.revert(call.path.name, call.credentials),
    GetRouteHistory: call =>
      routes.history(call.path.name, call.query, call.credentials),

    ListKeys: call => keys.list(call.query, call.credentials),
    CreateKey: call => keys.create(call.body, call.credentials),
    GetKey: call => keys.get(call.path.id, call.credentials),
    UpdateKey: call => keys.update(call.path.id, call.body, call.credentials),
    RotateKey: call =>
      keys.rotate(call.path.id, call.body ?? {}, call.credentials),
    RevokeKey: call => keys.revoke(call.path.id, call.credentials),
    GetKeyHistory: call =>
      keys.history(call.path.id, call.query, call.credentials),

    ListRateLimits: call => rateLimits.list(call.query, call.credentials),
    CreateRateLimit: call => rateLimits.create(call.body, call.credentials),
    UpdateRateLimit: call =>
      rateLimits.update(call.path.id, call.body, call.credentials),
    DeleteRateLimit: call => rateLimits.delete(call.path.id, call.credentials),

    GetAnswerCache: call => cache.stats(call.query, call.credentials),
    PurgeAnswerCache: call => cache.purge(call.query, call.credentials),
  };
}
