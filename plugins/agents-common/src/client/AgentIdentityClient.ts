import type { components } from '../generated/openapi';
import {
  type AgentsApiConnection,
  type AgentsRequestOptions,
  openAgentsApi,
} from './openAgentsApi';

/**
 * What is asked for when an agent begins to work on a task.
 *
 * @public
 */
export type NewDelegation = components['schemas']['NewDelegation'];

/**
 * That an agent works on a task, for whom, how far it may go, and whether it still may.
 *
 * @public
 */
export type Delegation = components['schemas']['Delegation'];

/**
 * An agent as its rights are decided by.
 *
 * @public
 */
export type AgentIdentity = components['schemas']['AgentIdentity'];

/**
 * Whose credential it is, or why it is not good.
 *
 * @public
 */
export type CredentialCheck = components['schemas']['CredentialCheck'];

/**
 * What plugins of the portal ask the agents plugin. Every call takes a token of the
 * plugin that asks (`auth.getPluginRequestToken` on behalf of its own credentials).
 * Methods reject with a `ResponseError` when the backend refuses; `cause.message` is
 * the sentence that says why.
 *
 * @public
 */
export class AgentIdentityClient {
  readonly #connection: AgentsApiConnection;

  constructor(connection: AgentsApiConnection) {
    this.#connection = connection;
  }

  /** Writes a delegation down; for the plugins orchestration and auth. */
  async createDelegation(
    body: NewDelegation,
    options: AgentsRequestOptions,
  ): Promise<Delegation> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('post', '/delegations', { body });
    return data!;
  }

  /** Reads up to 500 delegations as they stand now; there may be less than ids. */
  async queryDelegations(
    ids: string[],
    options: AgentsRequestOptions,
  ): Promise<Delegation[]> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('post', '/delegations/query', {
      body: { ids },
    });
    return data!.items;
  }

  /** Ends a delegation and all that came of it; for the plugins orchestration and auth. */
  async endDelegation(
    id: string,
    reason: string,
    options: AgentsRequestOptions,
  ): Promise<void> {
    const client = await openAgentsApi(this.#connection, options);
    await client.request('post', '/delegations/{id}/end', {
      params: { path: { id } },
      body: { reason },
    });
  }

  /** What up to 100 agents stand at now, one for each ref. */
  async queryIdentities(
    agentRefs: string[],
    options: AgentsRequestOptions,
  ): Promise<AgentIdentity[]> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('post', '/identities/query', {
      body: { agentRefs },
    });
    return data!.items;
  }

  /** The monthly budgets that were approved in the files of agents, in US dollars by ref. */
  async approvedBudgets(
    options: AgentsRequestOptions,
  ): Promise<Map<string, string>> {
    const client = await openAgentsApi(this.#connection, options);
    const found = new Map<string, string>();
    let cursor: string | undefined;
    do {
      const { data } = await client.request('get', '/publications/budgets', {
        params: { query: { limit: 100, cursor } },
      });
      data!.items.forEach(({ agentRef, monthlyBudgetUsd }) =>
        found.set(agentRef, monthlyBudgetUsd),
      );
      cursor = data!.nextCursor;
    } while (cursor);
    return found;
  }

  /** Whose secret it is, or the public keys of an agent; for the plugin auth. */
  async authenticateCredential(
    body:
      | { clientId: string; secret: string }
      | { clientId: string; keyIds: string[] },
    options: AgentsRequestOptions,
  ): Promise<CredentialCheck> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('post', '/credentials/authenticate', {
      body,
    });
    return data!;
  }

  /** Notes that the private half of a public key was used; for the plugin auth. */
  async noteCredentialUse(
    id: string,
    options: AgentsRequestOptions,
  ): Promise<void> {
    const client = await openAgentsApi(this.#connection, options);
    await client.request('post', '/credentials/{id}/used', {
      params: { path: { id } },
    });
  }

  /** Remembers that a token was revoked; for the plugin auth. */
  async revokeToken(
    body: { jti: string; expiresAt: string },
    options: AgentsRequestOptions,
  ): Promise<void> {
    const client = await openAgentsApi(this.#connection, options);
    await client.request('post', '/tokens/revoked', { body });
  }

  /** Which of up to 500 tokens were revoked. */
  async queryRevokedTokens(
    jtis: string[],
    options: AgentsRequestOptions,
  ): Promise<string[]> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('post', '/tokens/revoked/query', {
      body: { jtis },
    });
    return data!.jtis;
  }
}
