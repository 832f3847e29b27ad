import { registerMswTestHooks } from '@backstage/test-utils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import {
  AGENT,
  openPage,
  refusal,
  scorecard,
  serve,
  server,
} from '../__testUtils__/evalsServer';
import { PortfolioPage } from '../portfolio/PortfolioPage';
import { ScorecardTab } from './ScorecardTab';

registerMswTestHooks(server);

const CHECKS = [
  {
    id: 'owner',
    title: 'Somebody answers for it',
    why: 'Somebody has to.',
    level: 'bronze',
    status: 'passed',
    sentence: 'Customer care owns it.',
  },
  {
    id: 'quality',
    title: 'Right answers',
    why: 'Wrong ones cost.',
    level: 'silver',
    status: 'failed',
    sentence: '40 of 50 answers were right, at least 67 %.',
    value: 0.8,
    low: 0.67,
    high: 0.89,
    target: 0.8,
    unit: 'share',
    fix: 'Look at the cases that failed.',
    link: '/quality/evaluations/eval-1?outcome=failed',
  },
  {
    id: 'speed',
    title: 'Fast enough',
    why: 'People wait.',
    level: 'silver',
    status: 'not-enough-evidence',
    sentence: 'Not enough evidence (12 of 30).',
    link: '//elsewhere.test/',
  },
];

const open = (mayManage = true, search = '') =>
  openPage(<ScorecardTab />, {
    path: `/agent${search}`,
    mounted: '/agent',
    mayManage,
  });

describe('the scorecard of an agent', () => {
  it('says first where it stands, what blocks the next level, and how to mend it', async () => {
    serve({
      'GET /scorecards/agent': scorecard({
        agentRef: 'agent:default/returns-desk',
        checks: CHECKS,
      } as never),
      'GET /scorecards/agent/history': {
        items: [
          {
            at: '2026-11-20T00:00:00.000Z',
            level: 'bronze',
            before: 'none',
            reasons: ['Somebody answers for it.'],
          },
        ],
      },
    });
    await open(false, '?check=quality');
    const standing = await screen.findByRole('region', { name: 'Standing' });
    expect(standing).toHaveTextContent(/Bronze/);
    expect(standing).toHaveTextContent('It is right often enough');
    expect(standing).toHaveTextContent('Before silver');
    expect(standing).toHaveTextContent('Look at the cases that failed.');
    const links = within(standing).getAllByRole('link');
    // A link that leads out of the portal is none.
    expect(links.map(link => link.getAttribute('href'))).toEqual([
      '/quality/evaluations/eval-1?outcome=failed',
    ]);
    const checks = screen.getByRole('region', { name: 'Checks' });
    expect(
      within(checks).getByRole('img', {
        name: 'Right answers: 80 %, 67 % to 89 %, target 80 %',
      }),
    ).toBeInTheDocument();
    const row = within(checks).getByRole('row', { name: /Fast enough/ });
    expect(row).toHaveTextContent('Not enough evidence (12 of 30)');
    expect(row.querySelector('[data-tone]')).toHaveAttribute(
      'data-tone',
      'waiting',
    );
    expect(
      within(checks).getByRole('row', { name: /Right answers/ }),
    ).toHaveAttribute('data-here');
    expect(
      await screen.findByText('Somebody answers for it.'),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Write down a decision' }),
    ).not.toBeInTheDocument();
  });

  it('shows figures with what they rest on, also by day', async () => {
    serve({
      'GET /scorecards/agent': scorecard({
        kpis: [
          {
            id: 'quality',
            title: 'Quality',
            unit: 'share',
            better: 'higher',
            value: 0.9,
            low: 0.79,
            high: 0.96,
            samples: 50,
            before: 0.8,
            trend: [
              { day: '2026-11-20', value: 0.8 },
              { day: '2026-11-21' },
              { day: '2026-11-22', value: 0.9 },
            ],
          },
          {
            id: 'satisfaction',
            title: 'Satisfaction',
            unit: 'share',
            better: 'higher',
          },
        ],
      }),
      'GET /scorecards/agent/history': { items: [] },
    });
    await open();
    const tile = await screen.findByRole('group', { name: 'Quality' });
    expect(tile).toHaveTextContent('90 %');
    expect(tile).toHaveTextContent('▲ 13 % against before');
    expect(tile.parentElement).toHaveTextContent('79 % to 96 %, of 50');
    expect(
      screen.getByRole('group', { name: 'Satisfaction' }),
    ).toHaveTextContent('Nothing yet');
    await userEvent.click(screen.getByText('See the numbers by day (UTC)'));
    expect(
      screen.getByRole('row', { name: '2026-11-22 90 % –' }),
    ).toBeInTheDocument();
    expect(screen.queryByRole('row', { name: /2026-11-21/ })).toBeNull();
  });

  it('keeps what a review came to', async () => {
    const asked = serve({
      'GET /scorecards/agent': scorecard(),
      'GET /scorecards/agent/history': { items: [] },
      'PUT /scorecards/agent/decision': scorecard(),
    });
    await open();
    await userEvent.click(
      await screen.findByRole('button', { name: 'Write down a decision' }),
    );
    await userEvent.click(screen.getByRole('radio', { name: /^Improve/ }));
    await userEvent.type(screen.getByLabelText('Why'), 'Too slow');
    await userEvent.click(
      screen.getByRole('button', { name: 'Write it down' }),
    );
    await waitFor(() =>
      expect(screen.queryByRole('dialog')).not.toBeInTheDocument(),
    );
    expect(asked.find(({ method }) => method === 'PUT')).toMatchObject({
      query: { agentRef: AGENT },
      body: { decision: 'improve', note: 'Too slow', nextInDays: 90 },
    });
  });

  it('tells an agent without one from one that somebody may not see', async () => {
    serve({
      'GET /scorecards/agent': () => refusal(404, 'NotFoundError'),
    });
    const { unmount } = await open();
    expect(await screen.findByText('No scorecard yet')).toBeInTheDocument();
    unmount();
    serve({
      'GET /scorecards/agent': () =>
        refusal(403, 'NotAllowedError', 'You may not see scorecards'),
    });
    await open();
    expect(
      await screen.findByText(/You may not see scorecards/),
    ).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull();
  });
});

describe('the portfolio', () => {
  it('shows agents against checks, each mark a link, and narrows by owner and level', async () => {
    const asked = serve({
      'GET /scorecards': {
        items: [scorecard({ checks: CHECKS } as never)],
        levels: { bronze: 3, gold: 1 },
      },
    });
    await openPage(<PortfolioPage />, {
      path: '/quality/scorecards',
      mounted: '/quality/scorecards',
    });
    const row = await screen.findByRole('row', { name: /Order Desk/ });
    expect(
      within(row).getByRole('link', {
        name: 'Right answers: 40 of 50 answers were right, at least 67 %.',
      }),
    ).toHaveAttribute(
      'href',
      '/catalog/default/agent/order-desk/scorecard?check=quality',
    );
    await userEvent.click(screen.getByRole('button', { name: 'Bronze 3' }));
    await waitFor(() =>
      expect(asked.at(-1)!.query).toMatchObject({ level: 'bronze' }),
    );
    await userEvent.click(screen.getByRole('button', { name: /Owner/ }));
    await userEvent.click(
      await screen.findByRole('option', { name: 'customer-care (mine)' }),
    );
    await waitFor(() =>
      expect(asked.at(-1)!.query).toMatchObject({
        level: 'bronze',
        ownerRef: 'group:default/customer-care',
      }),
    );
  });
});
