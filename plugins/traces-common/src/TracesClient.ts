import { sendThrough } from '@agentportal/plugin-agents-common';
import createClient from 'openapi-fetch';
import type { paths } from './generated/openapi';
import type {
  ErasedTraces,
  SeriesList,
  SeriesQuery,
  SessionList,
  SessionsQuery,
  SpanDetails,
  SpanList,
  SpansQuery,
  Tail,
  TailQuery,
  Trace,
  TraceList,
  TracesQuery,
} from './types';

/**
 * How one request to the traces backend is made.
 *
 * @public
 */
export interface TracesRequestOptions {
  /** Backstage token; leave out where `fetchApi` adds it, as in the browser. */
  token?: string;
  /** Ends the request early. */
  signal?: AbortSignal;
}

/**
 * Client of the traces backend, for browsers and for other backends. Methods reject with a
 * `ResponseError` of `@backstage/errors` when the backend answers with an error.
 *
 * @public
 */
export class TracesClient {
  readonly #discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
  readonly #fetchApi: { fetch: typeof fetch };

  constructor(options: {
    discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
    fetchApi: { fetch: typeof fetch };
  }) {
    this.#discoveryApi = options.discoveryApi;
    this.#fetchApi = options.fetchApi;
  }

  /** Traces that the caller may read, the newest first. */
  async listTraces(
    query: TracesQuery = {},
    options?: TracesRequestOptions,
  ): Promise<TraceList> {
    return this.#get('/traces', { query }, options);
  }

  /** What is known of a whole trace. */
  async getTrace(
    traceId: string,
    options?: TracesRequestOptions,
  ): Promise<Trace> {
    return this.#get('/traces/{traceId}', { path: { traceId } }, options);
  }

  /** Flags a trace with a reason, in place of the flag that it has. */
  async flagTrace(
    traceId: string,
    body: { reason: string },
    options?: TracesRequestOptions,
  ): Promise<Trace> {
    return this.#send(
      'put',
      '/traces/{traceId}/flag',
      { path: { traceId } },
      options,
      body,
    );
  }

  /** Takes the flag of a trace away; without one nothing changes. */
  async unflagTrace(
    traceId: string,
    options?: TracesRequestOptions,
  ): Promise<Trace> {
    return this.#send(
      'delete',
      '/traces/{traceId}/flag',
      { path: { traceId } },
      options,
    );
  }

  /** Erases a person from traces, for good. */
  async erasePerson(
    userRef: string,
    options?: TracesRequestOptions,
  ): Promise<ErasedTraces> {
    return this.#send('delete', '/traces', { query: { userRef } }, options);
  }

  /** A page of the tree of a trace. */
  async listSpans(
    traceId: string,
    query: SpansQuery = {},
    options?: TracesRequestOptions,
  ): Promise<SpanList> {
    return this.#get(
      '/traces/{traceId}/spans',
      { path: { traceId }, query },
      options,
    );
  }

  /** Attributes and events of a span. */
  async getSpan(
    traceId: string,
    spanId: string,
    options?: TracesRequestOptions,
  ): Promise<SpanDetails> {
    return this.#get(
      '/traces/{traceId}/spans/{spanId}',
      { path: { traceId, spanId } },
      options,
    );
  }

  /** Conversations, the last used first. */
  async listSessions(
    query: SessionsQuery = {},
    options?: TracesRequestOptions,
  ): Promise<SessionList> {
    return this.#get('/sessions', { query }, options);
  }

  /** Figures over time. */
  async getSeries(
    query: SeriesQuery = {},
    options?: TracesRequestOptions,
  ): Promise<SeriesList> {
    return this.#get('/series', { query }, options);
  }

  /** Which agents or operations most of the slow calls are of. */
  async getTail(
    query: TailQuery = {},
    options?: TracesRequestOptions,
  ): Promise<Tail> {
    return this.#get('/tail', { query }, options);
  }

  async #get<T>(
    path: keyof paths,
    params: { path?: object; query?: object },
    options?: TracesRequestOptions,
  ): Promise<T> {
    return this.#send('get', path, params, options);
  }

  async #send<T>(
    method: 'get' | 'put' | 'delete',
    path: keyof paths,
    params: { path?: object; query?: object },
    options: TracesRequestOptions = {},
    body?: object,
  ): Promise<T> {
    const fetchApi = this.#fetchApi;
    const client = createClient<any>({
      baseUrl: await this.#discoveryApi.getBaseUrl('traces'),
      fetch: sendThrough((...args) => fetchApi.fetch(...args)),
    });
    const { data, response } = await client.request(
      method as never,
      path as never,
      {
        params,
        ...(body && { body }),
        ...(options.token && {
          headers: { authorization: `Bearer ${options.token}` },
        }),
        ...(options.signal && { signal: options.signal }),
      } as never,
    );
    if (data === undefined) {
      throw new Error(
        `The traces backend answered ${response.status} without a body; check that ${response.url} is the traces backend`,
      );
    }
    return data as T;
  }
}
