import type { RunError } from '@agentportal/plugin-orchestration-common';

/** The stable names under which runs fail. */
export type RunFailureName =
  | 'QuotaExceeded'
  | 'LoopDetected'
  | 'RunInterrupted'
  | 'ModelCallFailed'
  | 'ToolsUnavailable'
  | 'AgentMisconfigured'
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

/**
 * Finds our own reason in what a framework threw: LangChain wraps the errors of
 * middleware, and reports an abort in its own words.
 */
export function findRunFailure(error: unknown): RunFailure | undefined {
  for (let e = error, depth = 0; e instanceof Error && depth < 10; depth += 1) {
    if (e instanceof RunFailure) {
      return e;
    }
    e = e.cause;
  }
  return undefined;
}
