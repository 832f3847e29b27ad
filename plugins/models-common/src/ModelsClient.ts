/* eslint-disable new-cap -- openapi-fetch names its methods after the HTTP ones */
import type { Client } from 'openapi-fetch';
import type { paths } from './generated/openapi';
import {
  clientOf,
  init,
  type ModelsClientOptions,
  type ModelsRequestOptions,
  unwrap,
} from './modelsHttp';
import type {
  BudgetChange,
  BudgetCheck,
  BudgetScope,
  BudgetSource,
  BudgetSummary,
  BudgetUpdate,
  CallsPage,
  CostAccount,
  CostForecast,
  CostItem,
  CostPeriod,
  CostQuery,
  CostsPage,
  ModelPriceHistory,
  ModelsPage,
  ModelSummary,
  ModelType,
  NewBudget,
  ProviderSummary,
} from './types';

/**
 * Client of the management API of the models plugin.
 *
 * Every method throws Backstage's `ResponseError` when the server refuses.
 *
 * @public
 */
export class ModelsClient {
  readonly #client: () => Promise<Client<paths>>;

  constructor(options: ModelsClientOptions) {
    this.#client = clientOf(options);
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

  /** What a model costs, and the versions of its price, the newest first. */
  async listModelPrices(
    id: string,
    query: { limit?: number; cursor?: string } = {},
    options?: ModelsRequestOptions,
  ): Promise<ModelPriceHistory> {
    const client = await this.#client();
    return unwrap(
      await client.GET('/models/{id}/prices', {
        params: { path: { id }, query },
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
  ): Promise<CostsPage> {
    const client = await this.#client();
    return unwrap(
      await client.GET('/costs', { params: { query }, ...init(options) }),
    );
  }

  /** What this month will have cost, as a range, and how that was found. */
  async forecastCosts(
    account: CostAccount = {},
    options?: ModelsRequestOptions,
  ): Promise<CostForecast> {
    const client = await this.#client();
    return unwrap(
      await client.GET('/costs/forecast', {
        params: { query: account },
        ...init(options),
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
    const client = await this.#client();
    const { data } = await client.GET('/costs/focus.csv', {
      params: { query },
      parseAs: 'stream',
      ...init(options),
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
    const client = await this.#client();
    return unwrap(
      await client.GET('/calls', { params: { query }, ...init(options) }),
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
}
