import type {
  AgentStats,
  CreatedRun,
  CreateRunRequest,
  ForkRunRequest,
  Run,
  RunList,
  RunSummary,
  Thread,
  ThreadList,
} from '@agentportal/plugin-orchestration-common';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import { NotFoundError } from '@backstage/errors';
import type { RunListQuery } from '../store/RunStore';
import type { RunFilter } from '../store/runFilter';

/** Who asks. */
export interface CallContext {
  credentials: BackstageCredentials;
  /**
   * Asked before the work begins, with the credentials that it will have.
   *
   * @throws NotAllowedError when it may not
   */
  admit?(credentials: BackstageCredentials): Promise<void>;
}

/**
 * Everything that can be done with runs and conversations. The HTTP API and the
 * actions registry are two faces of it.
 */
export interface Runs {
  create(request: CreateRunRequest, context: CallContext): Promise<CreatedRun>;
  list(query: RunListQuery, context: CallContext): Promise<RunList>;
  get(id: string, context: CallContext): Promise<Run>;
  /** Throws when there is no such run for the caller. */
  requireReadable(id: string, context: CallContext): Promise<void>;
  cancel(id: string, context: CallContext): Promise<RunSummary>;
  /** Repeats a run from one of its steps, as a run of its own. */
  fork(
    id: string,
    request: ForkRunRequest,
    context: CallContext,
  ): Promise<CreatedRun>;
  listThreads(
    query: { agentRef?: string; limit: number; cursor?: string },
    context: CallContext,
  ): Promise<ThreadList>;
  getThread(id: string, context: CallContext): Promise<Thread>;
  stats(
    query: {
      agentRefs: string[];
      days: number;
      endsDaysAgo?: number;
      allowed?: PermissionCriteria<RunFilter>;
    },
    context: CallContext,
  ): Promise<{ items: AgentStats[] }>;
}

/** The same words whether a run is not there or may not be seen. */
export function noSuchRun(id: string): NotFoundError {
  return new NotFoundError(`There is no run ${id}, or you may not see it.`);
}
