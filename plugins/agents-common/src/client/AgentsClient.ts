import { ResponseError } from '@backstage/errors';
import createClient, { type Client } from 'openapi-fetch';
import type { components, operations, paths } from '../generated/openapi';

/**
 * An agent as lists show it.
 *
 * @public
 */
export type AgentSummary = components['schemas']['AgentSummary'];

/**
 * A page of agents; `totalItems` counts all pages.
 *
 * @public
 */
export type AgentPage = components['schemas']['AgentPage'];

/**
 * How many agents there are per value of each field.
 *
 * @public
 */
export type AgentFacets = components['schemas']['AgentFacets'];

/**
 * One value of a facet.
 *
 * @public
 */
export type AgentFacetValue = components['schemas']['FacetValue'];

/**
 * Filters and paging of a list of agents.
 *
 * @public
 */
export type ListAgentsQuery = NonNullable<
  operations['ListAgents']['parameters']['query']
>;

/**
 * Filters of the facets.
 *
 * @public
 */
export type AgentFacetsQuery = NonNullable<
  operations['GetAgentFacets']['parameters']['query']
>;

/**
 * Calls the agents backend.
 *
 * @public
 */
export class AgentsClient {
  readonly #discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
  readonly #fetchApi: { fetch: typeof fetch };

  constructor(options: {
    discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
    fetchApi: { fetch: typeof fetch };
  }) {
    this.#discoveryApi = options.discoveryApi;
    this.#fetchApi = options.fetchApi;
  }

  /**
   * Lists agents that the caller may see.
   *
   * @throws ResponseError when the backend refuses.
   */
  async listAgents(
    query: ListAgentsQuery = {},
    options?: AgentsRequestOptions,
  ): Promise<AgentPage> {
    const client = await this.#client();
    return this.#unwrap(
      await client.request('get', '/agents', {
        params: { query },
        ...requestOf(options),
      }),
    );
  }

  /**
   * Counts agents per value of each field.
   *
   * @throws ResponseError when the backend refuses.
   */
  async getFacets(
    query: AgentFacetsQuery = {},
    options?: AgentsRequestOptions,
  ): Promise<AgentFacets> {
    const client = await this.#client();
    const body = await this.#unwrap(
      await client.request('get', '/agents/facets', {
        params: { query },
        ...requestOf(options),
      }),
    );
    return body.facets;
  }

  /**
   * Gets one agent.
   *
   * @throws ResponseError with status 404 when there is none, or none to see.
   */
  async getAgent(
    namespace: string,
    name: string,
    options?: AgentsRequestOptions,
  ): Promise<AgentSummary> {
    const client = await this.#client();
    return this.#unwrap(
      await client.request('get', '/agents/{namespace}/{name}', {
        params: { path: { namespace, name } },
        ...requestOf(options),
      }),
    );
  }

  async #client(): Promise<Client<paths>> {
    return createClient<paths>({
      baseUrl: await this.#discoveryApi.getBaseUrl('agents'),
      // A fetch of its own per call keeps what the app's fetch API wraps round it.
      fetch: request => this.#fetchApi.fetch(request),
    });
  }

  async #unwrap<T>(result: {
    data?: T;
    error?: unknown;
    response: Response;
  }): Promise<T> {
    if (result.data !== undefined) {
      return result.data;
    }
    const { response } = result;
    // openapi-fetch has read the body; ResponseError wants to read it too.
    throw await ResponseError.fromResponse(
      new Response(JSON.stringify(result.error), {
        status: response.status,
        statusText: response.statusText,
        headers: { 'content-type': 'application/json' },
      }),
    );
  }
}

/**
 * What a call may carry besides its query.
 *
 * @public
 */
export interface AgentsRequestOptions {
  /** A Backstage token; needed in backends, where fetch adds none. */
  token?: string;
  signal?: AbortSignal;
}

function requestOf(options: AgentsRequestOptions | undefined) {
  return {
    signal: options?.signal,
    headers: options?.token
      ? { Authorization: `Bearer ${options.token}` }
      : undefined,
  };
}
