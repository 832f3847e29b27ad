// openapi-fetch names its methods after those of HTTP.
/* eslint-disable new-cap */
import { sendThrough } from '@agentportal/plugin-agents-common';
import { ResponseError } from '@backstage/errors';
import createClient, { type Client } from 'openapi-fetch';
import type { paths } from '../generated/openapi';
import type {
  AuditEntryList,
  AuditHold,
  AuditPublicKeys,
  AuditReceipt,
  AuditRecord,
  AuditStats,
  AuditStatsQuery,
  CreateHoldRequest,
  ExportQuery,
  ListEntriesQuery,
  ProvenEntry,
} from '../types';

/**
 * Options of one request. A token is needed in backends only; in the browser
 * the fetch API adds the one of the signed-in person.
 *
 * @public
 */
export interface GovernanceRequestOptions {
  token?: string;
  signal?: AbortSignal;
}

/**
 * Reads the audit log and writes to it. Works in the browser and in Node. Refused
 * requests throw a `ResponseError` of `@backstage/errors`.
 *
 * @public
 */
export class GovernanceClient {
  readonly #discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
  readonly #fetch: typeof fetch;

  constructor(options: {
    discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
    fetchApi?: { fetch: typeof fetch };
  }) {
    this.#discoveryApi = options.discoveryApi;
    const { fetchApi } = options;
    this.#fetch = (...args) =>
      fetchApi ? fetchApi.fetch(...args) : fetch(...args);
  }

  /** Records; resolves when all are durable. For services. */
  async recordEntries(
    items: AuditRecord[],
    options?: GovernanceRequestOptions,
  ): Promise<AuditReceipt[]> {
    const client = await this.#client();
    const { data } = await client.POST('/entries', {
      body: { items },
      ...toInit(options),
    });
    return data!.items;
  }

  /** A page of the entries that the caller may read, the newest first. */
  async listEntries(
    query: ListEntriesQuery = {},
    options?: GovernanceRequestOptions,
  ): Promise<AuditEntryList> {
    const client = await this.#client();
    const { data } = await client.GET('/entries', {
      params: { query },
      ...toInit(options),
    });
    return data!;
  }

  /** An entry with its proof. */
  async getEntry(
    id: string,
    query: { tenant?: string } = {},
    options?: GovernanceRequestOptions,
  ): Promise<ProvenEntry> {
    const client = await this.#client();
    const { data } = await client.GET('/entries/{id}', {
      params: { path: { id }, query },
      ...toInit(options),
    });
    return data!;
  }

  /** Counts of the entries that the caller may read. */
  async getStats(
    query: AuditStatsQuery = {},
    options?: GovernanceRequestOptions,
  ): Promise<AuditStats> {
    const client = await this.#client();
    const { data } = await client.GET('/stats', {
      params: { query },
      ...toInit(options),
    });
    return data!;
  }

  /** What was decided and done in a run, the oldest first. */
  async getRunRecord(
    runId: string,
    query: { tenant?: string; limit?: number; cursor?: string } = {},
    options?: GovernanceRequestOptions,
  ): Promise<AuditEntryList> {
    const client = await this.#client();
    const { data } = await client.GET('/runs/{runId}/record', {
      params: { path: { runId }, query },
      ...toInit(options),
    });
    return data!;
  }

  /** An export, as a stream of lines. */
  async exportEntries(
    query: ExportQuery = {},
    options?: GovernanceRequestOptions,
  ): Promise<ReadableStream<Uint8Array>> {
    const client = await this.#client();
    const { response } = await client.GET('/export', {
      params: { query },
      parseAs: 'stream',
      ...toInit(options),
    });
    if (!response.ok || !response.body) {
      throw await ResponseError.fromResponse(response);
    }
    return response.body;
  }

  /** The keys that sign the log, as a JSON Web Key Set. */
  async getPublicKeys(
    options?: GovernanceRequestOptions,
  ): Promise<AuditPublicKeys> {
    const client = await this.#client();
    const { data } = await client.GET('/public-keys', toInit(options));
    return data!;
  }

  /** Erases a person. */
  async erasePerson(
    request: { personRef: string; reason: string; tenant?: string },
    options?: GovernanceRequestOptions,
  ): Promise<{ entries: number }> {
    const client = await this.#client();
    const { data } = await client.POST('/erasures', {
      body: request,
      ...toInit(options),
    });
    return data!;
  }

  /** A page of legal holds, the newest first. */
  async listHolds(
    query: { tenant?: string; limit?: number; cursor?: string } = {},
    options?: GovernanceRequestOptions,
  ): Promise<{ items: AuditHold[]; nextCursor?: string }> {
    const client = await this.#client();
    const { data } = await client.GET('/holds', {
      params: { query },
      ...toInit(options),
    });
    return data!;
  }

  /** Sets a legal hold. */
  async createHold(
    request: CreateHoldRequest,
    options?: GovernanceRequestOptions,
  ): Promise<AuditHold> {
    const client = await this.#client();
    const { data } = await client.POST('/holds', {
      body: request,
      ...toInit(options),
    });
    return data!;
  }

  /** Ends a legal hold. */
  async releaseHold(
    id: string,
    reason: string,
    options?: GovernanceRequestOptions,
  ): Promise<AuditHold> {
    const client = await this.#client();
    const { data } = await client.POST('/holds/{id}/release', {
      params: { path: { id } },
      body: { reason },
      ...toInit(options),
    });
    return data!;
  }

  async #client(): Promise<Client<paths>> {
    return createClient<paths>({
      baseUrl: await this.#discoveryApi.getBaseUrl('governance'),
      fetch: sendThrough(this.#fetch),
    });
  }
}

function toInit(options: GovernanceRequestOptions = {}) {
  return {
    signal: options.signal,
    headers: options.token ? { authorization: `Bearer ${options.token}` } : {},
  };
}
