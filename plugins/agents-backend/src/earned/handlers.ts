import type { AgentsOperations } from '@agentportal/plugin-agents-common';
import {
  audited,
  type OperationHandlers,
} from '@agentportal/plugin-agents-node';
import type { AuditorService } from '@backstage/backend-plugin-api';
import { EVALS, requirePlugin, requireService } from '../api/requireService';
import type { EarnedAutonomy } from './EarnedAutonomy';

/** What the plugin that judges agents asks about what they have earned. */
export function earnedHandlers({
  auditor,
  earned,
}: {
  auditor: AuditorService;
  earned: EarnedAutonomy;
}): OperationHandlers<
  Pick<
    AgentsOperations,
    | 'QueryAutonomyEvidence'
    | 'RequestEarnedAutonomy'
    | 'ListEarnedAutonomy'
    | 'EndEarnedAutonomy'
  >
> {
  return {
    QueryAutonomyEvidence: ({ body, credentials }) => {
      requireService(credentials, EVALS);
      return earned.evidence(body.agentRef, Date.parse(body.since));
    },
    RequestEarnedAutonomy: ({ body, credentials }) => {
      requireService(credentials, EVALS);
      return earned.request(body);
    },
    ListEarnedAutonomy: ({ query, credentials }) => {
      requirePlugin(credentials);
      return earned.list(query);
    },
    EndEarnedAutonomy: async ({ path, body, credentials, request }) => {
      requireService(credentials, EVALS);
      await audited(
        auditor,
        {
          eventId: 'earned-autonomy-end',
          severityLevel: 'medium',
          meta: { earnedId: path.id, ...body },
          by: { credentials, request },
        },
        () => earned.end(path.id, body),
        row => ({ agentRef: row?.agent_ref, toolRef: row?.tool_ref }),
      );
    },
  };
}
