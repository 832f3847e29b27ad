import type { ServerRecord, ToolRecord } from '../registry/records';
import { toUpstreamError } from '../upstream/toUpstreamError';

/** A failed call in a sentence for models and people, and its ledger code. */
export function describeCallFailure(options: {
  error: unknown;
  tool: ToolRecord;
  server: ServerRecord;
  /** Whether the caller went away. */
  cancelled: boolean;
  timeoutMs: number;
}): { text: string; code: string } {
  const { tool, server } = options;
  if (options.cancelled) {
    return {
      code: 'aborted',
      text: `The call of ${tool.name} was cancelled. It may have run all the same.`,
    };
  }
  const failure = toUpstreamError(options.error);
  if (failure.code === 'timeout') {
    return {
      code: 'timeout',
      text: `The server ${server.name} did not answer ${tool.name} within ${
        options.timeoutMs / 1000
      } seconds. The tool may have run all the same, so check before you call it again.`,
    };
  }
  if (failure.isOutage) {
    const since = iso(server.downSince ?? Date.now());
    const last = server.lastSeenAt
      ? `its last answer was ${iso(server.lastSeenAt)}`
      : 'it has never answered';
    return {
      code: failure.code,
      text: `The server ${server.name} is not answering since ${since}: ${failure.message}; ${last}. Try again later.`,
    };
  }
  return {
    code: failure.code,
    text: `The server ${server.name} could not run ${tool.name}: ${failure.message}.`,
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
