import type { AgentEntity } from '@agentportal/plugin-agents-common';
import { createExtensionPoint } from '@backstage/backend-plugin-api';
import type { JsonObject } from '@backstage/types';

/**
 * An agent as it was when its run began.
 *
 * @public
 */
export interface RuntimeAgent {
  ref: string;
  name: string;
  title?: string;
  description?: string;
  /** Entity ref of who owns it. */
  ownerRef?: string;
  spec: AgentEntity['spec'];
}

/**
 * What was said, the latest last.
 *
 * @public
 */
export interface RuntimeMessage {
  role: 'user' | 'assistant';
  text: string;
}

/**
 * One call that counts against the quotas of the run and is a step of it.
 *
 * @public
 */
export interface RuntimeCall {
  /** The same when another process makes the call again; a peer may know calls by it. */
  readonly id: string;
  /** Aborted when the run is stopped, has no time left, or goes on in another process. */
  readonly signal: AbortSignal;
  /** Whether another process goes on with the call, so that nobody is to be told to stop. */
  goesOn(): boolean;
  /**
   * What was kept of the call by a process that did not see its end; `undefined` when
   * nobody has made it. Whoever keeps what it is about to do can tell by it what may
   * have been done.
   */
  readonly begun: JsonObject | undefined;
  /** Keeps facts of the call; resolves when they outlive the process. */
  keep(facts: JsonObject): Promise<void>;
  /** Shows a piece of the answer to whoever follows the run. */
  write(delta: string): void;
  /** Throws when the run may not spend so much more, in nano-USD. */
  afford(costNanoUsd: number): void;
  /** Books what the call has cost, in nano-USD. */
  spend(costNanoUsd: number): void;
}

/**
 * One agent at work.
 *
 * @public
 */
export interface RuntimeTask {
  readonly runId: string;
  readonly threadId: string;
  readonly agent: RuntimeAgent;
  readonly messages: RuntimeMessage[];
  /** How many agents the work came through before this one. */
  readonly depth: number;
  readonly signal: AbortSignal;
  /** What the latest call of this agent kept in the conversation, in a run before this one. */
  remembered(): Promise<JsonObject | undefined>;
  /**
   * Makes a call of which the run has a step. What an earlier process wrote down of the
   * same call to the end is given back without making it again: the first call with this input is
   * the first one with it in every process, and so on. Whoever asks for something in the next process
   * that is not on record, while calls on record are not asked for again, gets an error: they may have
   * been done.
   *
   * @param input - what is asked, for people
   * @returns the text of the answer
   */
  call(
    input: JsonObject,
    make: (call: RuntimeCall) => Promise<string>,
  ): Promise<string>;
}

/**
 * A framework on which agents run: what `spec.framework` of an Agent names.
 *
 * @public
 */
export interface AgentRuntime {
  readonly framework: string;
  /** Why an agent cannot be run, in a sentence, if it cannot. */
  whyNotRunnable?(agent: RuntimeAgent): string | undefined;
  /**
   * Works until there is an answer.
   *
   * @throws AgentCallError to end the run with a sentence
   */
  execute(task: RuntimeTask): Promise<string>;
}

/**
 * Ends a run because an agent that is not run here did not do its part. The message is a
 * sentence for a person.
 *
 * @public
 */
export class AgentCallError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AgentCallError';
  }
}

/**
 * Adds frameworks to the orchestration plugin.
 *
 * @public
 */
export interface AgentRuntimesExtensionPoint {
  addRuntime(runtime: AgentRuntime): void;
}

/**
 * Where modules of the orchestration plugin add frameworks.
 *
 * @public
 */
export const agentRuntimesExtensionPoint =
  createExtensionPoint<AgentRuntimesExtensionPoint>({
    id: 'orchestration.runtimes',
  });
