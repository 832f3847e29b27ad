import { AgentsClient } from '@agentportal/plugin-agents-common';
import { OrchestrationClient } from '@agentportal/plugin-orchestration-common';
import { ApiBlueprint, coreApis } from '@backstage/frontend-plugin-api';
import { agentChoicesApiRef } from './agentChoicesApiRef';
import { orchestrationApiRef } from './orchestrationApiRef';

export const orchestrationApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: orchestrationApiRef,
      deps: { discoveryApi: coreApis.discovery, fetchApi: coreApis.fetch },
      factory: ({ discoveryApi, fetchApi }) =>
        new OrchestrationClient({ discoveryApi, fetchApi }),
    }),
});

export const agentChoicesApi = ApiBlueprint.make({
  name: 'agent-choices',
  params: defineParams =>
    defineParams({
      api: agentChoicesApiRef,
      deps: { discoveryApi: coreApis.discovery, fetchApi: coreApis.fetch },
      factory: ({ discoveryApi, fetchApi }) =>
        new AgentsClient({ discoveryApi, fetchApi }),
    }),
});
