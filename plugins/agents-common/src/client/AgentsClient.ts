import type { components, operations } from '../generated/openapi';
import {
  type AgentsApiConnection,
  type AgentsRequestOptions,
  openAgentsApi,
} from './openAgentsApi';

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
 * The operations of the agents API, by id.
 *
 * @public
 */
export type AgentsOperations = operations;

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
 * Calls the agents backend. Methods reject with a `ResponseError` of
 * `@backstage/errors` when the backend refuses.
 *
 * @public
 */
export class AgentsClient {
  readonly #connection: AgentsApiConnection;

  constructor(connection: AgentsApiConnection) {
    this.#connection = connection;
  }

  /** Lists agents that the caller may see. */
  async listAgents(
    query: ListAgentsQuery = {},
    options?: AgentsRequestOptions,
  ): Promise<AgentPage> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('get', '/agents', {
      params: { query },
    });
    return data!;
  }

  /** Counts agents per value of each field. */
  async getFacets(
    query: AgentFacetsQuery = {},
    options?: AgentsRequestOptions,
  ): Promise<AgentFacets> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('get', '/agents/facets', {
      params: { query },
    });
    return data!.facets;
  }

  /** Gets one agent; status 404 when there is none, or none to see. */
  async getAgent(
    namespace: string,
    name: string,
    options?: AgentsRequestOptions,
  ): Promise<AgentSummary> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('get', '/agents/{namespace}/{name}', {
      params: { path: { namespace, name } },
    });
    return data!;
  }
}
