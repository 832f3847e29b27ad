import {
  createPluginAsker,
  type PluginAsker,
} from '@agentportal/plugin-agents-node';
import {
  type CreateRunRequest,
  FINAL_RUN_STATUSES,
  OrchestrationClient,
  type Run,
} from '@agentportal/plugin-orchestration-common';
import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import { ResponseError } from '@backstage/errors';
import { setTimeout as sleep } from 'node:timers/promises';

const TIMEOUT_MS = 20_000;
const FIRST_LOOK_MS = 200;
const LONGEST_WAIT_MS = 2_000;

/** The run cannot be started now; it can later. */
export class LaterError extends Error {
  override name = 'LaterError';
  readonly afterMs: number;
  /** Whether it is only that others are before it. */
  readonly isQueued: boolean;

  constructor(
    message: string,
    { afterMs, isQueued }: { afterMs: number; isQueued: boolean },
  ) {
    super(message);
    this.afterMs = afterMs;
    this.isQueued = isQueued;
  }
}

/** No question of the evaluation can be asked; the message says why. */
export class RefusedError extends Error {
  override name = 'RefusedError';
}

/** Starts runs that rehearse, for whoever began the evaluation, and waits for them. */
export class Rehearsals {
  readonly #runs: OrchestrationClient;
  readonly #ask: PluginAsker;

  constructor(options: { auth: AuthService; discovery: DiscoveryService }) {
    this.#runs = new OrchestrationClient({ discoveryApi: options.discovery });
    this.#ask = createPluginAsker({
      auth: options.auth,
      pluginId: 'orchestration',
      timeoutMs: TIMEOUT_MS,
      away: 'Runs cannot be started at the moment.',
    });
  }

  /**
   * @throws LaterError while it is too much, or orchestration is away
   * @throws RefusedError when the person may not, or the agent cannot
   */
  async start(
    request: CreateRunRequest,
  ): Promise<{ id: string; threadId: string }> {
    let refusal: ResponseError | undefined;
    try {
      return await this.#ask(async options => {
        try {
          return await this.#runs.createRun(request, options);
        } catch (error) {
          refusal = error instanceof ResponseError ? error : undefined;
          throw error;
        }
      });
    } catch (error) {
      const status = refusal?.statusCode;
      if (status === 429) {
        const seconds = Number(refusal!.response.headers.get('retry-after'));
        throw new LaterError(refusal!.message, {
          afterMs: 1000 * (seconds > 0 && seconds <= 600 ? seconds : 10),
          isQueued: true,
        });
      }
      if (status && [400, 403, 404, 409].includes(status)) {
        throw new RefusedError(refusal!.cause.message);
      }
      throw new LaterError((error as Error).message, {
        afterMs: 10_000,
        isQueued: false,
      });
    }
  }

  /**
   * Waits until a run has ended.
   *
   * @returns undefined when it has not within the time, and was stopped
   */
  async end(
    id: string,
    options: { signal: AbortSignal; withinMs: number },
  ): Promise<Run | undefined> {
    const { signal, withinMs } = options;
    const until = performance.now() + withinMs;
    for (
      let wait = FIRST_LOOK_MS;
      ;
      wait = Math.min(wait * 1.4, LONGEST_WAIT_MS)
    ) {
      await sleep(wait, undefined, { signal });
      const run = await this.read(id);
      if (FINAL_RUN_STATUSES.includes(run.status)) {
        return run;
      }
      // Nobody answers the questions of a rehearsal.
      if (run.status === 'interrupted' || performance.now() > until) {
        await this.stop(id);
        return undefined;
      }
    }
  }

  read(id: string): Promise<Run> {
    return this.#ask(asker => this.#runs.getRun(id, asker));
  }

  async stop(id: string): Promise<void> {
    await this.#ask(asker => this.#runs.cancelRun(id, asker)).catch(() => {
      // It has ended, or ends by its own limits.
    });
  }
}
