import {
  type AgentPublication,
  AgentsClient,
  ApprovalsClient,
} from '@agentportal/plugin-agents-common';
import { approvalsApiRef } from '@agentportal/plugin-agents-react';
import { ModelsClient } from '@agentportal/plugin-models-common';
import { OrchestrationClient } from '@agentportal/plugin-orchestration-common';
import { ToolsClient } from '@agentportal/plugin-tools-common';
import type { Entity } from '@backstage/catalog-model';
import { createRouteRef } from '@backstage/frontend-plugin-api';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import {
  EntityProvider,
  catalogApiRef,
  entityRouteRef,
} from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import { registerMswTestHooks } from '@backstage/test-utils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import type { ReactElement } from 'react';
import { agentActivityApiRef, agentsApiRef } from '../api';
import { DefaultAgentActivity } from '../api/DefaultAgentActivity';
import { AgentOverview } from './AgentOverview';
import { ModelOverview } from './ModelOverview';
import { ToolOverview } from './ToolOverview';

const BASE = 'http://portal.test/api';
const server = setupServer();
registerMswTestHooks(server);

function entity(kind: string, name: string, spec: object, more = {}): Entity {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind,
    metadata: { name, namespace: 'default', ...more },
    spec: { lifecycle: 'production', owner: 'group:default/care', ...spec },
  } as Entity;
}

const AGENT = entity('Agent', 'order-desk', {
  type: 'assistant',
  autonomy: 'supervised',
  model: 'model:default/balanced',
  tools: ['tool:default/orders.find_order', 'tool:default/orders.refund'],
});
const FIND = entity(
  'Tool',
  'orders.find_order',
  {
    type: 'mcp',
    riskTier: 'read',
    providedBy: 'api:default/orders',
    toolName: 'find_order',
  },
  { title: 'Find order', description: 'Looks up one order.' },
);
const REFUND = entity(
  'Tool',
  'orders.refund',
  {
    type: 'mcp',
    riskTier: 'critical',
    providedBy: 'api:default/orders',
    toolName: 'refund',
  },
  { title: 'Refund' },
);
const BALANCED = entity('Model', 'balanced', {
  type: 'route',
  candidates: ['openai/gpt-5.1', 'builtin/extractive'],
});

let publication: AgentPublication;
beforeEach(() => {
  publication = { holds: 'all' };
});

function serve() {
  server.use(
    http.get(`${BASE}/orchestration/stats`, ({ request }) => {
      const days = Number(new URL(request.url).searchParams.get('days'));
      return HttpResponse.json({
        items: [
          {
            agentRef: 'agent:default/order-desk',
            runs: 40,
            succeeded: 36,
            failed: 4,
            medianDurationMs: 2400,
            costNanoUsd: 0,
            daily: Array.from({ length: days }, (_, index) => ({
              day: `day ${index}`,
              runs: index >= days - 14 ? 2 : 0,
              succeeded:
                index >= days - 14 ? 2 - (index === days - 1 ? 1 : 0) : 0,
              failed: index === days - 1 ? 1 : 0,
            })),
          },
        ],
      });
    }),
    http.get(`${BASE}/orchestration/runs`, () =>
      HttpResponse.json({
        items: [
          {
            id: 'run-1',
            agentRef: 'agent:default/order-desk',
            threadId: 't',
            status: 'succeeded',
            createdBy: 'user:default/guest',
            input: { message: 'Where is NH-10042?' },
            usage: {
              inputTokens: 1,
              outputTokens: 1,
              costNanoUsd: 0,
              modelCalls: 1,
              toolCalls: 1,
            },
            createdAt: '2026-11-22T10:00:00Z',
            durationMs: 1200,
          },
        ],
      }),
    ),
    http.get(`${BASE}/models/costs`, () =>
      HttpResponse.json({
        items: [
          {
            key: 'agent:default/order-desk',
            calls: 1,
            inputTokens: 1,
            outputTokens: 1,
            costNanoUsd: 3_500_000_000,
          },
        ],
        totals: { calls: 1, inputTokens: 1, outputTokens: 1, costNanoUsd: 1 },
      }),
    ),
    http.get(`${BASE}/models/models/:id`, () =>
      HttpResponse.json({
        id: 'balanced',
        ref: 'model:default/balanced',
        name: 'balanced',
        title: 'Balanced',
        provider: 'route',
        type: 'route',
        status: 'available',
        capabilities: [],
        price: null,
        source: 'catalog',
        ignored: ['Its price is not believed.', 'Nor is its context window.'],
        route: {
          strategy: 'priority',
          candidates: [
            { id: 'openai/gpt-5.1', available: false },
            { id: 'builtin/extractive', available: true },
          ],
        },
        usage30d: {
          calls: 12,
          inputTokens: 1,
          outputTokens: 1,
          costNanoUsd: 0,
        },
      }),
    ),
    http.get(`${BASE}/tools/tools/orders.find_order`, () =>
      HttpResponse.json({
        ref: 'tool:default/orders.find_order',
        name: 'orders.find_order',
        status: 'stale',
        lastSeenAt: '2026-11-22T10:00:00Z',
        inputSchema: { type: 'object', required: ['orderId'] },
      }),
    ),
    http.get(`${BASE}/agents/agents/default/order-desk/publication`, () =>
      HttpResponse.json(publication),
    ),
    http.post(`${BASE}/agents/agents/default/order-desk/publication`, () => {
      publication.request!.status = 'pending';
      return HttpResponse.json(publication.request, { status: 201 });
    }),
    http.get(`${BASE}/agents/agents`, ({ request }) => {
      const { searchParams } = new URL(request.url);
      const uses = searchParams.has('tool') || searchParams.has('model');
      return HttpResponse.json({
        items: uses
          ? [
              {
                ref: 'agent:default/order-desk',
                name: 'order-desk',
                namespace: 'default',
                title: 'Order Desk',
                description: '',
                type: 'assistant',
                ownerRef: 'group:default/care',
                lifecycle: 'production',
                autonomy: 'supervised',
                toolRefs: [],
                tags: [],
                mine: false,
              },
            ]
          : [],
        totalItems: uses ? 1 : 0,
      });
    }),
  );
}

async function open(subject: Entity, element: ReactElement) {
  serve();
  const options = {
    discoveryApi: {
      getBaseUrl: async (pluginId: string) => `${BASE}/${pluginId}`,
    },
    fetchApi: { fetch: (...args: Parameters<typeof fetch>) => fetch(...args) },
  };
  return renderInTestApp(
    <EntityProvider entity={subject}>{element}</EntityProvider>,
    {
      mountedRoutes: {
        '/catalog/:namespace/:kind/:name': entityRouteRef,
        '/elsewhere': createRouteRef(),
      },
      apis: [
        [catalogApiRef, catalogApiMock({ entities: [AGENT, FIND, REFUND] })],
        [agentsApiRef, new AgentsClient(options)],
        [approvalsApiRef, new ApprovalsClient(options)],
        [
          agentActivityApiRef,
          new DefaultAgentActivity({
            runs: new OrchestrationClient(options),
            models: new ModelsClient(options),
            tools: new ToolsClient(options),
          }),
        ],
      ],
    },
  );
}

describe('the overview of an agent', () => {
  it('says in sentences what the agent may do, with its tools by risk', async () => {
    await open(AGENT, <AgentOverview cards={[]} />);
    const rights = screen.getByRole('region', { name: 'What it may do' });
    expect(
      await within(rights).findByText(
        'May read by itself. May make critical calls only after a person approves.',
      ),
    ).toBeInTheDocument();
    expect(
      within(rights).getByRole('link', { name: 'Find order' }),
    ).toHaveAttribute('href', '/catalog/default/tool/orders.find_order');
    expect(
      within(rights).getByText('Not without the approval of a person.'),
    ).toBeInTheDocument();
  });

  it('shows how the agent is doing, with periods', async () => {
    await open(AGENT, <AgentOverview cards={[]} />);
    const success = await screen.findByRole('group', { name: 'Success rate' });
    expect(await within(success).findByText('96 %')).toBeInTheDocument();
    expect(within(success).getByText('last 14 days')).toBeInTheDocument();
    expect(
      within(screen.getByRole('group', { name: 'Median time' })).getByText(
        '2.4 s',
      ),
    ).toBeInTheDocument();
    expect(
      await within(screen.getByRole('group', { name: 'Cost' })).findByText(
        '$3.50',
      ),
    ).toBeInTheDocument();
    expect(await screen.findByText('Where is NH-10042?')).toBeInTheDocument();
  });

  it('says that not all of its file is approved, and asks once more', async () => {
    publication = {
      holds: 'part',
      request: {
        id: 'a1',
        kind: 'publication',
        status: 'rejected',
        title: 'Order Desk would change: tools.',
        reason: 'user:default/lea rejected it: Not that tool.',
        digest: `sha256:${'0'.repeat(64)}`,
        askedOf: ['group:default/care'],
        expiresAt: '2026-11-29T10:00:00Z',
      },
    };
    await open(AGENT, <AgentOverview cards={[]} />);
    const section = await screen.findByRole('region', { name: 'Publication' });
    expect(
      within(section).getByText(/it works as it was approved before/),
    ).toBeInTheDocument();
    expect(within(section).getByText(/Not that tool/)).toBeInTheDocument();
    await userEvent.click(
      within(section).getByRole('button', { name: 'Ask once more' }),
    );
    await waitFor(() =>
      expect(within(section).queryByRole('button')).not.toBeInTheDocument(),
    );
  });

  it('says nothing of publication where all of its file holds', async () => {
    await open(AGENT, <AgentOverview cards={[]} />);
    await screen.findByText('Where is NH-10042?');
    expect(
      screen.queryByRole('region', { name: 'Publication' }),
    ).not.toBeInTheDocument();
  });

  it('keeps the cards that an adopter installed', async () => {
    await open(
      AGENT,
      <AgentOverview cards={[{ element: <p>a card of theirs</p> }]} />,
    );
    expect(screen.getByText('a card of theirs')).toBeInTheDocument();
  });
});

describe('the overviews of tools and models', () => {
  it('tells what a tool does, how risky it is and who uses it', async () => {
    await open(FIND, <ToolOverview cards={[]} />);
    expect(screen.getByText('Looks up one order.')).toBeInTheDocument();
    expect(screen.getByText('Reads, changes nothing.')).toBeInTheDocument();
    // The schema and the state are the gateway's, not the catalog's.
    expect(await screen.findByText(/"orderId"/)).toBeInTheDocument();
    expect(screen.getByText('Not seen lately')).toBeInTheDocument();
    expect(
      await screen.findByRole('link', { name: 'Order Desk' }),
    ).toHaveAttribute('href', '/catalog/default/agent/order-desk');
  });

  it('says what of its file is not believed', async () => {
    await open(BALANCED, <ModelOverview cards={[]} />);
    expect(
      await screen.findByText(
        'Its price is not believed. Nor is its context window.',
      ),
    ).toBeInTheDocument();
  });

  it('tells where the calls of a route go', async () => {
    await open(BALANCED, <ModelOverview cards={[]} />);
    const section = screen.getByRole('region', { name: 'Where a call goes' });
    expect(
      await within(section).findByText('Not configured or not answering'),
    ).toBeInTheDocument();
    expect(within(section).getByText('Available')).toBeInTheDocument();
    expect(screen.getByText('12 calls, $0')).toBeInTheDocument();
  });
});
