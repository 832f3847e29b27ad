import type {
  CreatedRun,
  CreateRunRequest,
  RunSummary,
} from '@agentportal/plugin-orchestration-common';
import type {
  AuditorService,
  AuditorServiceEvent,
} from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import { callerName } from './caller';
import type { CallContext, Runs } from './Runs';

/**
 * Tells the auditor who starts and stops runs, and who tried and was refused.
 * What was asked is not told: that stays in the run, under its permissions.
 */
export function auditRuns(inner: Runs, auditor: AuditorService): Runs {
  return {
    create: async (request, context) =>
      audited<CreatedRun>(
        await auditor.createEvent({
          eventId: 'run-create',
          severityLevel: 'medium',
          meta: {
            ...describeCreate(request),
            caller: callerName(context.credentials),
          },
        }),
        () => inner.create(request, context),
        ({ id }) => ({ runId: id }),
      ),
    cancel: async (id, context) =>
      audited<RunSummary>(
        await auditor.createEvent({
          eventId: 'run-cancel',
          severityLevel: 'medium',
          meta: { runId: id, caller: callerName(context.credentials) },
        }),
        () => inner.cancel(id, context),
        ({ status, agentRef }) => ({ status, agentRef }),
      ),
    list: (query, context) => inner.list(query, context),
    get: (id, context) => inner.get(id, context),
    requireReadable: (id, context: CallContext) =>
      inner.requireReadable(id, context),
    listThreads: (query, context) => inner.listThreads(query, context),
    getThread: (id, context) => inner.getThread(id, context),
    stats: (query, context) => inner.stats(query, context),
  };
}

function describeCreate(request: CreateRunRequest) {
  return {
    agentRef: request.agentRef,
    ...(request.threadId ? { threadId: request.threadId } : {}),
    ...(request.onBehalfOf ? { onBehalfOf: request.onBehalfOf } : {}),
  };
}

async function audited<T>(
  event: AuditorServiceEvent,
  act: () => Promise<T>,
  describe: (result: T) => Record<string, string>,
): Promise<T> {
  try {
    const result = await act();
    await event.success({ meta: describe(result) });
    return result;
  } catch (error) {
    await event.fail({ error: toError(error) });
    throw error;
  }
}
