import type { components, operations } from '../generated/openapi';
import type { AgentIdentity } from './AgentIdentityClient';
import type { ApprovalTicket } from './ApprovalsClient';
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
 * How much of what the file of an agent in production says holds.
 *
 * @public
 */
export type AgentPublication = components['schemas']['AgentPublication'];

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
 * What an agent may do, for whom, since when and by whose decision.
 *
 * @public
 */
export type AgentAccess = components['schemas']['AgentAccess'];

/**
 * One thing that an agent may do or may not, in a sentence.
 *
 * @public
 */
export type AccessStatement = components['schemas']['AccessStatement'];

/**
 * A limit of an agent, and what stands behind it.
 *
 * @public
 */
export type AgentControl = components['schemas']['AgentControl'];

/**
 * What programs prove with that they are an agent; without what is secret in it.
 *
 * @public
 */
export type AgentCredential = components['schemas']['AgentCredential'];

/**
 * A page of credentials.
 *
 * @public
 */
export type AgentCredentialPage = components['schemas']['AgentCredentialPage'];

/**
 * A new credential, with its secret, which nothing shows again.
 *
 * @public
 */
export type AgentCredentialWithSecret =
  components['schemas']['AgentCredentialWithSecret'];

/**
 * What is asked for when a credential is made.
 *
 * @public
 */
export type NewAgentCredential = components['schemas']['NewAgentCredential'];

/**
 * The next key of a credential that is a public key.
 *
 * @public
 */
export type CredentialRotation = components['schemas']['CredentialRotation'];

/**
 * A permission of a Backstage plugin that an agent was given.
 *
 * @public
 */
export type AgentGrant = components['schemas']['AgentGrant'];

/**
 * A page of grants.
 *
 * @public
 */
export type AgentGrantPage = components['schemas']['AgentGrantPage'];

/**
 * What is asked for when an agent is given a permission.
 *
 * @public
 */
export type NewAgentGrant = components['schemas']['NewAgentGrant'];

/**
 * Why an agent goes on, and who answers for it if its sponsor has left.
 *
 * @public
 */
export type Resumption = components['schemas']['Resumption'];

/**
 * A page of what an agent works on.
 *
 * @public
 */
export type DelegationPage = components['schemas']['DelegationPage'];

/**
 * What people set of an agent: instructions, tools, limits and the like.
 *
 * @public
 */
export type AgentSettings = components['schemas']['AgentSettings'];

/**
 * The settings of an agent, where they are kept, and whether the caller changes them there.
 *
 * @public
 */
export type AgentSettingsView = components['schemas']['AgentSettingsView'];

/**
 * All settings as they are to be, why, and the revision that they were changed from.
 *
 * @public
 */
export type AgentSettingsChange = components['schemas']['AgentSettingsChange'];

/**
 * A page of who changed an agent, when and why.
 *
 * @public
 */
export type AgentRevisionPage = components['schemas']['AgentRevisionPage'];

/**
 * A tool call to judge without making it.
 *
 * @public
 */
export type DecisionQuestion = components['schemas']['DecisionQuestion'];

/**
 * What would be decided about a tool call, and by which rules.
 *
 * @public
 */
export type DecisionAnswer = components['schemas']['DecisionAnswer'];

/**
 * How a list is paged.
 *
 * @public
 */
export type AgentsPageQuery = {
  /** At most 100; 25 if not given. */
  limit?: number;
  /** The nextCursor of the page before. */
  cursor?: string;
};

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

  /** How much of what the file of an agent in production says holds. */
  async getPublication(
    namespace: string,
    name: string,
    options?: AgentsRequestOptions,
  ): Promise<AgentPublication> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request(
      'get',
      '/agents/{namespace}/{name}/publication',
      { params: { path: { namespace, name } } },
    );
    return data!;
  }

  /** Asks once more about what was rejected, taken back or not decided in time. */
  async requestPublication(
    namespace: string,
    name: string,
    options?: AgentsRequestOptions,
  ): Promise<ApprovalTicket> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request(
      'post',
      '/agents/{namespace}/{name}/publication',
      { params: { path: { namespace, name } } },
    );
    return data!;
  }

  /** What an agent may do, for whom, since when and by whose decision. */
  async getAccess(
    namespace: string,
    name: string,
    options?: AgentsRequestOptions,
  ): Promise<AgentAccess> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request(
      'get',
      '/agents/{namespace}/{name}/access',
      { params: { path: { namespace, name } } },
    );
    return data!;
  }

  /** What holds an agent to its limits; the backend tries each before it answers. */
  async getControls(
    namespace: string,
    name: string,
    options?: AgentsRequestOptions,
  ): Promise<AgentControl[]> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request(
      'get',
      '/agents/{namespace}/{name}/controls',
      { params: { path: { namespace, name } } },
    );
    return data!.items;
  }

  /** Stops an agent at every door, within five seconds. */
  async suspendAgent(
    namespace: string,
    name: string,
    reason: string,
    options?: AgentsRequestOptions,
  ): Promise<AgentIdentity> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request(
      'post',
      '/agents/{namespace}/{name}/suspend',
      { params: { path: { namespace, name } }, body: { reason } },
    );
    return data!;
  }

  /** Lets an agent go on. */
  async resumeAgent(
    namespace: string,
    name: string,
    body: Resumption,
    options?: AgentsRequestOptions,
  ): Promise<AgentIdentity> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request(
      'post',
      '/agents/{namespace}/{name}/resume',
      { params: { path: { namespace, name } }, body: body },
    );
    return data!;
  }

  /** Credentials of an agent, the newest first. */
  async listCredentials(
    namespace: string,
    name: string,
    query: AgentsPageQuery = {},
    options?: AgentsRequestOptions,
  ): Promise<AgentCredentialPage> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request(
      'get',
      '/agents/{namespace}/{name}/credentials',
      { params: { path: { namespace, name }, query } },
    );
    return data!;
  }

  /** Makes a credential; the secret is in the answer and nowhere else. */
  async createCredential(
    namespace: string,
    name: string,
    body: NewAgentCredential,
    options?: AgentsRequestOptions,
  ): Promise<AgentCredentialWithSecret> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request(
      'post',
      '/agents/{namespace}/{name}/credentials',
      { params: { path: { namespace, name } }, body: body },
    );
    return data!;
  }

  /** Makes the next credential; the old one stays good for a while. */
  async rotateCredential(
    namespace: string,
    name: string,
    id: string,
    body: CredentialRotation = {},
    options?: AgentsRequestOptions,
  ): Promise<AgentCredentialWithSecret> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request(
      'post',
      '/agents/{namespace}/{name}/credentials/{id}/rotate',
      { params: { path: { namespace, name, id } }, body: body },
    );
    return data!;
  }

  /** Makes a credential bad at once. */
  async revokeCredential(
    namespace: string,
    name: string,
    id: string,
    options?: AgentsRequestOptions,
  ): Promise<void> {
    const client = await openAgentsApi(this.#connection, options);
    await client.request(
      'delete',
      '/agents/{namespace}/{name}/credentials/{id}',
      { params: { path: { namespace, name, id } } },
    );
  }

  /** Permissions that an agent was given, the newest first. */
  async listGrants(
    namespace: string,
    name: string,
    query: AgentsPageQuery = {},
    options?: AgentsRequestOptions,
  ): Promise<AgentGrantPage> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request(
      'get',
      '/agents/{namespace}/{name}/grants',
      { params: { path: { namespace, name }, query } },
    );
    return data!;
  }

  /** The permissions that an agent can be given, with the plugins that ask for them. */
  async listGrantablePermissions(
    namespace: string,
    name: string,
    options?: AgentsRequestOptions,
  ): Promise<Array<{ permission: string; pluginId: string }>> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request(
      'get',
      '/agents/{namespace}/{name}/grantable-permissions',
      { params: { path: { namespace, name } } },
    );
    return data!.items;
  }

  /** Gives an agent a permission of a Backstage plugin. */
  async grantPermission(
    namespace: string,
    name: string,
    body: NewAgentGrant,
    options?: AgentsRequestOptions,
  ): Promise<AgentGrant> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request(
      'post',
      '/agents/{namespace}/{name}/grants',
      { params: { path: { namespace, name } }, body: body },
    );
    return data!;
  }

  /** Takes a grant back. */
  async revokeGrant(
    namespace: string,
    name: string,
    id: string,
    options?: AgentsRequestOptions,
  ): Promise<void> {
    const client = await openAgentsApi(this.#connection, options);
    await client.request('delete', '/agents/{namespace}/{name}/grants/{id}', {
      params: { path: { namespace, name, id } },
    });
  }

  /** What an agent works on now, the newest first. */
  async listDelegations(
    namespace: string,
    name: string,
    query: AgentsPageQuery = {},
    options?: AgentsRequestOptions,
  ): Promise<DelegationPage> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request(
      'get',
      '/agents/{namespace}/{name}/delegations',
      { params: { path: { namespace, name }, query } },
    );
    return data!;
  }

  /** What people set of an agent, as it is or as it was at a commit. */
  async getSettings(
    namespace: string,
    name: string,
    query: { revision?: string } = {},
    options?: AgentsRequestOptions,
  ): Promise<AgentSettingsView> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request(
      'get',
      '/agents/{namespace}/{name}/settings',
      { params: { path: { namespace, name }, query } },
    );
    return data!;
  }

  /** Commits other settings to the repository of an agent; status 409 when somebody changed it meanwhile. */
  async changeSettings(
    namespace: string,
    name: string,
    body: AgentSettingsChange,
    options?: AgentsRequestOptions,
  ): Promise<AgentSettingsView> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request(
      'put',
      '/agents/{namespace}/{name}/settings',
      { params: { path: { namespace, name } }, body },
    );
    return data!;
  }

  /** Who changed an agent, the newest first. */
  async listRevisions(
    namespace: string,
    name: string,
    query: AgentsPageQuery = {},
    options?: AgentsRequestOptions,
  ): Promise<AgentRevisionPage> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request(
      'get',
      '/agents/{namespace}/{name}/settings/history',
      { params: { path: { namespace, name }, query } },
    );
    return data!;
  }

  /** Asks what would be decided about tool calls; nothing is called. Answers in the order of the questions. */
  async decide(
    items: DecisionQuestion[],
    options?: AgentsRequestOptions,
  ): Promise<DecisionAnswer[]> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('post', '/decisions', {
      body: { items },
    });
    return data!.items;
  }
}
