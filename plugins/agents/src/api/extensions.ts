import {
  AgentsClient,
  ApprovalsClient,
} from '@agentportal/plugin-agents-common';
import { approvalsApiRef } from '@agentportal/plugin-agents-react';
import { ModelsClient } from '@agentportal/plugin-models-common';
import { OrchestrationClient } from '@agentportal/plugin-orchestration-common';
import { ToolsClient } from '@agentportal/plugin-tools-common';
import { ApiBlueprint, coreApis } from '@backstage/frontend-plugin-api';
import { DefaultAgentActivity } from './DefaultAgentActivity';
import { agentActivityApiRef } from './agentActivityApiRef';
import { agentsApiRef } from './agentsApiRef';

export const agentsApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: agentsApiRef,
      deps: { discoveryApi: coreApis.discovery, fetchApi: coreApis.fetch },
      factory: ({ discoveryApi, fetchApi }) =>
        new AgentsClient({ discoveryApi, fetchApi }),
    }),
});

export const approvalsApi = ApiBlueprint.make({
  name: 'approvals',
  params: defineParams =>
    defineParams({
      api: approvalsApiRef,
      deps: { discoveryApi: coreApis.discovery, fetchApi: coreApis.fetch },
      factory: ({ discoveryApi, fetchApi }) =>
        new ApprovalsClient({ discoveryApi, fetchApi }),
    }),
});

export const agentActivityApi = ApiBlueprint.make({
  name: 'activity',
  params: defineParams =>
    defineParams({
      api: agentActivityApiRef,
      deps: { discoveryApi: coreApis.discovery, fetchApi: coreApis.fetch },
      factory: ({ discoveryApi, fetchApi }) =>
        new DefaultAgentActivity({
          runs: new OrchestrationClient({ discoveryApi, fetchApi }),
          models: new ModelsClient({ discoveryApi, fetchApi }),
          tools: new ToolsClient({ discoveryApi, fetchApi }),
        }),
    }),
});
