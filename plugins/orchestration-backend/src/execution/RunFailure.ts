import type {
  RefusedBudget,
  RunError,
} from '@agentportal/plugin-orchestration-common';
import { type ErrorLike, isError } from '@backstage/errors';

/** The stable names under which runs fail. */
export type RunFailureName =
  | 'QuotaExceeded'
  | 'LoopDetected'
  | 'LeaseLost'
  | 'WorkersLost'
  | 'DelegationEnded'
  | 'ModelCallFailed'
  | 'AnswerIncomplete'
  | 'ToolsUnavailable'
  | 'AgentCallFailed'
  | 'NodeFailed'
  | 'NotNeeded'
  | 'InternalError';

/** Ends a run, with a sentence for a person. */
export class RunFailure extends Error {
  readonly #budget?: RefusedBudget;

  constructor(
    name: RunFailureName,
    message: string,
    options?: ErrorOptions & { budget?: RefusedBudget },
  ) {
    super(message, options);
    this.name = name;
    this.#budget = options?.budget;
  }

  toRunError(): RunError {
    return {
      name: this.name,
      message: this.message,
      ...(this.#budget && { budget: this.#budget }),
    };
  }
}

/** The reason with which a run is aborted because somebody asked for it. */
export class RunCancelled extends Error {
  constructor() {
    super('The run was cancelled.');
    this.name = 'RunCancelled';
  }
}

/**
 * The reason with which a process lets go of a run in the middle: it goes on in
 * another one, or in the same when it is back.
 */
export class RunLetGo extends Error {
  constructor() {
    super('The run goes on elsewhere.');
    this.name = 'RunLetGo';
  }
}

/** Why a process stops working on a run that it could not keep. */
export function leaseLost(): RunFailure {
  return new RunFailure(
    'LeaseLost',
    'Another process of the portal works on this run.',
  );
}

/** Why a run ends that no process survives. */
export function workersLost(times: number): RunFailure {
  return new RunFailure(
    'WorkersLost',
    `The part of the portal that worked on this run stopped ${times} times in the middle of it, so it was given up. Its last call may have gone through. Tell the people who run the portal the id of this run.`,
  );
}

/** What is said of a step that was under way when its process stopped. */
export function stepCut(): RunFailure {
  return new RunFailure(
    'WorkersLost',
    'The part of the portal that worked on this stopped in the middle of it. The run went on elsewhere.',
  );
}

/** Why a call is not made again that a process began and did not see the end of. */
export function effectUnknown(toolName: string): RunFailure {
  return new RunFailure(
    'WorkersLost',
    `Nobody knows whether ${toolName} was done: the call was cut off in the middle, and doing it twice could do harm, so it was not made again. Look whether it was done, or say that it is not known.`,
  );
}

/** Why a run ends whose agent may not work on it any more. */
export function delegationEnded(reason: Error): RunFailure {
  return new RunFailure('DelegationEnded', reason.message, { cause: reason });
}

/**
 * Finds our own reason in what a framework threw: LangChain wraps the errors of
 * middleware, puts those of parallel calls into one, and reports an abort in
 * its own words.
 */
export function findRunFailure(error: unknown): RunFailure | undefined {
  return findCause(error, each =>
    each instanceof RunFailure ? each : undefined,
  );
}

/** Why something is stopped by this process, while the rest of the run may go on. */
export function stopOf({ reason }: AbortSignal): RunFailure | undefined {
  const failure = findRunFailure(reason);
  return failure?.name === leaseLost().name ? undefined : failure;
}

/** Finds in what a framework threw that the run is to go on elsewhere. */
export function findLetGo(error: unknown): RunLetGo | undefined {
  return findCause(error, each =>
    each instanceof RunLetGo ? each : undefined,
  );
}

/** The first answer to a question about an error, its causes and its parts. */
export function findCause<T>(
  error: unknown,
  ask: (error: ErrorLike) => T | undefined,
): T | undefined {
  const queue = [error];
  for (let i = 0; i < queue.length && i < 100; i += 1) {
    const each = queue[i];
    // Those of Node.js itself may come from another realm, and are no instances then.
    if (isError(each)) {
      const answer = ask(each);
      if (answer !== undefined) {
        return answer;
      }
      const { cause, errors } = each;
      queue.push(cause, ...(Array.isArray(errors) ? errors : []));
    }
  }
  return undefined;
}
