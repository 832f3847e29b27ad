import type { RunError } from '@agentportal/plugin-orchestration-common';

/** The stable names under which runs fail. */
export type RunFailureName =
  | 'QuotaExceeded'
  | 'LoopDetected'
  | 'RunInterrupted'
  | 'LeaseLost'
  | 'DelegationEnded'
  | 'ModelCallFailed'
  | 'AnswerIncomplete'
  | 'ToolsUnavailable'
  | 'InternalError';

/** Ends a run, with a sentence for a person. */
export class RunFailure extends Error {
  constructor(name: RunFailureName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }

  toRunError(): RunError {
    return { name: this.name, message: this.message };
  }
}

/** The reason with which a run is aborted because somebody asked for it. */
export class RunCancelled extends Error {
  constructor() {
    super('The run was cancelled.');
    this.name = 'RunCancelled';
  }
}

/** Why a run ends whose process is about to go, or has been started anew. */
export function interrupted(): RunFailure {
  return new RunFailure(
    'RunInterrupted',
    'The portal was restarted while this run was under way. Nothing is still running. Start it again.',
  );
}

/** Why a run ends whose process gave no sign of life for too long. */
export function leaseLost(leaseSeconds: number): RunFailure {
  return new RunFailure(
    'LeaseLost',
    `The part of the portal that worked on this run has not been heard from for ${leaseSeconds} ${
      leaseSeconds === 1 ? 'second' : 'seconds'
    }: it stopped, or was too busy. Its last call may have gone through. Start the run again.`,
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

/** The first answer to a question about an error, its causes and its parts. */
export function findCause<T>(
  error: unknown,
  ask: (error: Error) => T | undefined,
): T | undefined {
  const queue = [error];
  for (let i = 0; i < queue.length && i < 100; i += 1) {
    const each = queue[i];
    if (each instanceof Error) {
      const answer = ask(each);
      if (answer !== undefined) {
        return answer;
      }
      queue.push(
        each.cause,
        ...(each instanceof AggregateError ? each.errors : []),
      );
    }
  }
  return undefined;
}
