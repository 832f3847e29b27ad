import { sendThrough } from '@agentportal/plugin-agents-common';
import createClient, { type Client } from 'openapi-fetch';
import type { paths } from './generated/openapi';

/**
 * Per-request options. Backends pass a plugin token; front ends pass nothing,
 * because their fetch API adds the signed-in person's token.
 *
 * @public
 */
export interface ModelsRequestOptions {
  token?: string;
  signal?: AbortSignal;
}

/**
 * What a client of the models plugin is made of.
 *
 * @public
 */
export interface ModelsClientOptions {
  discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
  fetchApi?: { fetch: typeof fetch };
}

/** Finds the plugin anew with each call, because its address may change. */
export function clientOf(
  options: ModelsClientOptions,
): () => Promise<Client<paths>> {
  const send: typeof fetch =
    options.fetchApi?.fetch ?? ((...args) => fetch(...args));
  return async () =>
    createClient<paths>({
      baseUrl: await options.discoveryApi.getBaseUrl('models'),
      fetch: sendThrough(send),
    });
}

export function init(options?: ModelsRequestOptions) {
  return {
    signal: options?.signal,
    headers: options?.token
      ? { authorization: `Bearer ${options.token}` }
      : undefined,
  };
}

export function unwrap<T>(result: { data?: T; response: Response }): T {
  if (result.data === undefined) {
    throw new Error(
      `The models service answered ${result.response.status} without a body; try again.`,
    );
  }
  return result.data;
}
