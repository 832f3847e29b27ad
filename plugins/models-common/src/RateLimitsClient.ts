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
  BudgetScope,
  ModelsPage,
  NewRateLimit,
  RateLimitSummary,
  RateLimitUpdate,
} from './types';

/**
 * Client of the limits on how fast scopes may call models.
 *
 * Every method throws Backstage's `ResponseError` when the server refuses.
 *
 * @public
 */
export class RateLimitsClient {
  readonly #client: () => Promise<Client<paths>>;

  constructor(options: ModelsClientOptions) {
    this.#client = clientOf(options);
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
    const client = await this.#client();
    return unwrap(
      await client.GET('/rate-limits', { params: { query }, ...init(options) }),
    );
  }

  async createRateLimit(
    limit: NewRateLimit,
    options?: ModelsRequestOptions,
  ): Promise<RateLimitSummary> {
    const client = await this.#client();
    return unwrap(
      await client.POST('/rate-limits', { body: limit, ...init(options) }),
    );
  }

  /** Changes how much it lets through; scope and measure are what it is. */
  async updateRateLimit(
    id: string,
    limit: RateLimitUpdate,
    options?: ModelsRequestOptions,
  ): Promise<RateLimitSummary> {
    const client = await this.#client();
    return unwrap(
      await client.PATCH('/rate-limits/{id}', {
        params: { path: { id } },
        body: limit,
        ...init(options),
      }),
    );
  }

  async deleteRateLimit(
    id: string,
    options?: ModelsRequestOptions,
  ): Promise<void> {
    const client = await this.#client();
    await client.DELETE('/rate-limits/{id}', {
      params: { path: { id } },
      ...init(options),
    });
  }
}
