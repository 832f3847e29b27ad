import type { JsonOperation } from '../api/operations';

/** An operation of the API as an action, and so as an MCP tool. */
export interface OfferedAction {
  name: string;
  title: string;
  /** For models, which choose by it. */
  description: string;
  attributes: { readOnly: boolean; destructive: boolean; idempotent: boolean };
  operation: JsonOperation;
  /** The member of the output that holds the answer; without it the answer is the output. */
  as?: string;
  /** The operation whose first page comes along as `changes`. */
  changes?: JsonOperation;
}

const READS = { readOnly: true, destructive: false, idempotent: true };
const RECORDS = { readOnly: false, destructive: false, idempotent: true };
const CREATES = { readOnly: false, destructive: false, idempotent: false };
/** What was there is overwritten or gone. */
const REPLACES = { readOnly: false, destructive: true, idempotent: true };
const ENDS = { readOnly: false, destructive: true, idempotent: false };

/** What people can do in the API, as actions. */
export const ACTIONS: readonly OfferedAction[] = [
  {
    name: 'list-models',
    title: 'List models',
    description:
      'Lists the models and routes that can be called through the model gateway, with price in nano-USD (1e-9 USD) per million tokens, context window, status and usage of the last 30 days.',
    attributes: READS,
    operation: 'ListModels',
  },
  {
    name: 'get-model',
    title: 'Get a model',
    description: 'Reads one model or route of the model gateway.',
    attributes: READS,
    operation: 'GetModel',
    as: 'model',
  },
  {
    name: 'list-providers',
    title: 'List model providers',
    description:
      'Lists the providers that models are called at, and whether they answered when last asked.',
    attributes: READS,
    operation: 'ListProviders',
  },
  {
    name: 'list-calls',
    title: 'List model calls',
    description:
      'Lists single model calls from the ledger, the newest first: model, status, tokens, cost in nano-USD, and on whose account.',
    attributes: READS,
    operation: 'ListCalls',
  },
  {
    name: 'list-model-prices',
    title: 'List the prices of a model',
    description:
      'Reads what a model costs now, with its rates for cached tokens, sounds, long contexts and service tiers, and which prices it had before. In nano-USD (1e-9 USD).',
    attributes: READS,
    operation: 'ListModelPrices',
  },
  {
    name: 'get-costs',
    title: 'Get costs of model calls',
    description:
      'Sums calls, tokens, cost and savings in nano-USD (1e-9 USD) of model calls, grouped by agent, owner, system, domain, model, user, key, day (UTC) or run; the dearest group first. Default time is the current month.',
    attributes: READS,
    operation: 'GetCosts',
  },
  {
    name: 'forecast-costs',
    title: 'Forecast the costs of this month',
    description:
      'Tells what model calls of the current calendar month (UTC) have cost and will have cost by its end, as a range, in nano-USD (1e-9 USD), with the monthly budget if there is one.',
    attributes: READS,
    operation: 'ForecastCosts',
    as: 'forecast',
  },
  {
    name: 'record-call-outcome',
    title: 'Tell whether a model call was a success',
    description:
      'Tells whether the answer to a model call was good, so that routes by complexity learn which requests weaker models can answer. Saying it again replaces what was said.',
    attributes: RECORDS,
    operation: 'RecordCallOutcome',
  },
  {
    name: 'list-complexity-calibrations',
    title: 'List what routing has learned',
    description:
      'Lists, for each owner of agents, up to which complexity (0 to 1) each tier of models serves, and the outcomes that this rests on. Owners that are missing have the default.',
    attributes: READS,
    operation: 'ListComplexityCalibrations',
  },
  {
    name: 'list-budgets',
    title: 'List budgets of model calls',
    description:
      'Lists budgets with limit, spent, held and left of the current window in nano-USD (1e-9 USD), and when they renew.',
    attributes: READS,
    operation: 'ListBudgets',
  },
  {
    name: 'get-budget',
    title: 'Get a budget of model calls',
    description:
      'Reads one budget with its usage in the current window and its latest changes.',
    attributes: READS,
    operation: 'GetBudget',
    as: 'budget',
    changes: 'GetBudgetHistory',
  },
  {
    name: 'create-budget',
    title: 'Create a budget of model calls',
    description:
      'Limits what model calls of a scope may cost per hour, day, week, month, quarter (UTC) or in total. Calls without room are refused from now on.',
    attributes: CREATES,
    operation: 'CreateBudget',
    as: 'budget',
  },
  {
    name: 'update-budget',
    title: 'Change a budget of model calls',
    description:
      'Sets limit and soft thresholds of a budget. A lower limit stops further calls; what is spent stays spent.',
    attributes: REPLACES,
    operation: 'UpdateBudget',
    as: 'budget',
  },
  {
    name: 'delete-budget',
    title: 'Delete a budget of model calls',
    description: 'Removes a limit: its scope may then spend without it.',
    attributes: REPLACES,
    operation: 'DeleteBudget',
    as: 'deleted',
  },
  {
    name: 'check-budgets',
    title: 'Check the counters of budgets',
    description:
      'Adds up ledger and holds anew and compares that with the counter of every budget. Changes nothing.',
    attributes: READS,
    operation: 'CheckBudgets',
    as: 'check',
  },
  {
    name: 'list-model-keys',
    title: 'List keys for model calls',
    description:
      'Lists the keys with which programs call models: owner, models, state, expiry, last use and cost of this month in nano-USD (1e-9 USD). Secrets are never in it.',
    attributes: READS,
    operation: 'ListKeys',
  },
  {
    name: 'get-model-key',
    title: 'Get a key for model calls',
    description:
      'Reads one key and the latest of what was done with it. Its secret is not in it.',
    attributes: READS,
    operation: 'GetKey',
    as: 'key',
    changes: 'GetKeyHistory',
  },
  {
    name: 'create-model-key',
    title: 'Create a key for model calls',
    description:
      'Makes a key with which a program that is not an agent calls models. THE OUTPUT HOLDS THE SECRET OF THE KEY, in clear and this once: hand it to the person who asked and keep it nowhere else.',
    attributes: CREATES,
    operation: 'CreateKey',
  },
  {
    name: 'update-model-key',
    title: 'Change a key for model calls',
    description:
      'Sets title, models or expiry of a key. Calls to models that are taken from it are refused from now on.',
    attributes: REPLACES,
    operation: 'UpdateKey',
    as: 'key',
  },
  {
    name: 'rotate-model-key',
    title: 'Rotate the secret of a key for model calls',
    description:
      'Gives a key a new secret; older ones end after the overlap, a day unless it is said. THE OUTPUT HOLDS THE NEW SECRET, in clear and this once: hand it to the person who asked and keep it nowhere else.',
    attributes: ENDS,
    operation: 'RotateKey',
  },
  {
    name: 'revoke-model-key',
    title: 'Revoke a key for model calls',
    description:
      'Ends a key for good: programs that use it are refused everywhere within a second. It cannot be taken back.',
    attributes: REPLACES,
    operation: 'RevokeKey',
    as: 'key',
  },
  {
    name: 'list-model-rate-limits',
    title: 'List rate limits of model calls',
    description:
      'Lists how many requests or tokens per minute, or calls at once, a scope may have, and how much of it is left now.',
    attributes: READS,
    operation: 'ListRateLimits',
  },
  {
    name: 'create-model-rate-limit',
    title: 'Create a rate limit of model calls',
    description:
      'Limits how fast a scope may call models. Calls beyond are refused with 429 and told when to come back.',
    attributes: CREATES,
    operation: 'CreateRateLimit',
    as: 'rateLimit',
  },
  {
    name: 'update-model-rate-limit',
    title: 'Change a rate limit of model calls',
    description: 'Sets how much a rate limit lets through from now on.',
    attributes: REPLACES,
    operation: 'UpdateRateLimit',
    as: 'rateLimit',
  },
  {
    name: 'delete-model-rate-limit',
    title: 'Delete a rate limit of model calls',
    description: 'Removes a limit: its scope may then call without it.',
    attributes: REPLACES,
    operation: 'DeleteRateLimit',
    as: 'deleted',
  },
  {
    name: 'get-answer-cache',
    title: 'See which answers are remembered',
    description:
      'Counts the answers of models that are remembered now, by agent, with how often they were given again and what that saved in nano-USD (1e-9 USD).',
    attributes: READS,
    operation: 'GetAnswerCache',
  },
  {
    name: 'purge-answer-cache',
    title: 'Forget remembered answers',
    description:
      'Deletes the answers that were remembered for an agent, a key or a person, or all of them, in every process at once. Say exactly one of agentRef, keyId, userRef and all.',
    attributes: REPLACES,
    operation: 'PurgeAnswerCache',
  },
  {
    name: 'list-routes',
    title: 'List routes to models',
    description:
      'Lists routes: how each chooses among its candidates, which of them can be called now, and who owns it.',
    attributes: READS,
    operation: 'ListRoutes',
  },
  {
    name: 'get-route',
    title: 'Get a route to models',
    description:
      'Reads one route with its YAML and the latest changes that were made to it in the portal.',
    attributes: READS,
    operation: 'GetRoute',
    as: 'route',
    changes: 'GetRouteHistory',
  },
  {
    name: 'preview-route',
    title: 'Try a route on recent calls',
    description:
      'Tells what the calls of the last days would have cost and which models would have served them with another route. Changes nothing.',
    attributes: READS,
    operation: 'PreviewRoute',
    as: 'preview',
  },
  {
    name: 'save-route',
    title: 'Change a route to models',
    description:
      'Saves the YAML of a route in the portal. It holds at once and goes before what the catalog says.',
    attributes: REPLACES,
    operation: 'SaveRoute',
    as: 'route',
  },
  {
    name: 'revert-route',
    title: 'Take back the change of a route',
    description:
      'Drops what was saved in the portal, so that the route is again what the catalog says. A route that is only in the portal is gone.',
    attributes: REPLACES,
    operation: 'RevertRoute',
    as: 'reverted',
  },
];
