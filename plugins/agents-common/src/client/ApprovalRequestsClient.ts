import type { components } from '../generated/openapi';
import type { ApprovalTicket } from './ApprovalsClient';
import {
  type AgentsApiConnection,
  type AgentsRequestOptions,
  openAgentsApi,
} from './openAgentsApi';

/**
 * All that a grant is bound to; its digest is made of exactly this.
 *
 * @public
 */
export type ActionBinding = components['schemas']['ActionBinding'];

/**
 * A call that people are asked about.
 *
 * @public
 */
export type NewToolCallApproval = components['schemas']['NewToolCallApproval'];

/**
 * A form that people are asked to fill in.
 *
 * @public
 */
export type NewQuestion = components['schemas']['NewQuestion'];

/**
 * What became of a request, for whoever waits for it.
 *
 * @public
 */
export type ApprovalOutcome = components['schemas']['ApprovalOutcome'];

/**
 * The signed grant of an approved call.
 *
 * @public
 */
export type ApprovalGrant = components['schemas']['ApprovalGrant'];

/**
 * A public key with which grants are verified.
 *
 * @public
 */
export type ApprovalKey = { kid: string; kty: string; crv: string; x: string };

/**
 * What plugins of the portal ask of approvals, in their own name
 * (`auth.getPluginRequestToken` on behalf of their own credentials). Methods reject with
 * a `ResponseError` when the backend refuses; `cause.message` is the sentence that says
 * why.
 *
 * @public
 */
export class ApprovalRequestsClient {
  readonly #connection: AgentsApiConnection;

  constructor(connection: AgentsApiConnection) {
    this.#connection = connection;
  }

  /** Asks people about a call; for the plugin tools. The same key gives the same request. */
  async requestToolCall(
    body: NewToolCallApproval,
    options: AgentsRequestOptions,
  ): Promise<ApprovalTicket> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('post', '/approvals/tool-calls', {
      body,
    });
    return data!;
  }

  /** Entity refs of those who would be asked about a call; for the plugin tools. */
  async foreseeToolCall(
    body: NewToolCallApproval,
    options: AgentsRequestOptions,
  ): Promise<string[]> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request(
      'post',
      '/approvals/tool-calls/approvers',
      { body },
    );
    return data!.askedOf;
  }

  /** Asks people to fill in a form; for the plugin orchestration. */
  async askQuestion(
    body: NewQuestion,
    options: AgentsRequestOptions,
  ): Promise<ApprovalTicket> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('post', '/approvals/questions', {
      body,
    });
    return data!;
  }

  /**
   * What became of up to 500 requests, by id or by the key of a call or a question; there
   * may be less than are asked for.
   */
  async queryApprovals(
    query: string[] | { ids?: string[]; requestKeys?: string[] },
    options: AgentsRequestOptions,
  ): Promise<ApprovalOutcome[]> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('post', '/approvals/query', {
      body: Array.isArray(query) ? { ids: query } : query,
    });
    return data!.items;
  }

  /** Takes a request back that nobody waits for any more; for the plugin orchestration. */
  async withdraw(
    id: string,
    reason: string,
    options: AgentsRequestOptions,
  ): Promise<void> {
    const client = await openAgentsApi(this.#connection, options);
    await client.request('post', '/approvals/{id}/withdraw', {
      params: { path: { id } },
      body: { reason },
    });
  }

  /** The grant of an approved call; for the plugins orchestration and tools. */
  async mintGrant(
    id: string,
    options: AgentsRequestOptions,
  ): Promise<ApprovalGrant> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('post', '/approvals/{id}/grant', {
      params: { path: { id } },
    });
    return data!;
  }

  /** Uses a grant up, once; status 409 when it was used, 403 when it is for another call. */
  async redeemGrant(
    id: string,
    body: { digest: string; jti: string; runId?: string },
    options: AgentsRequestOptions,
  ): Promise<{ approvalId: string; digest: string; approvers: string[] }> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('post', '/approvals/{id}/redeem', {
      params: { path: { id } },
      body,
    });
    return data!;
  }

  /** The public keys with which grants are verified. */
  async getKeys(options: AgentsRequestOptions): Promise<ApprovalKey[]> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('get', '/approvals/keys');
    return data!.keys;
  }
}
