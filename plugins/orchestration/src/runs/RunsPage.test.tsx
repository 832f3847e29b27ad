import { AgentsClient } from '@agentportal/plugin-agents-common';
import {
  OrchestrationClient,
  type RunSummary,
} from '@agentportal/plugin-orchestration-common';
import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { catalogApiRef, entityRouteRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import { registerMswTestHooks } from '@backstage/test-utils';
import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { orchestrationApiRef } from '../api';
import { agentChoicesApiRef } from '../api/agentChoicesApiRef';
import { rootRouteRef } from '../routes';
import { RunsPage } from './RunsPage';

const BASE = 'http://portal.test/api';
const server = setupServer();
registerMswTestHooks(server);

function run(number: number, fields: Partial<RunSummary> = {}): RunSummary {
  return {
    id: `run-${number}`,
    agentRef: 'agent:default/order-desk',
    agentTitle: 'Order Desk',
    threadId: 'thread-1',
    status: 'succeeded',
    createdBy: 'user:default/guest',
    input: { message: `Question ${number}` },
    usage: {
      inputTokens: 1000,
      outputTokens: 500,
      costNanoUsd: 20_000_000,
      modelCalls: 1,
      toolCalls: 0,
    },
    createdAt: new Date(Date.UTC(2026, 10, 22, 10, number)).toISOString(),
    durationMs: 2400,
    ...fields,
  };
}

function serveRuns(answer: (url: URL) => unknown) {
  const asked: URL[] = [];
  server.use(
    http.get(`${BASE}/orchestration/runs`, ({ request }) => {
      const url = new URL(request.url);
      asked.push(url);
      return HttpResponse.json(answer(url) as object);
    }),
    http.get(`${BASE}/agents/agents`, () =>
      HttpResponse.json({ items: [], totalItems: 0 }),
    ),
  );
  return asked;
}

async function open(path = '/runs') {
  const options = {
    discoveryApi: {
      getBaseUrl: async (pluginId: string) => `${BASE}/${pluginId}`,
    },
    fetchApi: { fetch: (...args: Parameters<typeof fetch>) => fetch(...args) },
  };
  return renderInTestApp(<RunsPage />, {
    mountPath: '/runs/*',
    initialRouteEntries: [path],
    mountedRoutes: {
      '/catalog/:namespace/:kind/:name': entityRouteRef,
      '/all-runs': rootRouteRef,
    },
    apis: [
      [orchestrationApiRef, new OrchestrationClient(options)],
      [agentChoicesApiRef, new AgentsClient(options)],
      [catalogApiRef, catalogApiMock()],
      mockApis.identity({ userEntityRef: 'user:default/guest' }),
    ],
  });
}

describe('the list of runs', () => {
  afterEach(() => jest.useRealTimers());

  it('tells of each run what was asked, how it went and what it took', async () => {
    serveRuns(() => ({ items: [run(1, { status: 'failed' })] }));
    await open();
    const row = (await screen.findByText('Question 1')).closest('tr')!;
    for (const text of ['Failed', 'Order Desk', '2.4 s', '1.5k', '$0.02']) {
      expect(within(row).getByText(text)).toBeInTheDocument();
    }
    expect(
      within(row).getByRole('link', { name: 'Question 1' }),
    ).toHaveAttribute('href', '/all-runs/run-1');
  });

  it('filters by what its URL says, mine included', async () => {
    const asked = serveRuns(() => ({ items: [] }));
    await open('/runs?status=failed&status=cancelled&mine=true');
    expect(await screen.findByText('No run matches')).toBeInTheDocument();
    expect(asked[0].searchParams.getAll('status')).toEqual([
      'failed',
      'cancelled',
    ]);
    expect(asked[0].searchParams.get('createdBy')).toBe('user:default/guest');
    await userEvent.click(
      screen.getAllByRole('button', { name: 'Clear filters' })[0],
    );
    expect(
      await screen.findByText('No runs that you may see'),
    ).toBeInTheDocument();
  });

  it('grows by pages', async () => {
    serveRuns(url =>
      url.searchParams.get('cursor') === 'next'
        ? { items: [run(1)] }
        : { items: [run(2)], nextCursor: 'next' },
    );
    await open();
    await userEvent.click(
      await screen.findByRole('button', { name: 'Load more' }),
    );
    expect(await screen.findByText('Question 1')).toBeInTheDocument();
    expect(screen.getByText('Question 2')).toBeInTheDocument();
  });

  it('renews rows in place and shows new runs only when asked to', async () => {
    jest.useFakeTimers({ advanceTimers: true });
    const user = userEvent.setup({ advanceTimers: jest.advanceTimersByTime });
    let items = [run(1, { status: 'running' })];
    serveRuns(() => ({ items }));
    await open();
    const table = await screen.findByRole('table');
    expect(within(table).getByText('Running')).toBeInTheDocument();

    items = [run(2), run(1)];
    await act(async () => {
      jest.advanceTimersByTime(5_000);
    });
    const news = await screen.findByRole('button', { name: 'Show 1 new run' });
    expect(within(table).getByText('Succeeded')).toBeInTheDocument();
    expect(screen.queryByText('Question 2')).not.toBeInTheDocument();

    await user.click(news);
    await waitFor(() =>
      expect(screen.getByText('Question 2')).toBeInTheDocument(),
    );
  });

  it('says what happened when runs cannot be loaded, and tries again', async () => {
    serveRuns(() => ({ items: [run(1)] }));
    server.use(
      http.get(
        `${BASE}/orchestration/runs`,
        () => HttpResponse.json({}, { status: 500 }),
        { once: true },
      ),
    );
    await open();
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'The runs could not be loaded',
    );
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('Question 1')).toBeInTheDocument();
  });

  it('filters by what started runs, and by one trigger, as the URL says', async () => {
    const asked = serveRuns(() => ({ items: [] }));
    const trigger = '11111111-2222-4333-8444-555555555555';
    await open(
      `/runs?startedBy=schedule&trigger=${trigger}&agent=agent:default/x`,
    );
    await screen.findByText('No run matches');
    expect(Object.fromEntries(asked[0].searchParams)).toMatchObject({
      startedBy: 'schedule',
      triggerId: trigger,
      agentRef: 'agent:default/x',
    });
    await userEvent.click(screen.getByRole('button', { name: /Started by/ }));
    await userEvent.click(
      await screen.findByRole('option', { name: 'Started by: webhook' }),
    );
    await waitFor(() =>
      expect(asked.at(-1)!.searchParams.get('startedBy')).toBe('webhook'),
    );
  });

  it('tells who or what started each run, and which of them seem to be stuck', async () => {
    const ago = (minutes: number) =>
      new Date(Date.now() - minutes * 60_000).toISOString();
    serveRuns(() => ({
      items: [
        run(1, { status: 'running', startedAt: ago(42), createdAt: ago(43) }),
        run(2, { status: 'queued', createdAt: ago(3) }),
        run(3, {
          status: 'running',
          startedAt: ago(1),
          startedBy: { type: 'schedule', id: 't', name: 'every-morning' },
        }),
        run(4, {
          startedBy: { type: 'service', id: 'x' },
          createdBy: 'external:ci',
        }),
        run(5, { status: 'interrupted' }),
      ],
    }));
    await open();
    const rowOf = (number: number) =>
      screen.getByText(`Question ${number}`).closest('tr')!;
    await screen.findByText('Question 1');
    expect(rowOf(1)).toHaveTextContent('Runningfor 42 min');
    expect(rowOf(1)).toHaveAttribute('data-at', 'stuck');
    expect(rowOf(2)).toHaveTextContent('Queuedfor 3 min, no room');
    expect(rowOf(3)).toHaveTextContent('Schedule every-morning');
    expect(rowOf(3)).toHaveAttribute('data-at', 'work');
    expect(rowOf(4)).toHaveTextContent('Programci');
    expect(rowOf(5)).toHaveAttribute('data-at', 'person');
  });

  it('repeats the chosen runs that have ended, and tells of each what became of it', async () => {
    serveRuns(() => ({
      items: [run(1), run(2), run(3, { status: 'running' })],
    }));
    const sent: unknown[] = [];
    server.use(
      http.post(`${BASE}/orchestration/runs/rerun`, async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json({
          items: [
            {
              id: 'run-1',
              run: { id: 'new-1', status: 'queued', threadId: 't' },
            },
            {
              id: 'run-2',
              error: { name: 'NotAllowedError', message: 'Not yours.' },
            },
          ],
        });
      }),
    );
    await open();
    for (const number of [1, 2, 3]) {
      await userEvent.click(
        await screen.findByRole('checkbox', {
          name: `Choose the run Question ${number}`,
        }),
      );
    }
    await userEvent.click(screen.getByRole('button', { name: 'Run again…' }));
    const dialog = await screen.findByRole('dialog');
    expect(dialog).toHaveTextContent('One of the chosen has not ended');
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Repeat 2 runs' }),
    );
    const results = await screen.findByRole('region', {
      name: 'Runs repeated',
    });
    expect(sent).toEqual([{ ids: ['run-1', 'run-2'] }]);
    expect(results).toHaveTextContent('One run was started.');
    expect(results).toHaveTextContent('run-2: Not yours.');
    expect(within(results).getByRole('link')).toHaveAttribute(
      'href',
      '/all-runs/new-1',
    );
  });

  it('leads from two chosen runs to both of them side by side, the older one left', async () => {
    serveRuns(() => ({ items: [run(2), run(1)] }));
    await open();
    for (const number of [2, 1]) {
      await userEvent.click(
        await screen.findByRole('checkbox', {
          name: `Choose the run Question ${number}`,
        }),
      );
    }
    expect(screen.getByRole('link', { name: 'Compare' })).toHaveAttribute(
      'href',
      '/all-runs/compare?left=run-1&right=run-2',
    );
  });
});
