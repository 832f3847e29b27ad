import createClient from 'openapi-fetch';
import type { paths } from '../generated/openapi';
import { sendThrough } from './sendThrough';

/**
 * How the agents backend is reached.
 *
 * @public
 */
export interface AgentsApiConnection {
  discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
  fetchApi: { fetch: typeof fetch };
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

/** The typed API. A success has a body or needs none, and what is none is thrown. */
export async function openAgentsApi(
  { discoveryApi, fetchApi }: AgentsApiConnection,
  { token, signal }: AgentsRequestOptions = {},
) {
  return createClient<paths>({
    baseUrl: await discoveryApi.getBaseUrl('agents'),
    fetch: sendThrough((...args) => fetchApi.fetch(...args)),
    headers: token ? { authorization: `Bearer ${token}` } : {},
    signal,
  });
}
