// openapi-fetch names its methods after those of HTTP.
/* eslint-disable new-cap */
import { sendThrough } from '@agentportal/plugin-agents-common';
import { ResponseError } from '@backstage/errors';
import createClient, { type Client } from 'openapi-fetch';
import { isFinalRunEvent, type NumberedRunEvent } from '../events';
import type { paths } from '../generated/openapi';
import type {
  AgentStats,
  CreatedRun,
  CreateRunRequest,
  FiringList,
  ForkRunRequest,
  ListRunsQuery,
  ListThreadsQuery,
  RerunRequest,
  RerunResults,
  Run,
  RunList,
  RunSummary,
  Thread,
  ThreadList,
  Trigger,
  TriggerList,
  ValidateWorkflowRequest,
  WebhookSecret,
  WorkflowValidation,
} from '../types';
import { delay } from './delay';
import { readEventStream } from './eventStream';
import {
  joinMessagesOfEvent,
  joinMessagesOfRun,
  type MessagesById,
} from './joinMessages';

/**
 * Options of one request. A token is needed in backends only; in the browser
 * the fetch API adds the one of the signed-in person.
 *
 * @public
 */
export interface OrchestrationRequestOptions {
  token?: string;
  signal?: AbortSignal;
}

/**
 * Options of {@link OrchestrationClient.streamEvents}.
 *
 * @public
 */
export interface StreamEventsOptions extends OrchestrationRequestOptions {
  /** Go on after this event. */
  lastEventId?: string;
}

/** How often a broken stream is taken up again without an event in between. */
const MAX_RECONNECTS = 5;
const RECONNECT_DELAY_MS = 500;

/**
 * Starts, reads, follows and stops runs of agents. Works in the browser and in
 * Node. Refused requests throw a `ResponseError` of `@backstage/errors`.
 *
 * @public
 */
export class OrchestrationClient {
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

  /** Starts a run; follow it with {@link OrchestrationClient.streamEvents}. */
  async createRun(
    request: CreateRunRequest,
    options?: OrchestrationRequestOptions,
  ): Promise<CreatedRun> {
    const client = await this.#client();
    const { data } = await client.POST('/runs', {
      body: request,
      ...toInit(options),
    });
    return data!;
  }

  /** A page of the runs that the caller may read, the newest first. */
  async listRuns(
    query: ListRunsQuery = {},
    options?: OrchestrationRequestOptions,
  ): Promise<RunList> {
    const client = await this.#client();
    const { data } = await client.GET('/runs', {
      params: { query },
      ...toInit(options),
    });
    return data!;
  }

  /** A run with its steps. */
  async getRun(
    id: string,
    options?: OrchestrationRequestOptions,
  ): Promise<Run> {
    return joinMessagesOfRun(await this.#readRun(id, options));
  }

  /** Says whether a workflow can be run, and why not. */
  async validateWorkflow(
    body: ValidateWorkflowRequest,
    options?: OrchestrationRequestOptions,
  ): Promise<WorkflowValidation> {
    const client = await this.#client();
    const { data } = await client.POST('/workflows/validate', {
      body,
      ...toInit(options),
    });
    return data!;
  }

  /** Stops a run; a run that has ended stays as it is. */
  async cancelRun(
    id: string,
    options?: OrchestrationRequestOptions,
  ): Promise<RunSummary> {
    const client = await this.#client();
    const { data } = await client.POST('/runs/{id}/cancel', {
      params: { path: { id } },
      ...toInit(options),
    });
    return data!;
  }

  /** Repeats a run that has ended, from one of its steps or from the start. */
  async retryRun(
    id: string,
    body: { fromStep?: number } = {},
    options?: OrchestrationRequestOptions,
  ): Promise<CreatedRun> {
    const client = await this.#client();
    const { data } = await client.POST('/runs/{id}/retry', {
      params: { path: { id } },
      body,
      ...toInit(options),
    });
    return data!;
  }

  /** Repeats a run that has ended, with another model or with messages that say something else. */
  async forkRun(
    id: string,
    body: ForkRunRequest,
    options?: OrchestrationRequestOptions,
  ): Promise<CreatedRun> {
    const client = await this.#client();
    const { data } = await client.POST('/runs/{id}/fork', {
      params: { path: { id } },
      body,
      ...toInit(options),
    });
    return data!;
  }

  /** Repeats several runs from the start; tells of each what became of it. */
  async rerunRuns(
    body: RerunRequest,
    options?: OrchestrationRequestOptions,
  ): Promise<RerunResults> {
    const client = await this.#client();
    const { data } = await client.POST('/runs/rerun', {
      body,
      ...toInit(options),
    });
    return data!;
  }

  /** A page of the caller's own conversations, the latest first. */
  async listThreads(
    query: ListThreadsQuery = {},
    options?: OrchestrationRequestOptions,
  ): Promise<ThreadList> {
    const client = await this.#client();
    const { data } = await client.GET('/threads', {
      params: { query },
      ...toInit(options),
    });
    return data!;
  }

  /** A conversation with its latest messages. */
  async getThread(
    id: string,
    options?: OrchestrationRequestOptions,
  ): Promise<Thread> {
    const client = await this.#client();
    const { data } = await client.GET('/threads/{id}', {
      params: { path: { id } },
      ...toInit(options),
    });
    return data!;
  }

  /** A page of the triggers of agents that the caller may see, the newest first. */
  async listTriggers(
    query: { agentRef?: string; limit?: number; cursor?: string } = {},
    options?: OrchestrationRequestOptions,
  ): Promise<TriggerList> {
    const client = await this.#client();
    const { data } = await client.GET('/triggers', {
      params: { query },
      ...toInit(options),
    });
    return data!;
  }

  /** A page of what a trigger did, the latest first. */
  async listFirings(
    id: string,
    query: { limit?: number; cursor?: string } = {},
    options?: OrchestrationRequestOptions,
  ): Promise<FiringList> {
    const client = await this.#client();
    const { data } = await client.GET('/triggers/{id}/firings', {
      params: { path: { id }, query },
      ...toInit(options),
    });
    return data!;
  }

  /** Lets a trigger start no runs. */
  async pauseTrigger(
    id: string,
    body: { reason?: string } = {},
    options?: OrchestrationRequestOptions,
  ): Promise<Trigger> {
    const client = await this.#client();
    const { data } = await client.POST('/triggers/{id}/pause', {
      params: { path: { id } },
      body,
      ...toInit(options),
    });
    return data!;
  }

  /** Lets a trigger start runs again. */
  async resumeTrigger(
    id: string,
    options?: OrchestrationRequestOptions,
  ): Promise<Trigger> {
    const client = await this.#client();
    const { data } = await client.POST('/triggers/{id}/resume', {
      params: { path: { id } },
      ...toInit(options),
    });
    return data!;
  }

  /** Lets a trigger start a run now; gives the id that the run will have. */
  async fireTrigger(
    id: string,
    options?: OrchestrationRequestOptions,
  ): Promise<{ runId: string }> {
    const client = await this.#client();
    const { data } = await client.POST('/triggers/{id}/fire', {
      params: { path: { id } },
      ...toInit(options),
    });
    return data!;
  }

  /** Makes a secret for a webhook, which is given out this once. */
  async makeTriggerSecret(
    id: string,
    options?: OrchestrationRequestOptions,
  ): Promise<WebhookSecret> {
    const client = await this.#client();
    const { data } = await client.POST('/triggers/{id}/secret', {
      params: { path: { id } },
      ...toInit(options),
    });
    return data!;
  }

  /** How agents fared in the last days; one item for each agent asked for. */
  async getStats(
    query: { agentRef: string[]; days?: number; endsDaysAgo?: number },
    options?: OrchestrationRequestOptions,
  ): Promise<{ items: AgentStats[] }> {
    const client = await this.#client();
    const { data } = await client.GET('/stats', {
      params: { query },
      ...toInit(options),
    });
    return data!;
  }

  /**
   * Follows a run until its last event. A stream that breaks is taken up again
   * where it broke, so each event comes once. Aborting the signal ends the
   * iteration by throwing the signal's reason.
   */
  async *streamEvents(
    id: string,
    options: StreamEventsOptions = {},
  ): AsyncGenerator<NumberedRunEvent> {
    const { signal } = options;
    let { lastEventId } = options;
    let reconnects = 0;
    const messages: MessagesById = new Map();
    if (lastEventId) {
      // Steps to come may refer to messages that came before.
      const run = await this.#readRun(id, options);
      run.messages?.forEach(message => messages.set(message.id, message));
    }
    for (;;) {
      let failure: unknown = new Error(
        `The event stream of run ${id} ended before the run did. Read the run to see where it stands.`,
      );
      try {
        const body = await this.#openStream(id, { ...options, lastEventId });
        for await (const numbered of readEventStream(body)) {
          lastEventId = numbered.id || lastEventId;
          reconnects = 0;
          yield {
            ...numbered,
            event: joinMessagesOfEvent(numbered.event, messages),
          };
          if (isFinalRunEvent(numbered.event)) {
            return;
          }
        }
      } catch (error) {
        failure = error;
      }
      signal?.throwIfAborted();
      if (!mayPass(failure) || reconnects >= MAX_RECONNECTS) {
        throw failure;
      }
      reconnects += 1;
      await delay(RECONNECT_DELAY_MS * reconnects, signal);
    }
  }

  async #readRun(
    id: string,
    options?: OrchestrationRequestOptions,
  ): Promise<Run> {
    const client = await this.#client();
    const { data } = await client.GET('/runs/{id}', {
      params: { path: { id } },
      ...toInit(options),
    });
    return data!;
  }

  async #openStream(
    id: string,
    options: StreamEventsOptions,
  ): Promise<ReadableStream<Uint8Array>> {
    const baseUrl = await this.#discoveryApi.getBaseUrl('orchestration');
    const response = await this.#fetch(
      `${baseUrl}/runs/${encodeURIComponent(id)}/events`,
      {
        headers: {
          accept: 'text/event-stream',
          ...(options.lastEventId
            ? { 'last-event-id': options.lastEventId }
            : {}),
          ...authorization(options.token),
        },
        signal: options.signal,
      },
    );
    if (!response.ok || !response.body) {
      throw await ResponseError.fromResponse(response);
    }
    return response.body;
  }

  async #client(): Promise<Client<paths>> {
    return createClient<paths>({
      baseUrl: await this.#discoveryApi.getBaseUrl('orchestration'),
      fetch: sendThrough(this.#fetch),
    });
  }
}

function toInit(options: OrchestrationRequestOptions = {}) {
  return { signal: options.signal, headers: authorization(options.token) };
}

function authorization(token?: string): Record<string, string> {
  return token ? { authorization: `Bearer ${token}` } : {};
}

/**
 * Whether asking again may help: a refusal does not change by it, a portal that is
 * away comes back.
 *
 * @public
 */
export function mayPass(failure: unknown): boolean {
  return !(failure instanceof ResponseError) || failure.statusCode >= 500;
}
