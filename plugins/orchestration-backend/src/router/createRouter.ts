import { createOpenApiRouter, jsonBody } from '@agentportal/plugin-agents-node';
import type { OrchestrationOperations } from '@agentportal/plugin-orchestration-common';
import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type { Request, Response, Router } from 'express';
import type { AgentDirectory } from '../agents/AgentDirectory';
import { rerun } from '../runs/rerun';
import type { Runs } from '../runs/Runs';
import type { Triggers } from '../triggers/Triggers';
import { spec } from '../schema/openapi.generated';
import { checkWorkflow } from '../workflows/checkWorkflow';
import { tellWhenToTryAgain } from '../TooManyRequestsError';

/** The HTTP API. */
export function createRouter(options: {
  runs: Runs;
  agents: AgentDirectory;
  triggers: Triggers;
  httpAuth: HttpAuthService;
  streamEvents: (
    runId: string,
    request: Request,
    response: Response,
  ) => Promise<void>;
}): Router {
  const { agents, runs, triggers, httpAuth, streamEvents } = options;
  return createOpenApiRouter<OrchestrationOperations>({
    spec,
    httpAuth,
    // A message may have 100,000 characters, of up to four bytes each.
    middleware: [jsonBody('1mb')],
    handlers: {
      createRun: ({ body, credentials }) => runs.create(body, { credentials }),
      listRuns: ({ query, credentials }) => runs.list(query, { credentials }),
      getRun: ({ path, credentials }) => runs.get(path.id, { credentials }),
      streamRunEvents: async ({ path, credentials, request, response }) => {
        await runs.requireReadable(path.id, { credentials });
        await streamEvents(path.id, request, response);
      },
      cancelRun: ({ path, credentials }) =>
        runs.cancel(path.id, { credentials }),
      retryRun: ({ path, body, credentials }) =>
        runs.fork(path.id, body, { credentials }),
      forkRun: ({ path, body, credentials }) =>
        runs.fork(path.id, body, { credentials }),
      rerunRuns: ({ body, credentials }) => rerun(runs, body, { credentials }),
      validateWorkflow: ({ body, credentials }) =>
        checkWorkflow(agents, body, credentials),
      listThreads: ({ query, credentials }) =>
        runs.listThreads(query, { credentials }),
      getThread: ({ path, credentials }) =>
        runs.getThread(path.id, { credentials }),
      listTriggers: ({ query, credentials }) =>
        triggers.list(query, { credentials }),
      listFirings: ({ path, query, credentials }) =>
        triggers.firings(path.id, query, { credentials }),
      pauseTrigger: ({ path, body, credentials }) =>
        triggers.pause(path.id, body.reason, { credentials }),
      resumeTrigger: ({ path, credentials }) =>
        triggers.resume(path.id, { credentials }),
      fireTrigger: ({ path, credentials }) =>
        triggers.fire(path.id, { credentials }),
      makeTriggerSecret: ({ path, credentials }) =>
        triggers.makeSecret(path.id, { credentials }),
      getStats: ({ query, credentials }) =>
        runs.stats(
          {
            agentRefs: query.agentRef,
            days: query.days!,
            endsDaysAgo: query.endsDaysAgo,
          },
          { credentials },
        ),
    },
  }).use(tellWhenToTryAgain);
}
