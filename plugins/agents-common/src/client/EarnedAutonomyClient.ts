import type { components } from '../generated/openapi';
import type { ApprovalTicket } from './ApprovalsClient';
import {
  type AgentsApiConnection,
  type AgentsRequestOptions,
  openAgentsApi,
} from './openAgentsApi';

/**
 * What people decided about the calls of an agent, and which tools it may call without asking.
 *
 * @public
 */
export type AutonomyEvidence = components['schemas']['AutonomyEvidence'];

/**
 * What people decided about a call.
 *
 * @public
 */
export type CallDecision = components['schemas']['CallDecision'];

/**
 * The evidence on which an agent has earned something; rates are shares from 0 to 1.
 *
 * @public
 */
export type AutonomyBasis = components['schemas']['AutonomyBasis'];

/**
 * That an agent may call a tool without an approval, as people are asked about it.
 *
 * @public
 */
export type NewEarnedAutonomy = components['schemas']['NewEarnedAutonomy'];

/**
 * A tool that an agent may call, or could call, without an approval.
 *
 * @public
 */
export type EarnedAutonomy = components['schemas']['EarnedAutonomy'];

/**
 * What the plugin evals asks about autonomy that agents have earned, in its own name. Methods
 * reject with a `ResponseError` when the backend refuses; `cause.message` is the sentence that
 * says why.
 *
 * @public
 */
export class EarnedAutonomyClient {
  readonly #connection: AgentsApiConnection;

  constructor(connection: AgentsApiConnection) {
    this.#connection = connection;
  }

  /** The newest 2000 decisions since a time, in ISO 8601. */
  async queryEvidence(
    query: { agentRef: string; since: string },
    options: AgentsRequestOptions,
  ): Promise<AutonomyEvidence> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('post', '/autonomy/evidence', {
      body: query,
    });
    return data!;
  }

  /** Asks people; while a request about the tool waits it is that one. */
  async request(
    body: NewEarnedAutonomy,
    options: AgentsRequestOptions,
  ): Promise<ApprovalTicket> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('post', '/autonomy/requests', {
      body,
    });
    return data!;
  }

  /** What all agents have earned and not lost. */
  async list(options: AgentsRequestOptions): Promise<EarnedAutonomy[]> {
    const client = await openAgentsApi(this.#connection, options);
    const found: EarnedAutonomy[] = [];
    let cursor: string | undefined;
    do {
      const { data } = await client.request('get', '/autonomy/earned', {
        params: { query: { limit: 100, cursor } },
      });
      found.push(...data!.items);
      cursor = data!.nextCursor;
    } while (cursor);
    return found;
  }

  /** People are asked again from now on; what has ended stays as it ended. */
  async end(
    id: string,
    body: { reason: string; by?: string },
    options: AgentsRequestOptions,
  ): Promise<void> {
    const client = await openAgentsApi(this.#connection, options);
    await client.request('post', '/autonomy/earned/{id}/end', {
      params: { path: { id } },
      body,
    });
  }
}
