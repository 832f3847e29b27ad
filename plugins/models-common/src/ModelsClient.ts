/* eslint-disable new-cap -- openapi-fetch names its methods after the HTTP ones */
import { sendThrough } from '@agentportal/plugin-agents-common';
import createClient, { type Client } from 'openapi-fetch';
import type { paths } from './generated/openapi';
import type {
  BudgetChange,
  BudgetCheck,
  BudgetScope,
  BudgetSource,
  BudgetSummary,
  BudgetUpdate,
  CostItem,
  CostQuery,
  CostTotals,
  ModelCall,
  ModelsPage,
  ModelSummary,
  ModelType,
  NewBudget,
  ProviderSummary,
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
 * Client of the management API of the models plugin.
 *
 * Every method throws Backstage's `ResponseError` when the server refuses.
 *
 * @public
 */
export class ModelsClient {
  readonly #discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
  readonly #fetch: typeof fetch;

  constructor(options: {
    discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
    fetchApi?: { fetch: typeof fetch };
  }) {
    this.#discoveryApi = options.discoveryApi;
    this.#fetch = options.fetchApi?.fetch ?? ((...args) => fetch(...args));
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
    const client = await this.#client();
    return unwrap(
      await client.GET('/models', { params: { query }, ...init(options) }),
    );
  }

  /** One model by gateway id, route name or entity ref. */
  async getModel(
    id: string,
    options?: ModelsRequestOptions,
  ): Promise<ModelSummary> {
    const client = await this.#client();
    return unwrap(
      await client.GET('/models/{id}', {
        params: { path: { id } },
        ...init(options),
      }),
    );
  }

  /** The configured providers and whether they answered lately. */
  async listProviders(
    query: { limit?: number; cursor?: string } = {},
    options?: ModelsRequestOptions,
  ): Promise<ModelsPage<ProviderSummary>> {
    const client = await this.#client();
    return unwrap(
      await client.GET('/providers', { params: { query }, ...init(options) }),
    );
  }

  /** Costs in groups, with the totals of all groups. Money is in nano-USD. */
  async getCosts(
    query: CostQuery,
    options?: ModelsRequestOptions,
  ): Promise<ModelsPage<CostItem> & { totals: CostTotals }> {
    const client = await this.#client();
    return unwrap(
      await client.GET('/costs', { params: { query }, ...init(options) }),
    );
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
  ): Promise<ModelsPage<ModelCall>> {
    const client = await this.#client();
    return unwrap(
      await client.GET('/calls', { params: { query }, ...init(options) }),
    );
  }

  /** Budgets that the caller may see, the oldest first, with their usage. */
  async listBudgets(
    query: {
      scopeType?: BudgetScope['type'];
      scopeRef?: string;
      source?: BudgetSource;
      limit?: number;
      cursor?: string;
    } = {},
    options?: ModelsRequestOptions,
  ): Promise<ModelsPage<BudgetSummary>> {
    const client = await this.#client();
    return unwrap(
      await client.GET('/budgets', { params: { query }, ...init(options) }),
    );
  }

  /** Makes a budget; what its scope spent in the window already counts. */
  async createBudget(
    budget: NewBudget,
    options?: ModelsRequestOptions,
  ): Promise<BudgetSummary> {
    const client = await this.#client();
    return unwrap(
      await client.POST('/budgets', { body: budget, ...init(options) }),
    );
  }

  /** One budget by its id. */
  async getBudget(
    id: string,
    options?: ModelsRequestOptions,
  ): Promise<BudgetSummary> {
    const client = await this.#client();
    return unwrap(
      await client.GET('/budgets/{id}', {
        params: { path: { id } },
        ...init(options),
      }),
    );
  }

  /** Changes limit and thresholds; scope and window are what a budget is. */
  async updateBudget(
    id: string,
    budget: BudgetUpdate,
    options?: ModelsRequestOptions,
  ): Promise<BudgetSummary> {
    const client = await this.#client();
    return unwrap(
      await client.PUT('/budgets/{id}', {
        params: { path: { id } },
        body: budget,
        ...init(options),
      }),
    );
  }

  /** Deletes a budget; its history stays. */
  async deleteBudget(
    id: string,
    options?: ModelsRequestOptions,
  ): Promise<void> {
    const client = await this.#client();
    await client.DELETE('/budgets/{id}', {
      params: { path: { id } },
      ...init(options),
    });
  }

  /** Who changed a budget, when and how, the newest first. */
  async getBudgetHistory(
    id: string,
    query: { limit?: number; cursor?: string } = {},
    options?: ModelsRequestOptions,
  ): Promise<ModelsPage<BudgetChange>> {
    const client = await this.#client();
    return unwrap(
      await client.GET('/budgets/{id}/history', {
        params: { path: { id }, query },
        ...init(options),
      }),
    );
  }

  /** Adds up ledger and holds anew and compares that with every counter. */
  async checkBudgets(options?: ModelsRequestOptions): Promise<BudgetCheck> {
    const client = await this.#client();
    return unwrap(await client.GET('/budgets/check', init(options)));
  }

  async #client(): Promise<Client<paths>> {
    return createClient<paths>({
      baseUrl: await this.#discoveryApi.getBaseUrl('models'),
      fetch: sendThrough(this.#fetch),
    });
  }
}

function init(options?: ModelsRequestOptions) {
  return {
    signal: options?.signal,
    headers: options?.token
      ? { authorization: `Bearer ${options.token}` }
      : undefined,
  };
}

function unwrap<T>(result: { data?: T; response: Response }): T {
  if (result.data === undefined) {
    throw new Error(
      `The models service answered ${result.response.status} without a body; try again.`,
    );
  }
  return result.data;
}
