import { EntityProvider } from '@backstage/plugin-catalog-react';
import { registerMswTestHooks } from '@backstage/test-utils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import {
  BASE,
  openPage,
  server,
  serveList,
  trace,
} from '../__testUtils__/tracesServer';
import { EntityTracesTab } from './EntityTracesTab';
import { TracesPage } from './TracesPage';

registerMswTestHooks(server);

const open = (path = '/traces') => openPage(<TracesPage />, { path });
const listsOf = (asked: URL[]) =>
  asked
    .filter(({ pathname }) => pathname.endsWith('/traces/traces'))
    .map(({ searchParams }) => Object.fromEntries(searchParams));

const NO_TOKENS = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0 };
const MODELS = {
  count: 80,
  errors: 0,
  tokens: { inputTokens: 900, outputTokens: 100, cacheReadTokens: 0 },
  costNanoUsd: 20_000_000,
};
const TOTAL = {
  count: 40,
  errors: 2,
  tokens: NO_TOKENS,
  costNanoUsd: 0,
  p50Ms: 1_200,
  p95Ms: 4_000,
  p99Ms: 9_000,
};

describe('the list of traces', () => {
  it('tells of each trace whose it is, how it went and what it took', async () => {
    serveList([
      trace({
        status: 'error',
        errors: 1,
        error: 'TimeoutError',
        title: 'Where is my parcel?',
        tools: ['tool:default/orders.find_order', 'b', 'c'],
        models: ['openai/gpt'],
        flag: {
          reason: 'Asked twice',
          by: 'user:default/dana',
          at: '2026-11-22T11:00:00.000Z',
        },
      }),
    ]);
    await open();
    const row = (
      await screen.findByRole('link', { name: 'Where is my parcel?' })
    ).closest('tr')!;
    for (const text of [
      'Error',
      'TimeoutError',
      'Asked twice',
      'Used orders.find_order, b and 1 more · openai/gpt',
      'order-desk',
      'customer-care',
      '2.4 s',
      '1.2k',
      '$0.02',
    ]) {
      expect(within(row).getByText(text)).toBeInTheDocument();
    }
    expect(
      within(row).getByRole('link', { name: 'Where is my parcel?' }),
    ).toHaveAttribute('href', `/all-traces/${'a'.repeat(32)}`);
  });

  it('filters by what its address says', async () => {
    const asked = serveList([]);
    const before = Date.now();
    await open(
      '/traces?agent=agent:default/order-desk&status=error&longer=1000&dearer=10000000&time=24h&q=find',
    );
    expect(await screen.findByText('No trace matches')).toBeInTheDocument();
    const [query] = listsOf(asked);
    expect(query).toMatchObject({
      agentRef: 'agent:default/order-desk',
      status: 'error',
      minDurationMs: '1000',
      minCostNanoUsd: '10000000',
      q: 'find',
    });
    const back = before - Date.parse(query.from);
    expect(Math.abs(back - 86_400_000)).toBeLessThan(60_000);
    await userEvent.click(
      screen.getAllByRole('button', { name: 'Clear filters' })[0],
    );
    await waitFor(() =>
      expect(Object.keys(listsOf(asked).at(-1)!).sort()).toEqual([
        'from',
        'limit',
      ]),
    );
  });

  it('shows figures with their change, also as numbers', async () => {
    serveList([trace()], ({ kind }) => ({
      ...(kind === 'trace' ? TOTAL : MODELS),
    }));
    await open('/traces?view=overview');
    const figures = await screen.findByRole('region', {
      name: 'Figures, last 7 days',
    });
    const tile = (name: string) => within(figures).getByRole('group', { name });
    await waitFor(() => expect(tile('Calls')).toHaveTextContent('40'));
    expect(tile('Failed')).toHaveTextContent('5 %');
    expect(tile('95 % within')).toHaveTextContent('4 s');
    expect(tile('Tokens')).toHaveTextContent('1k');
    expect(tile('Cost')).toHaveTextContent('$0.02');
    await waitFor(() =>
      expect(tile('Cost')).toHaveTextContent('no change against before'),
    );
    // Each day of the time has a bar, also those on which nothing happened.
    expect(
      within(tile('Calls')).getByRole('img', { name: /: 8 values, last 40/ }),
    ).toBeInTheDocument();
    await userEvent.click(within(figures).getByText(/^Of all traces/));
    expect(within(figures).getByRole('cell', { name: '9 s' })).toBeVisible();
  });

  it('tells of a part of the company where slow calls come from, and leads to them', async () => {
    const asked = serveList([trace()], ({ groupBy, kind }) => ({
      ...(kind === 'trace' ? TOTAL : MODELS),
      ...(groupBy === 'agent' && { key: 'agent:default/order-desk' }),
    }));
    server.use(
      http.get(`${BASE}/tail`, ({ request }) => {
        asked.push(new URL(request.url));
        return HttpResponse.json({
          ...{ count: 120, slow: 6, thresholdMs: 3_200.5 },
          items: [
            {
              ...{ kind: 'tool', key: 'orders.find_order', count: 30 },
              ...{ errors: 0, slow: 5, share: 5 / 6 },
              ...{ p50Ms: 400, p95Ms: 6_000, maxMs: 9_000 },
            },
          ],
        });
      }),
    );
    await openPage(
      <EntityProvider
        entity={{
          apiVersion: 'backstage.io/v1alpha1',
          kind: 'Group',
          metadata: { name: 'customer-care', namespace: 'default' },
        }}
      >
        <EntityTracesTab />
      </EntityProvider>,
      {
        path: '/group?time=24h',
        mounted: '/group',
        quality: {
          getQuality: async query => {
            expect(query).toMatchObject({
              withinRef: 'group:default/customer-care',
            });
            const day = { right: 9, wrong: 1, up: 0, down: 0 };
            return {
              items: [
                { ...day, day: '2026-11-21' },
                { ...day, day: '2026-11-23', up: 1, down: 3 },
              ],
            };
          },
        },
      },
    );
    const quality = await screen.findByRole('region', {
      name: 'Quality, by day',
    });
    expect(quality).toHaveTextContent('18 of 20 cases');
    expect(quality).toHaveTextContent('1 of 4 answers that they rated');
    await userEvent.click(
      within(quality).getByRole('radio', { name: 'Table' }),
    );
    expect(within(quality).getByRole('cell', { name: '25 %' })).toBeVisible();
    // Each chart is a table as well, and each time of it leads to its traces.
    const chart = await screen.findByRole('region', {
      name: 'Calls and failures',
    });
    await userEvent.click(within(chart).getByRole('radio', { name: 'Table' }));
    expect(within(chart).getByRole('cell', { name: '38' })).toBeVisible();
    const who = await screen.findByRole('region', { name: 'Who and what' });
    const name = await within(who).findByRole('button', { name: 'order-desk' });
    expect(within(name.closest('tr')!).getByText('$0.02')).toBeVisible();

    const tail = screen.getByRole('region', {
      name: 'Where slow calls come from',
    });
    expect(tail).toHaveTextContent(/longer than 3.2 s.*6 of 120/);
    await userEvent.click(
      await within(tail).findByRole('button', {
        name: /83 % of the slow ones/,
      }),
    );
    await screen.findByRole('link', { name: 'Call of order-desk' });
    for (const { pathname, searchParams } of asked) {
      expect([pathname, searchParams.get('withinRef')]).toEqual([
        pathname,
        'group:default/customer-care',
      ]);
    }
    expect(listsOf(asked)).toMatchObject([
      { tool: 'orders.find_order', minDurationMs: '3200' },
    ]);
  });

  it('shows the traces of the interval that was chosen in a chart', async () => {
    const asked = serveList([]);
    const from = '2026-11-22T10:00:00.000Z';
    const to = '2026-11-22T11:00:00.000Z';
    await open(`/traces?from=${from}&to=${to}`);
    await screen.findByText('No trace matches');
    expect(listsOf(asked)).toMatchObject([{ from, to }]);
    await userEvent.click(
      screen.getByRole('button', {
        name: 'Time: 22 Nov, 10:00 to 22 Nov, 11:00 UTC. Take it away',
      }),
    );
    await waitFor(() => expect(listsOf(asked).at(-1)?.to).toBeUndefined());
  });

  it('follows new traces while it is seen, and moves nothing below a pointer', async () => {
    jest.useFakeTimers({ advanceTimers: true });
    try {
      const user = userEvent.setup({ advanceTimers: jest.advanceTimersByTime });
      const at = (minute: number) => `2026-11-22T10:0${minute}:00.000Z`;
      const of = (n: number, fields: object = {}) =>
        trace({
          traceId: String(n).repeat(32),
          title: `Question ${n}`,
          startedAt: at(n),
          ...fields,
        });
      const titles = () =>
        screen
          .getAllByRole('link', { name: /^Question/ })
          .map(link => link.textContent);
      serveList([of(1)]);
      await open('/traces?live=on');
      await screen.findByRole('link', { name: 'Question 1' });
      serveList([of(2), of(1, { status: 'error' })]);
      await jest.advanceTimersByTimeAsync(5_000);
      await screen.findByRole('link', { name: 'Question 2' });
      expect(titles()).toEqual(['Question 2', 'Question 1']);
      expect(screen.getAllByText('Error').at(-1)).toBeVisible();

      // Whoever is in the list is not disturbed.
      screen.getByRole('link', { name: 'Question 1' }).focus();
      serveList([of(3)]);
      await jest.advanceTimersByTimeAsync(5_000);
      const show = await screen.findByRole('button', {
        name: 'Show 1 new trace',
      });
      expect(titles()).toEqual(['Question 2', 'Question 1']);
      await user.click(show);
      expect(titles()).toEqual(['Question 3', 'Question 2', 'Question 1']);

      const hidden = jest
        .spyOn(document, 'visibilityState', 'get')
        .mockReturnValue('hidden');
      const asked = serveList([of(4)]);
      await jest.advanceTimersByTimeAsync(20_000);
      expect(asked).toEqual([]);
      hidden.mockRestore();
      document.dispatchEvent(new Event('visibilitychange'));
      await waitFor(() => expect(asked).toHaveLength(1));
    } finally {
      jest.useRealTimers();
    }
  });

  it('teaches how traces come where there are none', async () => {
    serveList([]);
    await open();
    expect(
      await screen.findByText('No traces to see in this time'),
    ).toBeInTheDocument();
    expect(
      await screen.findByText(new RegExp(`${BASE}/v1/traces`)),
    ).toBeVisible();
    expect(
      screen.getByRole('button', { name: 'Copy the settings' }),
    ).toBeInTheDocument();
  });

  it('says in one calm sentence that somebody may not read traces', async () => {
    const refused = () =>
      HttpResponse.json(
        {
          error: {
            name: 'NotAllowedError',
            message: 'You may not read traces. Ask the platform team.',
          },
        },
        { status: 403 },
      );
    server.use(
      http.get(`${BASE}/traces`, refused),
      http.get(`${BASE}/series`, refused),
    );
    await open();
    expect(
      await screen.findByText(/You may not read traces/),
    ).toBeInTheDocument();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Try again' }),
    ).not.toBeInTheDocument();
  });

  it('shows the traces of one agent on its page', async () => {
    const asked = serveList([trace()]);
    await openPage(
      <EntityProvider
        entity={{
          apiVersion: 'agentportal.dev/v1alpha1',
          kind: 'Agent',
          metadata: { name: 'order-desk', namespace: 'default' },
        }}
      >
        <EntityTracesTab />
      </EntityProvider>,
      { path: '/agent', mounted: '/agent' },
    );
    expect(
      await screen.findByRole('link', { name: 'Call of order-desk' }),
    ).toBeInTheDocument();
    expect(listsOf(asked)[0].agentRef).toBe('agent:default/order-desk');
    expect(
      screen.queryByRole('columnheader', { name: 'Agent' }),
    ).not.toBeInTheDocument();
  });
});
