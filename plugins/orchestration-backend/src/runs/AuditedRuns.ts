import { type AuditLog, digestOf } from '@agentportal/plugin-agents-node';
import type {
  CreatedRun,
  CreateRunRequest,
  RunSummary,
} from '@agentportal/plugin-orchestration-common';
import type {
  AuditorService,
  AuditorServiceEvent,
  LoggerService,
} from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { EndedRun, RunEnd } from '../store/LeaseStore';
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
    fork: async (id, request, context) =>
      audited<CreatedRun>(
        await auditor.createEvent({
          eventId: 'run-fork',
          severityLevel: 'medium',
          meta: {
            forkedFrom: id,
            ...(request.fromStep === undefined
              ? {}
              : { fromStep: request.fromStep }),
            ...(request.model ? { model: request.model } : {}),
            caller: callerName(context.credentials),
          },
        }),
        () => inner.fork(id, request, context),
        ({ id: runId }) => ({ runId }),
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

/** Tells the audit log how runs end, and why; nothing waits for it. */
export function auditEnds(log: AuditLog, logger: LoggerService) {
  return (run: EndedRun, { status, error }: RunEnd): void => {
    const personRef = run.on_behalf_of ?? run.created_by;
    const reason =
      error?.message ??
      (status === 'cancelled' ? 'Somebody asked to stop it.' : undefined);
    const notSucceeded = error && (status === 'failed' ? 'failed' : 'denied');
    log
      .note({
        type: 'run',
        action: 'orchestration.run-end',
        actor: { type: 'agent', ref: run.agent_ref },
        outcome: notSucceeded ?? 'succeeded',
        ...(personRef.startsWith('user:') && { personRef }),
        runId: run.id,
        ...(reason && { reason: reason.slice(0, 4_000) }),
        data: {
          status,
          ...(run.is_rehearsal && { rehearsal: true }),
          ...(error && { error: error.name }),
          ...(run.refused_calls && { refusedCalls: run.refused_calls }),
        },
      })
      .catch(failure =>
        logger.error(
          `The end of run ${run.id} is not in the audit log`,
          failure,
        ),
      );
  };
}

function describeCreate(request: CreateRunRequest) {
  return {
    agentRef: request.agentRef,
    ...(request.threadId ? { threadId: request.threadId } : {}),
    ...(request.onBehalfOf ? { onBehalfOf: request.onBehalfOf } : {}),
    ...(request.rehearsal ? { rehearsal: true } : {}),
    ...(request.candidate
      ? { candidate: digestOf(request.candidate, 'candidate') }
      : {}),
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
