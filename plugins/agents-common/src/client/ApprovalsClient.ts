import type { components, operations } from '../generated/openapi';
import {
  type AgentsApiConnection,
  type AgentsRequestOptions,
  openAgentsApi,
} from './openAgentsApi';

/**
 * What a request that people decide is about.
 *
 * @public
 */
export type ApprovalKind = components['schemas']['ApprovalKind'];

/**
 * What a request stands at.
 *
 * @public
 */
export type ApprovalStatus = components['schemas']['ApprovalStatus'];

/**
 * A request with all that it is decided by.
 *
 * @public
 */
export type Approval = components['schemas']['Approval'];

/**
 * A request as lists show it.
 *
 * @public
 */
export type ApprovalListItem = components['schemas']['ApprovalListItem'];

/**
 * A page of requests.
 *
 * @public
 */
export type ApprovalPage = components['schemas']['ApprovalPage'];

/**
 * What somebody decided about a request.
 *
 * @public
 */
export type ApprovalDecision = components['schemas']['ApprovalDecision'];

/**
 * A decision as it is sent.
 *
 * @public
 */
export type NewApprovalDecision = components['schemas']['NewApprovalDecision'];

/**
 * How much waits for the caller, and how the caller has decided lately.
 *
 * @public
 */
export type ApprovalSummary = components['schemas']['ApprovalSummary'];

/**
 * How people have decided lately.
 *
 * @public
 */
export type ApproverPage = components['schemas']['ApproverPage'];

/**
 * Who decides in place of the caller, and in whose place the caller does.
 *
 * @public
 */
export type ApprovalDeputy = components['schemas']['ApprovalDeputy'];

/**
 * Who is to decide in place of the caller.
 *
 * @public
 */
export type NewApprovalDeputy = components['schemas']['NewApprovalDeputy'];

/**
 * That an agent should be given a permission.
 *
 * @public
 */
export type NewAccessRequest = components['schemas']['NewAccessRequest'];

/**
 * A request that was made, as it stands.
 *
 * @public
 */
export type ApprovalTicket = components['schemas']['ApprovalTicket'];

/**
 * Filters and paging of a list of requests.
 *
 * @public
 */
export type ListApprovalsQuery = NonNullable<
  operations['ListApprovals']['parameters']['query']
>;

/**
 * What people do with requests that wait for them. Methods reject with a `ResponseError`
 * when the backend refuses; `cause.message` is the sentence that says why.
 *
 * @public
 */
export class ApprovalsClient {
  readonly #connection: AgentsApiConnection;

  constructor(connection: AgentsApiConnection) {
    this.#connection = connection;
  }

  /** Requests that the caller may see, the newest first. */
  async listApprovals(
    query: ListApprovalsQuery = {},
    options?: AgentsRequestOptions,
  ): Promise<ApprovalPage> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('get', '/approvals', {
      params: { query },
    });
    return data!;
  }

  /** Counts for a badge, and how the caller decides. */
  async getSummary(options?: AgentsRequestOptions): Promise<ApprovalSummary> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('get', '/approvals/summary');
    return data!;
  }

  /** How people have decided lately; for those to whom requests are handed on. */
  async listApprovers(options?: AgentsRequestOptions): Promise<ApproverPage> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('get', '/approvals/approvers');
    return data!;
  }

  /** One request; status 404 when there is none, or none to see. */
  async getApproval(
    id: string,
    options?: AgentsRequestOptions,
  ): Promise<Approval> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('get', '/approvals/{id}', {
      params: { path: { id } },
    });
    return data!;
  }

  /** Approves or rejects; status 409 when it has changed since it was read. */
  async decide(
    id: string,
    body: NewApprovalDecision,
    options?: AgentsRequestOptions,
  ): Promise<Approval> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('post', '/approvals/{id}/decisions', {
      params: { path: { id } },
      body,
    });
    return data!;
  }

  /** Asks or answers beside a request that waits. */
  async addMessage(
    id: string,
    text: string,
    options?: AgentsRequestOptions,
  ): Promise<Approval> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('post', '/approvals/{id}/messages', {
      params: { path: { id } },
      body: { text },
    });
    return data!;
  }

  /** Answers a question; status 400 names the fields that do not fit its form. */
  async answer(
    id: string,
    values: Record<string, unknown>,
    options?: AgentsRequestOptions,
  ): Promise<Approval> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('post', '/approvals/{id}/answer', {
      params: { path: { id } },
      body: { values },
    });
    return data!;
  }

  /** Takes a request back; one that is decided stays as it is. */
  async withdraw(
    id: string,
    reason?: string,
    options?: AgentsRequestOptions,
  ): Promise<void> {
    const client = await openAgentsApi(this.#connection, options);
    await client.request('post', '/approvals/{id}/withdraw', {
      params: { path: { id } },
      body: reason ? { reason } : {},
    });
  }

  /** Asks that an agent is given a permission of a Backstage plugin. */
  async requestAccess(
    body: NewAccessRequest,
    options?: AgentsRequestOptions,
  ): Promise<ApprovalTicket> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('post', '/approvals/access', {
      body,
    });
    return data!;
  }

  /** Who decides in place of the caller, and in whose place the caller does. */
  async getDeputy(options?: AgentsRequestOptions): Promise<ApprovalDeputy> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('get', '/approvals/deputy');
    return data!;
  }

  /** Names who decides in place of the caller until a time. */
  async setDeputy(
    body: NewApprovalDeputy,
    options?: AgentsRequestOptions,
  ): Promise<ApprovalDeputy> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('put', '/approvals/deputy', { body });
    return data!;
  }

  /** The caller decides alone again. */
  async removeDeputy(options?: AgentsRequestOptions): Promise<void> {
    const client = await openAgentsApi(this.#connection, options);
    await client.request('delete', '/approvals/deputy');
  }
}
