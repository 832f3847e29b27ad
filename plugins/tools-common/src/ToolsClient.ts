import createClient from 'openapi-fetch';
import { sendThrough } from '@agentportal/plugin-agents-common';
import type { paths } from './generated/openapi';
import type {
  GuardFindingList,
  RecordedCallList,
  RecordedCallsQuery,
  RefreshResult,
  ServerList,
  ServersQuery,
  Tool,
  ToolCallResult,
  ToolChange,
  ToolChangeList,
  ToolChangesQuery,
  ToolList,
  ToolsQuery,
} from './types';

/**
 * How one request to the tools backend is made.
 *
 * @public
 */
export interface ToolsRequestOptions {
  /** Backstage token; leave out where `fetchApi` adds it, as in the browser. */
  token?: string;
  /** Headers to add, such as the run context of the orchestration plugin. */
  headers?: Record<string, string>;
  /** Ends the request early. */
  signal?: AbortSignal;
}

/**
 * What the tools backend offers over HTTP.
 *
 * @public
 */
export interface ToolsApi {
  /** Lists the MCP servers of the catalog. */
  listServers(
    query?: ServersQuery,
    options?: ToolsRequestOptions,
  ): Promise<ServerList>;
  /** Visits one server, or all, and answers when that is done. */
  refreshServers(
    request?: { serverRef?: string },
    options?: ToolsRequestOptions,
  ): Promise<RefreshResult>;
  /** Lists tools, or searches them with `q`. Figures come with `stats: true`, schemas with `getTool`. */
  listTools(
    query?: ToolsQuery,
    options?: ToolsRequestOptions,
  ): Promise<ToolList>;
  /** Reads calls of agents; for plugins of the portal in their own name. */
  listRecordedCalls(
    query: RecordedCallsQuery,
    options?: ToolsRequestOptions,
  ): Promise<RecordedCallList>;
  /** What the guard found, by agent and run; for plugins of the portal, the oldest first. */
  listGuardFindings(
    query: { from: string; limit?: number; cursor?: string },
    options?: ToolsRequestOptions,
  ): Promise<GuardFindingList>;
  /** Takes over what the guard found in a conversation into another; for plugins of the portal. */
  inheritGuardFindings(
    of: { from: string; to: string },
    options?: ToolsRequestOptions,
  ): Promise<void>;
  /** Reads a tool by its gateway name, such as `orders.find_order`, in any case. */
  getTool(name: string, options?: ToolsRequestOptions): Promise<Tool>;
  /** What servers changed about their tools, the newest first; for people. */
  listToolChanges(
    query?: ToolChangesQuery,
    options?: ToolsRequestOptions,
  ): Promise<ToolChangeList>;
  /** Releases or blocks a change. */
  decideToolChange(
    changeId: string,
    decision: { decision: 'release' | 'block'; reason: string },
    options?: ToolsRequestOptions,
  ): Promise<ToolChange>;
  /** Calls a tool. A tool that fails resolves with `isError: true`. */
  callTool(
    name: string,
    args: Record<string, unknown>,
    options?: ToolsRequestOptions,
  ): Promise<ToolCallResult>;
}

/**
 * Client of the tools backend, for browsers and for other backends.
 *
 * Methods reject with a `ResponseError` of `@backstage/errors` when the backend
 * answers with an error.
 *
 * @public
 */
export class ToolsClient implements ToolsApi {
  readonly #discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
  readonly #fetchApi: { fetch: typeof fetch };

  constructor(options: {
    discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
    fetchApi: { fetch: typeof fetch };
  }) {
    this.#discoveryApi = options.discoveryApi;
    this.#fetchApi = options.fetchApi;
  }

  async listServers(
    query: ServersQuery = {},
    options?: ToolsRequestOptions,
  ): Promise<ServerList> {
    const client = await this.#client();
    return unwrap(
      await client.request('get', '/servers', {
        params: { query },
        ...requestInit(options),
      }),
    );
  }

  async refreshServers(
    request: { serverRef?: string } = {},
    options?: ToolsRequestOptions,
  ): Promise<RefreshResult> {
    const client = await this.#client();
    return unwrap(
      await client.request('post', '/servers/refresh', {
        body: request,
        ...requestInit(options),
      }),
    );
  }

  async listTools(
    query: ToolsQuery = {},
    options?: ToolsRequestOptions,
  ): Promise<ToolList> {
    const client = await this.#client();
    return unwrap(
      await client.request('get', '/tools', {
        params: { query },
        ...requestInit(options),
      }),
    );
  }

  async getTool(name: string, options?: ToolsRequestOptions): Promise<Tool> {
    const client = await this.#client();
    return unwrap(
      await client.request('get', '/tools/{name}', {
        params: { path: { name } },
        ...requestInit(options),
      }),
    );
  }

  async listRecordedCalls(
    query: RecordedCallsQuery,
    options?: ToolsRequestOptions,
  ): Promise<RecordedCallList> {
    const client = await this.#client();
    return unwrap(
      await client.request('get', '/calls/recorded', {
        params: { query },
        ...requestInit(options),
      }),
    );
  }

  async listGuardFindings(
    query: { from: string; limit?: number; cursor?: string },
    options?: ToolsRequestOptions,
  ): Promise<GuardFindingList> {
    const client = await this.#client();
    return unwrap(
      await client.request('get', '/guard/findings', {
        params: { query },
        ...requestInit(options),
      }),
    );
  }

  async inheritGuardFindings(
    of: { from: string; to: string },
    options?: ToolsRequestOptions,
  ): Promise<void> {
    const client = await this.#client();
    await client.request('post', '/guard/findings/inherit', {
      body: of,
      ...requestInit(options),
    });
  }

  async listToolChanges(
    query: ToolChangesQuery = {},
    options?: ToolsRequestOptions,
  ): Promise<ToolChangeList> {
    const client = await this.#client();
    return unwrap(
      await client.request('get', '/changes', {
        params: { query },
        ...requestInit(options),
      }),
    );
  }

  async decideToolChange(
    changeId: string,
    decision: { decision: 'release' | 'block'; reason: string },
    options?: ToolsRequestOptions,
  ): Promise<ToolChange> {
    const client = await this.#client();
    return unwrap(
      await client.request('post', '/changes/{changeId}/decision', {
        params: { path: { changeId } },
        body: decision,
        ...requestInit(options),
      }),
    );
  }

  async callTool(
    name: string,
    args: Record<string, unknown>,
    options?: ToolsRequestOptions,
  ): Promise<ToolCallResult> {
    const client = await this.#client();
    return unwrap(
      await client.request('post', '/tools/{name}/call', {
        params: { path: { name } },
        body: { arguments: args },
        ...requestInit(options),
      }),
    );
  }

  async #client() {
    const fetchApi = this.#fetchApi;
    return createClient<paths>({
      baseUrl: await this.#discoveryApi.getBaseUrl('tools'),
      fetch: sendThrough((...args) => fetchApi.fetch(...args)),
    });
  }
}

function requestInit(options?: ToolsRequestOptions) {
  return {
    headers: {
      ...options?.headers,
      ...(options?.token ? { authorization: `Bearer ${options.token}` } : {}),
    },
    ...(options?.signal ? { signal: options.signal } : {}),
  };
}

function unwrap<T>(result: { data?: T; response: Response }): T {
  if (result.data === undefined) {
    throw new Error(
      `The tools backend answered ${result.response.status} without a body; check that ${result.response.url} is the tools backend`,
    );
  }
  return result.data;
}
