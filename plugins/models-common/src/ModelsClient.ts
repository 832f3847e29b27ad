/* eslint-disable new-cap -- openapi-fetch names its methods after the HTTP ones */
import { sendThrough } from '@agentportal/plugin-agents-common';
import createClient, { type Client } from 'openapi-fetch';
import type { paths } from './generated/openapi';
import type {
  AnswerCachePurge,
  AnswerCacheStats,
  BudgetChange,
  BudgetCheck,
  BudgetScope,
  BudgetSource,
  BudgetSummary,
  BudgetUpdate,
  CallOutcome,
  CallsPage,
  ComplexityCalibrationSummary,
  CostAccount,
  CostForecast,
  CostPeriod,
  CostQuery,
  CostsPage,
  KeyChange,
  KeyState,
  KeySummary,
  KeyUpdate,
  KeyWithSecret,
  ModelPriceHistory,
  ModelSummary,
  ModelType,
  ModelsPage,
  NewBudget,
  NewKey,
  NewRateLimit,
  ProviderSummary,
  RateLimitSummary,
  RateLimitUpdate,
  RouteChange,
  RouteDetails,
  RoutePreview,
  RouteSummary,
} from './types';

/**
 * Per-request options. Backends pass a plugin token; front ends pass nothing,
 * because their fetch API adds the signed-in person's token.
 *
 * @public
 */
export interface ModelsRequestOptions {
  token?: string;
  signal?: AbortSignal;
}

/**
 * What a client of the models plugin is made of.
 *
 * @public
 */
export interface ModelsClientOptions {
  discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
  fetchApi?: { fetch: typeof fetch };
}

/**
 * Client of the management API of the models plugin.
 *
 * Every method throws Backstage's `ResponseError` when the server refuses.
 *
 * @public
 */
export class ModelsClient {
  readonly #options: ModelsClientOptions;

  constructor(options: ModelsClientOptions) {
    this.#options = options;
  }

  /** Models and routes that the caller may see, in the order of their ids. */
  async listModels(
    query: {
      q?: string;
      type?: ModelType;
      limit?: number;
      cursor?: string;
    } = {},
    options?: ModelsRequestOptions,
  ): Promise<ModelsPage<ModelSummary>> {
    return this.#send(options, client =>
      client.GET('/models', { params: { query } }),
    );
  }

  /** One model by gateway id, route name or entity ref. */
  async getModel(
    id: string,
    options?: ModelsRequestOptions,
  ): Promise<ModelSummary> {
    return this.#send(options, client =>
      client.GET('/models/{id}', {
        params: { path: { id } },
      }),
    );
  }

  /** What a model costs, and the versions of its price, the newest first. */
  async listModelPrices(
    id: string,
    query: { limit?: number; cursor?: string } = {},
    options?: ModelsRequestOptions,
  ): Promise<ModelPriceHistory> {
    return this.#send(options, client =>
      client.GET('/models/{id}/prices', {
        params: { path: { id }, query },
      }),
    );
  }

  /** The configured providers and whether they answered lately. */
  async listProviders(
    query: { limit?: number; cursor?: string } = {},
    options?: ModelsRequestOptions,
  ): Promise<ModelsPage<ProviderSummary>> {
    return this.#send(options, client =>
      client.GET('/providers', { params: { query } }),
    );
  }

  /** Costs in groups, with the totals of all groups. Money is in nano-USD. */
  async getCosts(
    query: CostQuery,
    options?: ModelsRequestOptions,
  ): Promise<CostsPage> {
    return this.#send(options, client =>
      client.GET('/costs', { params: { query } }),
    );
  }

  /** What this month will have cost, as a range, and how that was found. */
  async forecastCosts(
    account: CostAccount = {},
    options?: ModelsRequestOptions,
  ): Promise<CostForecast> {
    return this.#send(options, client =>
      client.GET('/costs/forecast', {
        params: { query: account },
      }),
    );
  }

  /**
   * Charges as a CSV file in the format of FOCUS 1.2, as it comes. A stream that
   * breaks off is not the whole file.
   */
  async exportFocus(
    query: CostAccount & CostPeriod & { granularity?: 'day' | 'hour' } = {},
    options?: ModelsRequestOptions,
  ): Promise<ReadableStream<Uint8Array>> {
    const client = await this.#client(options);
    const { data } = await client.GET('/costs/focus.csv', {
      params: { query },
      parseAs: 'stream',
    });
    return data as unknown as ReadableStream<Uint8Array>;
  }

  /** Rows of the ledger, the newest first. */
  async listCalls(
    query: {
      runId?: string;
      agentRef?: string;
      limit?: number;
      cursor?: string;
    } = {},
    options?: ModelsRequestOptions,
  ): Promise<CallsPage> {
    return this.#send(options, client =>
      client.GET('/calls', { params: { query } }),
    );
  }

  /** Budgets that the caller may see, with their usage. */
  async listBudgets(
    query: {
      scopeType?: BudgetScope['type'];
      scopeRef?: string;
      source?: BudgetSource;
      /** Words that the type or the ref of the scope must have. */
      q?: string;
      /** The oldest first unless told, or those with the least left. */
      order?: 'created' | 'nearest';
      limit?: number;
      cursor?: string;
    } = {},
    options?: ModelsRequestOptions,
  ): Promise<ModelsPage<BudgetSummary> & { mayCreate: boolean }> {
    return this.#send(options, client =>
      client.GET('/budgets', { params: { query } }),
    );
  }

  /** Makes a budget; what its scope spent in the window already counts. */
  async createBudget(
    budget: NewBudget,
    options?: ModelsRequestOptions,
  ): Promise<BudgetSummary> {
    return this.#send(options, client =>
      client.POST('/budgets', { body: budget }),
    );
  }

  /** One budget by its id. */
  async getBudget(
    id: string,
    options?: ModelsRequestOptions,
  ): Promise<BudgetSummary> {
    return this.#send(options, client =>
      client.GET('/budgets/{id}', {
        params: { path: { id } },
      }),
    );
  }

  /** Changes limit and thresholds; scope and window are what a budget is. */
  async updateBudget(
    id: string,
    budget: BudgetUpdate,
    options?: ModelsRequestOptions,
  ): Promise<BudgetSummary> {
    return this.#send(options, client =>
      client.PUT('/budgets/{id}', {
        params: { path: { id } },
        body: budget,
      }),
    );
  }

  /** Deletes a budget; its history stays. */
  async deleteBudget(
    id: string,
    options?: ModelsRequestOptions,
  ): Promise<void> {
    const client = await this.#client(options);
    await client.DELETE('/budgets/{id}', {
      params: { path: { id } },
    });
  }

  /** Who changed a budget, when and how, the newest first. */
  async getBudgetHistory(
    id: string,
    query: { limit?: number; cursor?: string } = {},
    options?: ModelsRequestOptions,
  ): Promise<ModelsPage<BudgetChange>> {
    return this.#send(options, client =>
      client.GET('/budgets/{id}/history', {
        params: { path: { id }, query },
      }),
    );
  }

  /** Adds up ledger and holds anew and compares that with every counter. */
  async checkBudgets(options?: ModelsRequestOptions): Promise<BudgetCheck> {
    return this.#send(options, client => client.GET('/budgets/check'));
  }

  /** Keys that the caller may see, the newest first. */
  async listKeys(
    query: {
      /** Only these, at most 100. */
      id?: string[];
      /** Words of the title, the id or the owner. */
      q?: string;
      ownerRef?: string;
      state?: KeyState;
      limit?: number;
      cursor?: string;
    } = {},
    options?: ModelsRequestOptions,
  ): Promise<ModelsPage<KeySummary> & { mayCreate: boolean }> {
    return this.#send(options, client =>
      client.GET('/keys', { params: { query } }),
    );
  }

  /** Makes a key. Its secret is in this answer and in no other. */
  async createKey(
    key: NewKey,
    options?: ModelsRequestOptions,
  ): Promise<KeyWithSecret> {
    return this.#send(options, client => client.POST('/keys', { body: key }));
  }

  async getKey(
    id: string,
    options?: ModelsRequestOptions,
  ): Promise<KeySummary> {
    return this.#send(options, client =>
      client.GET('/keys/{id}', {
        params: { path: { id } },
      }),
    );
  }

  /** Changes title, models or expiry. */
  async updateKey(
    id: string,
    key: KeyUpdate,
    options?: ModelsRequestOptions,
  ): Promise<KeySummary> {
    return this.#send(options, client =>
      client.PATCH('/keys/{id}', {
        params: { path: { id } },
        body: key,
      }),
    );
  }

  /**
   * Gives a key a new secret, which is in this answer and in no other.
   *
   * @param rotation - `overlapSeconds` is how long older secrets are good yet;
   * a day unless it is said, and 0 ends them now
   */
  async rotateKey(
    id: string,
    rotation: { overlapSeconds?: number } = {},
    options?: ModelsRequestOptions,
  ): Promise<KeyWithSecret> {
    return this.#send(options, client =>
      client.POST('/keys/{id}/rotate', {
        params: { path: { id } },
        body: rotation as { overlapSeconds: number },
      }),
    );
  }

  /** Ends a key for good, everywhere within a second. */
  async revokeKey(
    id: string,
    options?: ModelsRequestOptions,
  ): Promise<KeySummary> {
    return this.#send(options, client =>
      client.POST('/keys/{id}/revoke', {
        params: { path: { id } },
      }),
    );
  }

  /** Who did what with a key, and when, the newest first. */
  async getKeyHistory(
    id: string,
    query: { limit?: number; cursor?: string } = {},
    options?: ModelsRequestOptions,
  ): Promise<ModelsPage<KeyChange>> {
    return this.#send(options, client =>
      client.GET('/keys/{id}/history', {
        params: { path: { id }, query },
      }),
    );
  }

  /** Rate limits that the caller may see, the oldest first, with what is left. */
  async listRateLimits(
    query: {
      scopeType?: BudgetScope['type'];
      scopeRef?: string;
      limit?: number;
      cursor?: string;
    } = {},
    options?: ModelsRequestOptions,
  ): Promise<ModelsPage<RateLimitSummary>> {
    return this.#send(options, client =>
      client.GET('/rate-limits', { params: { query } }),
    );
  }

  async createRateLimit(
    limit: NewRateLimit,
    options?: ModelsRequestOptions,
  ): Promise<RateLimitSummary> {
    return this.#send(options, client =>
      client.POST('/rate-limits', { body: limit }),
    );
  }

  /** Changes how much it lets through; scope and measure are what it is. */
  async updateRateLimit(
    id: string,
    limit: RateLimitUpdate,
    options?: ModelsRequestOptions,
  ): Promise<RateLimitSummary> {
    return this.#send(options, client =>
      client.PATCH('/rate-limits/{id}', {
        params: { path: { id } },
        body: limit,
      }),
    );
  }

  async deleteRateLimit(
    id: string,
    options?: ModelsRequestOptions,
  ): Promise<void> {
    const client = await this.#client(options);
    await client.DELETE('/rate-limits/{id}', {
      params: { path: { id } },
    });
  }

  /** Routes that the caller may see, in the order of their names. */
  async listRoutes(
    query: { q?: string; limit?: number; cursor?: string } = {},
    options?: ModelsRequestOptions,
  ): Promise<ModelsPage<RouteSummary>> {
    return this.#send(options, client =>
      client.GET('/routes', { params: { query } }),
    );
  }

  /** One route with its YAML. */
  async getRoute(
    name: string,
    options?: ModelsRequestOptions,
  ): Promise<RouteDetails> {
    return this.#send(options, client =>
      client.GET('/routes/{name}', {
        params: { path: { name } },
      }),
    );
  }

  /** What would have happened to the calls of the last days. Changes nothing. */
  async previewRoute(
    input: { yaml: string; days?: number },
    options?: ModelsRequestOptions,
  ): Promise<RoutePreview> {
    return this.#send(options, client =>
      client.POST('/routes/preview', {
        body: { days: 7, ...input },
      }),
    );
  }

  /** Saves a route in the portal, where it goes before the catalog's. */
  async saveRoute(
    name: string,
    yaml: string,
    options?: ModelsRequestOptions,
  ): Promise<RouteDetails> {
    return this.#send(options, client =>
      client.PUT('/routes/{name}', {
        params: { path: { name } },
        body: { yaml },
      }),
    );
  }

  /** Takes back what was saved in the portal. */
  async revertRoute(
    name: string,
    options?: ModelsRequestOptions,
  ): Promise<void> {
    const client = await this.#client(options);
    await client.DELETE('/routes/{name}', {
      params: { path: { name } },
    });
  }

  /** Who changed a route in the portal, the newest first. */
  async getRouteHistory(
    name: string,
    query: { limit?: number; cursor?: string } = {},
    options?: ModelsRequestOptions,
  ): Promise<ModelsPage<RouteChange>> {
    return this.#send(options, client =>
      client.GET('/routes/{name}/history', {
        params: { path: { name }, query },
      }),
    );
  }

  /** What is remembered now, by agent. Money is in nano-USD. */
  async getAnswerCache(
    query: { agentRef?: string; limit?: number; cursor?: string } = {},
    options?: ModelsRequestOptions,
  ): Promise<AnswerCacheStats> {
    return this.#send(options, client =>
      client.GET('/cache', { params: { query } }),
    );
  }

  /** Forgets answers, in every process at once. */
  async purgeAnswerCache(
    of: AnswerCachePurge,
    options?: ModelsRequestOptions,
  ): Promise<{ deleted: number }> {
    return this.#send(options, client =>
      client.DELETE('/cache', {
        params: { query: 'all' in of ? { all: true } : of },
      }),
    );
  }

  /**
   * Tells whether the answer to a call was good: of the caller's own calls, and
   * of those of agents that a group of the caller owns.
   *
   * @param callId - from the header `x-agent-portal-call-id` of the answer
   */
  async recordOutcome(
    callId: string,
    outcome: {
      succeeded: boolean;
      /** From 0 to 1. */
      score?: number;
    },
    options?: ModelsRequestOptions,
  ): Promise<CallOutcome> {
    return this.#send(options, client =>
      client.POST('/calls/{callId}/outcome', {
        params: { path: { callId } },
        body: outcome,
      }),
    );
  }

  /** By owner of agents; who is missing has the default. */
  async listCalibrations(
    query: { limit?: number; cursor?: string } = {},
    options?: ModelsRequestOptions,
  ): Promise<ModelsPage<ComplexityCalibrationSummary>> {
    return this.#send(options, client =>
      client.GET('/complexity/calibrations', {
        params: { query },
      }),
    );
  }

  /** Finds the plugin anew with each call, because its address may change. */
  async #client({ signal, token }: ModelsRequestOptions = {}): Promise<
    Client<paths>
  > {
    const { discoveryApi, fetchApi } = this.#options;
    const send: typeof fetch = fetchApi?.fetch ?? ((...args) => fetch(...args));
    return createClient<paths>({
      baseUrl: await discoveryApi.getBaseUrl('models'),
      fetch: sendThrough(send),
      signal,
      headers: token ? { authorization: `Bearer ${token}` } : undefined,
    });
  }

  async #send<T>(
    options: ModelsRequestOptions | undefined,
    ask: (client: Client<paths>) => Promise<{ data?: T; response: Response }>,
  ): Promise<T> {
    const { data, response } = await ask(await this.#client(options));
    if (data === undefined) {
      throw new Error(
        `The models service answered ${response.status} without a body; try again.`,
      );
    }
    return data;
  }
}
