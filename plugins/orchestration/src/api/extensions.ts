import { AgentsClient } from '@agentportal/plugin-agents-common';
import { OrchestrationClient } from '@agentportal/plugin-orchestration-common';
import {
  ApiBlueprint,
  discoveryApiRef,
  fetchApiRef,
} from '@backstage/frontend-plugin-api';
import { agentChoicesApiRef } from './agentChoicesApiRef';
import { orchestrationApiRef } from './orchestrationApiRef';

export const orchestrationApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: orchestrationApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: ({ discoveryApi, fetchApi }) =>
        new OrchestrationClient({ discoveryApi, fetchApi }),
    }),
});

export const agentChoicesApi = ApiBlueprint.make({
  name: 'agent-choices',
  params: defineParams =>
    defineParams({
      api: agentChoicesApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: ({ discoveryApi, fetchApi }) =>
        new AgentsClient({ discoveryApi, fetchApi }),
    }),
});
