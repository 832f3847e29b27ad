import { OrchestrationClient } from '@agentportal/plugin-orchestration-common';
import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import {
  EntityProvider,
  entityRouteRef,
} from '@backstage/plugin-catalog-react';
import { registerMswTestHooks } from '@backstage/test-utils';
import { screen } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { orchestrationApiRef } from '../api';
import { rootRouteRef } from '../routes';
import { AgentRunsTab } from './AgentRunsTab';

const BASE = 'http://portal.test/api/orchestration';
const server = setupServer();
registerMswTestHooks(server);

const SCHEDULE = {
  name: 'daily',
  type: 'schedule',
  cron: '0 7 * * *',
  message: 'x',
};

async function open(spec: object) {
  server.use(http.get(`${BASE}/runs`, () => HttpResponse.json({ items: [] })));
  await renderInTestApp(
    <EntityProvider
      entity={{
        apiVersion: 'agentportal.dev/v1alpha1',
        kind: 'Agent',
        metadata: { name: 'clock', namespace: 'default' },
        spec: { type: 'assistant', ...spec } as never,
      }}
    >
      <AgentRunsTab />
    </EntityProvider>,
    {
      mountedRoutes: {
        '/catalog/:namespace/:kind/:name': entityRouteRef,
        '/runs': rootRouteRef,
      },
      apis: [
        [
          orchestrationApiRef,
          new OrchestrationClient({
            discoveryApi: { getBaseUrl: async () => BASE },
            fetchApi: { fetch: (...args) => fetch(...args) },
          }),
        ],
        mockApis.identity(),
      ],
    },
  );
}

it.each([
  ['asked', {}, 'Ask it something', 'chat'],
  [
    'started by itself',
    { triggers: [SCHEDULE], exampleQuestions: ['What runs low?'] },
    'See what starts it',
    'schedules',
  ],
])(
  'offers to an agent that is %s what leads to a run',
  async (_, spec, words, tab) => {
    await open(spec);
    expect(await screen.findByRole('link', { name: words })).toHaveAttribute(
      'href',
      `/catalog/default/agent/clock/${tab}`,
    );
  },
);
