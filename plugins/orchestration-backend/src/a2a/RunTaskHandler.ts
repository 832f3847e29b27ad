import {
  type AgentCard,
  type CancelTaskRequest,
  type GetTaskRequest,
  type ListTaskPushNotificationConfigsResponse,
  type ListTasksRequest,
  type ListTasksResponse,
  type Message,
  type SendMessageRequest,
  type StreamResponse,
  type SubscribeToTaskRequest,
  type Task,
  type TaskPushNotificationConfig,
} from '@a2a-js/sdk';
import {
  A2AError,
  RequestMalformedError,
  TaskNotCancelableError,
  TaskNotFoundError,
  UnsupportedOperationError,
} from '@a2a-js/sdk/errors';
import type {
  A2ARequestHandler,
  ServerCallContext,
  User,
} from '@a2a-js/sdk/server';
import {
  FINAL_RUN_STATUSES,
  isFinalRunEvent,
  type Run,
  type RunEvent,
} from '@agentportal/plugin-orchestration-common';
import { EventType } from '@ag-ui/core';
import type {
  BackstageCredentials,
  LoggerService,
} from '@backstage/backend-plugin-api';
import {
  ConflictError,
  InputError,
  isError,
  NotAllowedError,
  NotFoundError,
} from '@backstage/errors';
import type { RunEventFeeds } from '../events/RunEventFeeds';
import type { Runs } from '../runs/Runs';
import { interfacesAt } from './agentCard';
import type { PushConfigs } from './push/PushConfigs';
import {
  answerArtifact,
  questionOf,
  requireTextAccepted,
  statusesOf,
  toTask,
  toTaskStatus,
} from './tasks';

/** How long a caller that waits for the end of a task is kept waiting. */
const WAIT_MS = 10 * 60_000;
const ID = /^[A-Za-z0-9-]{1,64}$/;
const DEFAULT_PAGE = 25;
const MAX_PAGE = 100;
/** Answers are read one by one, so that no list gives out more than is read by one. */
const MAX_PAGE_WITH_ANSWERS = 20;

/** Whoever calls an agent by A2A. */
export class A2aCaller implements User {
  readonly isAuthenticated = true;
  readonly userName: string;
  readonly credentials: BackstageCredentials;
  /** The agent that is called. */
  readonly agentRef: string;
  /** Aborted when the caller has hung up. */
  readonly gone: AbortSignal;

  constructor(options: {
    userName: string;
    credentials: BackstageCredentials;
    agentRef: string;
    gone: AbortSignal;
  }) {
    this.userName = options.userName;
    this.credentials = options.credentials;
    this.agentRef = options.agentRef;
    this.gone = options.gone;
  }
}

/**
 * Tasks of A2A are runs, asked for as the REST API does, with the caller's credentials.
 * What somebody may not do there they may not do here, and is refused in the same words.
 */
export class RunTaskHandler implements A2ARequestHandler {
  readonly #runs: Runs;
  readonly #feeds: RunEventFeeds;
  readonly #push: PushConfigs;
  readonly #logger: LoggerService;
  readonly #stopping: AbortSignal;

  constructor(options: {
    runs: Runs;
    feeds: RunEventFeeds;
    push: PushConfigs;
    logger: LoggerService;
    /** Aborted when the backend shuts down. */
    stopping: AbortSignal;
  }) {
    this.#runs = options.runs;
    this.#feeds = options.feeds;
    this.#push = options.push;
    this.#logger = options.logger;
    this.#stopping = options.stopping;
  }

  /** Only which versions are spoken is read of it; cards are given out by the router. */
  async getAgentCard(): Promise<AgentCard> {
    return {
      supportedInterfaces: interfacesAt(''),
      capabilities: {
        streaming: true,
        pushNotifications: true,
        extensions: [],
      },
    } as unknown as AgentCard;
  }

  async getAuthenticatedExtendedAgentCard(): Promise<AgentCard> {
    throw new UnsupportedOperationError(
      'The card at .well-known/agent-card.json holds everything.',
    );
  }

  async sendMessage(
    params: SendMessageRequest,
    context: ServerCallContext,
  ): Promise<Message | Task> {
    return this.#inWords(async () => {
      const caller = callerOf(context);
      const id = await this.#start(params, context);
      const { historyLength, returnImmediately } = params.configuration ?? {};
      if (!returnImmediately) {
        const signal = AbortSignal.any([
          caller.gone,
          this.#stopping,
          AbortSignal.timeout(WAIT_MS),
        ]);
        for await (const { event } of this.#follow(id, signal)) {
          if (isResting(event)) {
            break;
          }
        }
      }
      return toTask(await this.#get(id, caller), historyLength);
    });
  }

  async *sendMessageStream(
    params: SendMessageRequest,
    context: ServerCallContext,
  ): AsyncGenerator<StreamResponse, void, undefined> {
    const id = await this.#inWords(() => this.#start(params, context));
    yield* this.#stream(id, callerOf(context));
  }

  async *resubscribe(
    { id }: SubscribeToTaskRequest,
    context: ServerCallContext,
  ): AsyncGenerator<StreamResponse, void, undefined> {
    const caller = callerOf(context);
    const { status } = await this.#inWords(() => this.#get(id, caller));
    if (FINAL_RUN_STATUSES.includes(status)) {
      throw new UnsupportedOperationError(
        `Task ${id} has ended (${status}), so there is nothing to follow. Get the task.`,
      );
    }
    yield* this.#stream(id, caller);
  }

  async getTask(
    { id, historyLength }: GetTaskRequest,
    context: ServerCallContext,
  ): Promise<Task> {
    return this.#inWords(async () =>
      toTask(await this.#get(id, callerOf(context)), historyLength),
    );
  }

  async cancelTask(
    { id }: CancelTaskRequest,
    context: ServerCallContext,
  ): Promise<Task> {
    return this.#inWords(async () => {
      const caller = callerOf(context);
      const { status } = await this.#get(id, caller);
      if (FINAL_RUN_STATUSES.includes(status)) {
        throw new TaskNotCancelableError(
          `Task ${id} has ended already (${status}).`,
        );
      }
      return toTask(await this.#runs.cancel(id, caller));
    });
  }

  async listTasks(
    params: ListTasksRequest,
    context: ServerCallContext,
  ): Promise<ListTasksResponse> {
    const caller = callerOf(context);
    if (params.statusTimestampAfter) {
      throw new UnsupportedOperationError(
        'Tasks are listed by the time of their beginning. Leave statusTimestampAfter out, and stop at the first that is too old.',
      );
    }
    return this.#inWords(async () => {
      const status = statusesOf(params.status);
      const limit = Math.min(
        params.pageSize || DEFAULT_PAGE,
        params.includeArtifacts ? MAX_PAGE_WITH_ANSWERS : MAX_PAGE,
      );
      if (!Number.isInteger(limit) || limit < 1) {
        throw new RequestMalformedError('pageSize is a whole number above 0.');
      }
      const { items, nextCursor } =
        status && !status.length
          ? { items: [], nextCursor: undefined }
          : await this.#runs.list(
              {
                agentRef: caller.agentRef,
                limit,
                ...(params.contextId && { threadId: params.contextId }),
                ...(params.pageToken && { cursor: params.pageToken }),
                ...(status && { status }),
              },
              caller,
            );
      const runs = params.includeArtifacts
        ? await Promise.all(items.map(({ id }) => this.#get(id, caller)))
        : items.map(({ output: _, ...run }) => run);
      return {
        tasks: runs.map(run => toTask(run, params.historyLength)),
        nextPageToken: nextCursor ?? '',
        pageSize: limit,
        // Nobody counts them all for one page: it is how many are known of.
        totalSize: runs.length + (nextCursor ? 1 : 0),
      };
    });
  }

  async createTaskPushNotificationConfig(
    params: TaskPushNotificationConfig,
    context: ServerCallContext,
  ): Promise<TaskPushNotificationConfig> {
    return this.#inWords(async () => {
      const caller = callerOf(context);
      const run = await this.#get(params.taskId, caller);
      return this.#push.add(run, params, {
        by: caller.userName,
        version: context.requestedVersion,
      });
    });
  }

  async getTaskPushNotificationConfig(
    { taskId, id }: { taskId: string; id: string },
    context: ServerCallContext,
  ): Promise<TaskPushNotificationConfig> {
    const { configs } = await this.listTaskPushNotificationConfigs(
      { taskId },
      context,
    );
    const found = configs.find(config => !id || config.id === id);
    if (!found) {
      throw new TaskNotFoundError(
        `Task ${taskId} has no push notification config ${id}.`,
      );
    }
    return found;
  }

  async listTaskPushNotificationConfigs(
    { taskId }: { taskId: string },
    context: ServerCallContext,
  ): Promise<ListTaskPushNotificationConfigsResponse> {
    return this.#inWords(async () => {
      const caller = callerOf(context);
      await this.#get(taskId, caller);
      const configs = await this.#push.list(taskId, caller.userName);
      return { configs, nextPageToken: '' };
    });
  }

  async deleteTaskPushNotificationConfig(
    { taskId, id }: { taskId: string; id: string },
    context: ServerCallContext,
  ): Promise<void> {
    await this.#inWords(async () => {
      const caller = callerOf(context);
      await this.#get(taskId, caller);
      await this.#push.delete(taskId, id, caller.userName);
    });
  }

  async #start(
    { configuration, message }: SendMessageRequest,
    context: ServerCallContext,
  ): Promise<string> {
    const caller = callerOf(context);
    const question = questionOf(message);
    requireTextAccepted(configuration?.acceptedOutputModes);
    const { contextId, taskId } = message!;
    if (taskId) {
      const { status, threadId } = await this.#get(taskId, caller);
      throw new UnsupportedOperationError(
        status === 'interrupted'
          ? `Task ${taskId} waits for people of the portal, who decide there; it goes on by itself then.`
          : `Task ${taskId} takes no further message (${status}). Send it without taskId, with contextId ${threadId}, to go on with the conversation.`,
      );
    }
    if (contextId && !ID.test(contextId)) {
      throw new TaskNotFoundError(
        `You have no conversation ${contextId.slice(
          0,
          80,
        )}. Leave contextId out to begin one; the portal makes the ids.`,
      );
    }
    const wanted = configuration?.taskPushNotificationConfig;
    if (wanted) {
      this.#push.requireAllowed(wanted);
    }
    const created = await this.#runs.create(
      {
        agentRef: caller.agentRef,
        input: { message: question },
        ...(contextId && { threadId: contextId }),
      },
      caller,
    );
    if (wanted) {
      const run = await this.#get(created.id, caller);
      await this.#push.add(run, wanted, {
        by: caller.userName,
        version: context.requestedVersion,
      });
    }
    return created.id;
  }

  /** A task of the agent that is called; of others it knows none. */
  async #get(id: string, caller: A2aCaller): Promise<Run> {
    const run = ID.test(id) ? await this.#runs.get(id, caller) : undefined;
    if (run?.agentRef !== caller.agentRef) {
      throw new TaskNotFoundError(
        `There is no task ${id.slice(0, 80)}, or you may not see it.`,
      );
    }
    return run;
  }

  async *#follow(id: string, signal: AbortSignal) {
    for await (const { events } of this.#feeds.follow(id, 0, signal)) {
      yield* events;
    }
  }

  async *#stream(
    id: string,
    caller: A2aCaller,
  ): AsyncGenerator<StreamResponse, void, undefined> {
    const run = await this.#inWords(() => this.#get(id, caller));
    const ids = { taskId: id, contextId: run.threadId, metadata: undefined };
    const status = (now: Run): StreamResponse => ({
      payload: {
        $case: 'statusUpdate',
        value: { ...ids, status: toTaskStatus(now) },
      },
    });
    const artifact = (
      text: string,
      options: { append: boolean; lastChunk: boolean },
    ): StreamResponse => ({
      payload: {
        $case: 'artifactUpdate',
        value: { ...ids, artifact: answerArtifact(text), ...options },
      },
    });
    yield { payload: { $case: 'task', value: toTask(run) } };
    if (FINAL_RUN_STATUSES.includes(run.status)) {
      return;
    }
    let writing: string | undefined;
    const signal = AbortSignal.any([caller.gone, this.#stopping]);
    for await (const { event } of this.#follow(id, signal)) {
      if (event.type === EventType.TEXT_MESSAGE_CONTENT) {
        // What it says after it has called tools takes the place of what it said before.
        const append = writing === event.messageId;
        writing = event.messageId;
        yield artifact(event.delta, { append, lastChunk: false });
      } else if (event.type === EventType.RUN_STARTED) {
        yield status({ ...run, status: 'running' });
      } else if (isResting(event)) {
        const now = await this.#inWords(() => this.#get(id, caller));
        // An interrupt that is over is no end; the run has gone on since.
        if (now.output) {
          yield artifact(now.output.message, {
            append: false,
            lastChunk: true,
          });
        }
        if (now.status !== 'running' && now.status !== 'queued') {
          yield status(now);
          return;
        }
      }
    }
  }

  /** Says in the words of A2A what went wrong. */
  async #inWords<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (error instanceof A2AError) {
        throw error;
      }
      const message = isError(error) ? error.message : String(error);
      if (NotFoundError.is(error)) {
        throw new TaskNotFoundError(message);
      }
      if (InputError.is(error)) {
        throw new RequestMalformedError(message);
      }
      if (NotAllowedError.is(error) || ConflictError.is(error)) {
        throw new UnsupportedOperationError(message);
      }
      // A limit or an outage has words for people; anything else is a fault of ours.
      const told = isError(error) && /Unavailable|TooMany/.test(error.name);
      if (!told) {
        this.#logger.error('A request by A2A failed', error as Error);
      }
      throw new A2AError(
        told
          ? message
          : 'Something went wrong inside the portal. Try again; if it stays, tell the people who run it.',
      );
    }
  }
}

/** Whether a task is told to stand still: at its end, or while people are waited for. */
function isResting(event: RunEvent): boolean {
  return isFinalRunEvent(event) || event.type === EventType.RUN_FINISHED;
}

function callerOf(context: ServerCallContext): A2aCaller {
  if (!(context.user instanceof A2aCaller)) {
    throw new Error('A request by A2A came past its authentication.');
  }
  return context.user;
}
