import { OrchestrationClient } from '@agentportal/plugin-orchestration-common';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { registerMswTestHooks } from '@backstage/test-utils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { permissionApiRef } from '@backstage/plugin-permission-react';
import { orchestrationApiRef } from '../api';
import { rootRouteRef } from '../routes';
import { TriggersSection } from './TriggersSection';

const BASE = 'http://portal.test/api/orchestration';
const server = setupServer();
registerMswTestHooks(server);

const shop = {
  id: '11111111-2222-4333-8444-555555555555',
  agentRef: 'agent:default/clock',
  ownerRef: 'group:default/care',
  name: 'shop',
  type: 'webhook',
  declared: { name: 'shop', type: 'webhook', message: 'x' },
  state: 'active',
  stateAt: '2026-11-28T09:00:00Z',
  failuresInRow: 0,
  hasSecret: false,
};
const daily = {
  ...shop,
  id: '21111111-2222-4333-8444-555555555555',
  name: 'daily',
  type: 'schedule',
  declared: {
    type: 'schedule',
    cron: '0 7 * * 1-5',
    timeZone: 'Europe/Berlin',
  },
  state: 'off',
  stateReason: 'It has failed 5 times in a row.',
  latest: {
    id: 'f1',
    status: 'failed',
    at: '2026-11-28T09:00:00Z',
    runId: 'run-7',
  },
};

// Decisions are remembered for an agent, so each test has its own.
async function open(
  result: 'ALLOW' | 'DENY',
  agentRef: string | undefined = `agent:default/of-${result}`,
) {
  await renderInTestApp(
    <TriggersSection agentRef={agentRef || undefined} isAtWork />,
    {
      mountedRoutes: {
        '/runs': rootRouteRef,
        '/catalog/:namespace/:kind/:name': entityRouteRef,
      },
      apis: [
        [
          orchestrationApiRef,
          new OrchestrationClient({
            discoveryApi: { getBaseUrl: async () => BASE },
            fetchApi: { fetch: (...args) => fetch(...args) },
          }),
        ],
        [permissionApiRef, { authorize: async () => ({ result } as never) }],
      ],
    },
  );
}

describe('the triggers of an agent', () => {
  it('says what each waits for, why it is off, and how it went last', async () => {
    server.use(
      http.get(`${BASE}/triggers`, ({ request }) =>
        HttpResponse.json({
          items: [shop, daily].map(each => ({
            ...each,
            agentRef: new URL(request.url).searchParams.get('agentRef'),
          })),
        }),
      ),
    );
    await open('DENY');
    const row = (await screen.findByText('daily')).closest('tr')!;
    for (const text of [
      'Every weekday at 07:00 Europe/Berlin',
      'Switched off',
      'It has failed 5 times in a row.',
    ]) {
      expect(within(row).getByText(text)).toBeInTheDocument();
    }
    expect(within(row).getByRole('link', { name: /Failed/ })).toHaveAttribute(
      'href',
      '/runs/run-7',
    );
    expect(
      within(row).getByTitle('0 7 * * 1-5 (Europe/Berlin)'),
    ).toBeInTheDocument();
    expect(
      within(row).getByRole('link', { name: 'All its runs' }),
    ).toHaveAttribute('href', `/runs?trigger=${daily.id}`);
    expect(screen.queryByRole('button')).toBeNull();
  });

  it('lets its owner make the secret of a webhook, which is shown once, and resume what is off', async () => {
    const asked: string[] = [];
    server.use(
      http.get(`${BASE}/triggers`, ({ request }) =>
        HttpResponse.json({
          items: [shop, daily].map(each => ({
            ...each,
            agentRef: new URL(request.url).searchParams.get('agentRef'),
          })),
        }),
      ),
      http.post(`${BASE}/triggers/:id/:what`, ({ params }) => {
        asked.push(
          `${params.what} ${params.id === shop.id ? 'shop' : 'daily'}`,
        );
        return HttpResponse.json(
          params.what === 'secret'
            ? { secret: 'whsec_c2VjcmV0', url: `${BASE}/webhooks/${shop.id}` }
            : daily,
        );
      }),
    );
    await open('ALLOW');
    await userEvent.click(
      await screen.findByRole('button', { name: 'Actions on shop' }),
    );
    await userEvent.click(
      await screen.findByRole('menuitem', { name: 'Make a secret' }),
    );
    expect(await screen.findByText('whsec_c2VjcmV0')).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'I have stored it' }),
    );
    await waitFor(() =>
      expect(screen.queryByText('whsec_c2VjcmV0')).toBeNull(),
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Actions on daily' }),
    );
    await userEvent.click(
      await screen.findByRole('menuitem', { name: 'Resume' }),
    );
    await waitFor(() => expect(asked).toEqual(['secret shop', 'resume daily']));
  });

  it('offers to resume what was paused just now', async () => {
    let state = 'active';
    server.use(
      http.get(`${BASE}/triggers`, () =>
        HttpResponse.json({ items: [{ ...shop, state }] }),
      ),
      http.post(`${BASE}/triggers/:id/pause`, () => {
        state = 'paused';
        return HttpResponse.json({ ...shop, state });
      }),
    );
    await open('ALLOW', 'agent:default/paused');
    expect(
      await screen.findByText('Nobody can call it before it has a secret.'),
    ).toBeInTheDocument();
    const actions = () => screen.findByRole('button', { name: /Actions on/ });
    await userEvent.click(await actions());
    await userEvent.click(
      await screen.findByRole('menuitem', { name: 'Pause' }),
    );
    await screen.findByText('Paused');
    await userEvent.click(await actions());
    expect(
      await screen.findByRole('menuitem', { name: 'Resume' }),
    ).toBeInTheDocument();
  });

  it('lists those of all agents, with the agent of each', async () => {
    const asked: string[] = [];
    server.use(
      http.get(`${BASE}/triggers`, ({ request }) => {
        asked.push(new URL(request.url).search);
        return HttpResponse.json({ items: [shop, daily] });
      }),
    );
    await open('DENY', '');
    const row = (await screen.findByText('daily')).closest('tr')!;
    expect(within(row).getByRole('link', { name: 'clock' })).toHaveAttribute(
      'href',
      '/catalog/default/agent/clock',
    );
    expect(asked).toEqual(['?limit=25']);
  });
});
