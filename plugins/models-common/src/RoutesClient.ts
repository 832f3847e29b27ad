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
  ModelsPage,
  RouteChange,
  RouteDetails,
  RoutePreview,
  RouteSummary,
} from './types';

/**
 * Client of the routes of the models plugin.
 *
 * Every method throws Backstage's `ResponseError` when the server refuses.
 *
 * @public
 */
export class RoutesClient {
  readonly #client: () => Promise<Client<paths>>;

  constructor(options: ModelsClientOptions) {
    this.#client = clientOf(options);
  }

  /** Routes that the caller may see, in the order of their names. */
  async listRoutes(
    query: { q?: string; limit?: number; cursor?: string } = {},
    options?: ModelsRequestOptions,
  ): Promise<ModelsPage<RouteSummary>> {
    const client = await this.#client();
    return unwrap(
      await client.GET('/routes', { params: { query }, ...init(options) }),
    );
  }

  /** One route with its YAML. */
  async getRoute(
    name: string,
    options?: ModelsRequestOptions,
  ): Promise<RouteDetails> {
    const client = await this.#client();
    return unwrap(
      await client.GET('/routes/{name}', {
        params: { path: { name } },
        ...init(options),
      }),
    );
  }

  /** What would have happened to the calls of the last days. Changes nothing. */
  async previewRoute(
    input: { yaml: string; days?: number },
    options?: ModelsRequestOptions,
  ): Promise<RoutePreview> {
    const client = await this.#client();
    return unwrap(
      await client.POST('/routes/preview', {
        body: { days: 7, ...input },
        ...init(options),
      }),
    );
  }

  /** Saves a route in the portal, where it goes before the catalog's. */
  async saveRoute(
    name: string,
    yaml: string,
    options?: ModelsRequestOptions,
  ): Promise<RouteDetails> {
    const client = await this.#client();
    return unwrap(
      await client.PUT('/routes/{name}', {
        params: { path: { name } },
        body: { yaml },
        ...init(options),
      }),
    );
  }

  /** Takes back what was saved in the portal. */
  async revertRoute(
    name: string,
    options?: ModelsRequestOptions,
  ): Promise<void> {
    const client = await this.#client();
    await client.DELETE('/routes/{name}', {
      params: { path: { name } },
      ...init(options),
    });
  }

  /** Who changed a route in the portal, the newest first. */
  async getRouteHistory(
    name: string,
    query: { limit?: number; cursor?: string } = {},
    options?: ModelsRequestOptions,
  ): Promise<ModelsPage<RouteChange>> {
    const client = await this.#client();
    return unwrap(
      await client.GET('/routes/{name}/history', {
        params: { path: { name }, query },
        ...init(options),
      }),
    );
  }
}
