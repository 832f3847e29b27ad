import {
  AgentsClient,
  type AgentSummary,
} from '@agentportal/plugin-agents-common';
import { ModelsClient } from '@agentportal/plugin-models-common';
import { OrchestrationClient } from '@agentportal/plugin-orchestration-common';
import { ToolsClient } from '@agentportal/plugin-tools-common';
import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { registerMswTestHooks } from '@backstage/test-utils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { agentActivityApiRef, agentsApiRef } from '../api';
import { DefaultAgentActivity } from '../api/DefaultAgentActivity';
import { AgentsPage } from './AgentsPage';

const BASE = 'http://portal.test/api';
const server = setupServer();
registerMswTestHooks(server);

function agent(name: string, fields: Partial<AgentSummary> = {}): AgentSummary {
  return {
    ref: `agent:default/${name}`,
    name,
    namespace: 'default',
    title: `The ${name}`,
    description: `What ${name} is for`,
    type: 'assistant',
    ownerRef: 'group:default/customer-care',
    lifecycle: 'production',
    autonomy: 'supervised',
    toolRefs: [],
    tags: [],
    mine: false,
    standing: { state: 'active', allowed: true },
    ...fields,
  };
}

const FACETS = {
  owner: [
    { value: 'group:default/customer-care', label: 'Customer Care', count: 2 },
  ],
  domain: [],
  system: [],
  lifecycle: [{ value: 'production', count: 3 }],
  autonomy: [],
  model: [],
  tool: [],
  type: [],
};

/** Providers of models, and whether theirs answers. */
let models: Array<[provider: string, status: string]> = [];

/** Answers like the backends do, and remembers what was asked. */
function serveAgents(pages: (url: URL) => unknown) {
  const asked = { agents: [] as URL[], stats: [] as URL[] };
  server.use(
    http.get(`${BASE}/agents/agents`, ({ request }) => {
      const url = new URL(request.url);
      asked.agents.push(url);
      return HttpResponse.json(pages(url) as object);
    }),
    http.get(`${BASE}/agents/agents/facets`, () =>
      HttpResponse.json({ facets: FACETS }),
    ),
    http.get(`${BASE}/orchestration/stats`, ({ request }) => {
      const url = new URL(request.url);
      asked.stats.push(url);
      return HttpResponse.json({
        items: url.searchParams.getAll('agentRef').map(agentRef => ({
          agentRef,
          runs: 6,
          succeeded: 6,
          failed: 0,
          costNanoUsd: 0,
          daily: [{ day: '2026-11-22', runs: 6, succeeded: 6, failed: 0 }],
        })),
      });
    }),
    http.get(`${BASE}/models/models`, () =>
      HttpResponse.json({
        items: models.map(([provider, status]) => ({ provider, status })),
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
            costNanoUsd: 1_250_000_000,
          },
        ],
        totals: { calls: 1, inputTokens: 1, outputTokens: 1, costNanoUsd: 1 },
        visible: 'all',
      }),
    ),
  );
  return asked;
}

async function open(path = '/agents') {
  const options = {
    discoveryApi: {
      getBaseUrl: async (pluginId: string) => `${BASE}/${pluginId}`,
    },
    fetchApi: { fetch: (...args: Parameters<typeof fetch>) => fetch(...args) },
  };
  return renderInTestApp(<AgentsPage />, {
    initialRouteEntries: [path],
    mountPath: '/agents',
    mountedRoutes: { '/catalog/:namespace/:kind/:name': entityRouteRef },
    apis: [
      [agentsApiRef, new AgentsClient(options)],
      [
        agentActivityApiRef,
        new DefaultAgentActivity({
          runs: new OrchestrationClient(options),
          models: new ModelsClient(options),
          tools: new ToolsClient(options),
        }),
      ],
      mockApis.permission(),
    ],
  });
}

describe('the Agents page', () => {
  afterEach(() => {
    models = [];
    localStorage.clear();
  });

  it('says that a toy answers until somebody knows, and not where a real model does', async () => {
    serveAgents(() => ({ items: [], totalItems: 0 }));
    models = [
      ['builtin', 'available'],
      ['openai', 'unavailable'],
    ];
    const { unmount } = await open();
    expect(await screen.findByText('The demo model answers')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'I know' }));
    expect(screen.queryByText('The demo model answers')).toBeNull();
    unmount();
    localStorage.clear();
    models = [...models, ['anthropic', 'available']];
    await open();
    expect(await screen.findByText('0 agents')).toBeVisible();
    expect(screen.queryByText('The demo model answers')).toBeNull();
  });

  it("shows one's own agents first, with their numbers from one request each", async () => {
    const asked = serveAgents(() => ({
      items: [agent('order-desk', { mine: true }), agent('fraud-check')],
      totalItems: 2,
    }));
    await open();

    const mine = await screen.findByRole('region', { name: 'Yours' });
    expect(within(mine).getAllByRole('article')).toHaveLength(1);
    expect(
      within(mine).getByRole('link', { name: 'The order-desk' }),
    ).toHaveAttribute('href', '/catalog/default/agent/order-desk');
    const others = screen.getByRole('region', { name: 'Others' });
    expect(within(others).getByText('The fraud-check')).toBeInTheDocument();
    expect(screen.getByText('2 agents')).toBeInTheDocument();

    expect(await within(mine).findByText('$1.25')).toBeInTheDocument();
    expect(within(others).getByText('$0')).toBeInTheDocument();
    expect(within(mine).getByText('Working normally')).toBeInTheDocument();
    expect(
      within(mine).getByRole('img', {
        name: /Runs of The order-desk.*total 6/,
      }),
    ).toBeInTheDocument();
    expect(asked.stats).toHaveLength(1);
    expect(asked.agents[0].searchParams.get('mine')).toBe('first');
  });

  it('filters on the server and keeps the filters in the URL', async () => {
    const asked = serveAgents(url => ({
      items: url.searchParams.has('owner')
        ? [agent('order-desk')]
        : [agent('order-desk'), agent('fraud-check')],
      totalItems: url.searchParams.has('owner') ? 1 : 2,
    }));
    await open('/agents?view=cards');
    await userEvent.click(await screen.findByLabelText('Customer Care'));
    expect(await screen.findByText('1 agent')).toBeInTheDocument();
    expect(asked.agents.at(-1)?.searchParams.getAll('owner')).toEqual([
      'group:default/customer-care',
    ]);
  });

  it('opens with the filters of its URL, and clears them', async () => {
    const asked = serveAgents(url => ({
      items: url.searchParams.has('q') ? [] : [agent('order-desk')],
      totalItems: url.searchParams.has('q') ? 0 : 1,
    }));
    await open('/agents?q=unicorn&lifecycle=production');
    expect(await screen.findByText('No agent matches')).toBeInTheDocument();
    expect(asked.agents[0].searchParams.get('q')).toBe('unicorn');
    expect(asked.agents[0].searchParams.get('lifecycle')).toBe('production');

    await userEvent.click(
      screen.getByRole('button', { name: 'Clear search and filters' }),
    );
    expect(await screen.findByText('The order-desk')).toBeInTheDocument();
    expect(screen.getByRole('searchbox')).toHaveValue('');
  });

  it('loads further pages with the cursor and asks for their numbers only', async () => {
    const asked = serveAgents(url =>
      url.searchParams.get('cursor') === 'page-2'
        ? { items: [agent('second')], totalItems: 2 }
        : { items: [agent('first')], totalItems: 2, nextCursor: 'page-2' },
    );
    await open();
    await userEvent.click(
      await screen.findByRole('button', { name: 'Load more' }),
    );
    expect(await screen.findByText('The second')).toBeInTheDocument();
    expect(screen.getByText('The first')).toBeInTheDocument();
    await waitFor(() => expect(asked.stats).toHaveLength(2));
    expect(asked.stats[1].searchParams.getAll('agentRef')).toEqual([
      'agent:default/second',
    ]);
    expect(
      screen.queryByRole('button', { name: 'Load more' }),
    ).not.toBeInTheDocument();
  });

  it('shows the same agents as a table', async () => {
    serveAgents(() => ({ items: [agent('order-desk')], totalItems: 1 }));
    await open('/agents?view=table');
    expect(
      await screen.findByRole('rowheader', { name: /The order-desk/ }),
    ).toBeInTheDocument();
    expect(screen.queryByRole('article')).not.toBeInTheDocument();
  });

  it.each(['cards', 'table'])(
    'says who suspended an agent and why instead of how it worked, in %s',
    async view => {
      serveAgents(() => ({
        items: [
          agent('order-desk', {
            standing: {
              state: 'suspended',
              allowed: false,
              suspended: {
                at: new Date().toISOString(),
                by: 'user:default/dana',
                reason: 'Refunds look odd',
              },
            },
          }),
        ],
        totalItems: 1,
      }));
      await open(`/agents?view=${view}`);
      const shown = await screen.findByRole(
        view === 'cards' ? 'article' : 'row',
        { name: /The order-desk/ },
      );
      expect(await within(shown).findByText('Suspended')).toBeVisible();
      expect(shown).toHaveTextContent(
        /Suspended by dana just now: Refunds look odd/,
      );
      // Its numbers have come, and change nothing about it.
      expect(
        await within(shown).findByRole('img', { name: /total 6/ }),
      ).toBeInTheDocument();
      expect(shown).not.toHaveTextContent(/Working normally|In production/);
    },
  );

  it('says what happened when agents cannot be loaded, and tries again', async () => {
    serveAgents(() => ({ items: [agent('order-desk')], totalItems: 1 }));
    server.use(
      http.get(
        `${BASE}/agents/agents`,
        () =>
          HttpResponse.json(
            { error: { name: 'ServiceUnavailableError', message: 'too busy' } },
            { status: 503 },
          ),
        { once: true },
      ),
    );
    await open();
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'The agents could not be loaded',
    );
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('The order-desk')).toBeInTheDocument();
  });

  it('still lists agents when their numbers cannot be had', async () => {
    serveAgents(() => ({ items: [agent('order-desk')], totalItems: 1 }));
    server.use(
      http.get(`${BASE}/orchestration/stats`, () =>
        HttpResponse.json({}, { status: 500 }),
      ),
      http.get(`${BASE}/models/costs`, () =>
        HttpResponse.json({}, { status: 403 }),
      ),
    );
    await open();
    const card = await screen.findByRole('article', { name: 'The order-desk' });
    expect(await within(card).findByText('–')).toBeInTheDocument();
  });

  it('does not say that an agent cost nothing where only the own calls are told', async () => {
    serveAgents(() => ({ items: [agent('order-desk')], totalItems: 1 }));
    server.use(
      http.get(`${BASE}/models/costs`, () =>
        HttpResponse.json({ items: [], totals: {}, visible: 'own' }),
      ),
    );
    await open();
    const card = await screen.findByRole('article', { name: 'The order-desk' });
    expect(await within(card).findByText('–')).toBeInTheDocument();
  });
});
