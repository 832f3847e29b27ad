import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { renderWithAudit } from '../__testUtils__/renderWithAudit';
import { entry, startAuditServer } from '../__testUtils__/startAuditServer';
import { EntriesPage } from './EntriesPage';

let server: Awaited<ReturnType<typeof startAuditServer>>;

beforeEach(async () => {
  server = await startAuditServer();
  server.state.entries = [
    entry(3, {
      outcome: 'denied',
      resource: 'tool:default/payments.refund_payment',
      personRef: 'user:default/dana.reyes',
      reason: 'Refunds above 200 EUR need an approval.',
      ruleIds: ['refund-limit'],
      riskTier: 'critical',
      runId: 'run-1',
    }),
    entry(2, { type: 'model-call', action: 'model.call', runId: 'run-1' }),
    entry(1),
  ];
});

afterEach(() => server.stop());

const lastQuery = () => Object.fromEntries(server.state.lists.at(-1)!);

describe('the list of entries', () => {
  it('tells each in a sentence with names, and pages', async () => {
    await renderWithAudit(<EntriesPage />, server.url);
    const row = await screen.findByRole('row', { name: /refund_payment/ });
    await waitFor(() => expect(row).toHaveTextContent('for dana.reyes'));
    expect(row).toHaveTextContent('Refused');
    expect(row).toHaveTextContent('critical');
    expect(row).not.toHaveTextContent('agent:default');
    await userEvent.click(
      screen.getByRole('button', { name: 'Show older entries' }),
    );
    expect(
      await screen.findByText(/^All 3 are shown, those of one run together/),
    ).toBeVisible();
  });

  it('tells a call that waits for people from one that was refused', async () => {
    server.state.entries = [
      entry(1, {
        outcome: 'denied',
        resource: 'tool:default/payments.refund_payment',
        data: { approval: { id: 'a1', status: 'pending' } },
      }),
    ];
    await renderWithAudit(<EntriesPage />, server.url);
    const row = await screen.findByRole('row', { name: /refund_payment/ });
    expect(row).toHaveTextContent('Waits for people');
    expect(row).toHaveTextContent('this waits for people');
    expect(row).not.toHaveTextContent(/refused/i);
  });

  it('lays together what belongs to one run or is done again and again, under what tells most', async () => {
    const made = {
      type: 'other',
      action: 'models.model-call-outcome',
    } as const;
    server.state.pageSize = 10;
    server.state.entries = [
      entry(6, made),
      entry(5, made),
      entry(4, {
        type: 'run',
        action: 'orchestration.run-end',
        outcome: 'denied',
        data: { status: 'cancelled' },
        runId: 'run-1',
      }),
      entry(3, {
        type: 'model-call',
        action: 'model.call',
        outcome: 'failed',
        data: { cancelled: true },
        runId: 'run-1',
      }),
      entry(2, { action: 'orchestration.run-create', runId: 'run-1' }),
      entry(1, { action: 'orchestration.run-create', runId: 'run-2' }),
    ];
    await renderWithAudit(<EntriesPage />, server.url);
    await userEvent.click(
      await screen.findByRole('button', { name: '1 more like it' }),
    );
    expect(screen.getAllByText(/noted how good an answer was/)).toHaveLength(2);
    expect(
      screen.getByRole('row', { name: /ended its run/ }),
    ).toHaveTextContent('Stopped');
    expect(screen.queryByText(/called the model/)).not.toBeInTheDocument();
    const more = screen.getByRole('button', { name: '2 more of this run' });
    expect(more).toHaveAttribute('aria-expanded', 'false');
    await userEvent.click(more);
    expect(
      screen.getByRole('row', { name: /called the model/ }),
    ).toHaveTextContent('Stopped');
    await userEvent.click(
      screen.getByRole('button', { name: 'Fewer of this run' }),
    );
    expect(screen.queryByText(/called the model/)).not.toBeInTheDocument();
  });

  it('lays nothing together for who looks for something', async () => {
    await renderWithAudit(<EntriesPage />, server.url, {
      path: '/audit?run=run-1',
    });
    await screen.findByRole('row', { name: /refund_payment/ });
    expect(screen.getAllByRole('row')).toHaveLength(3);
  });

  it('asks for what the address says', async () => {
    await renderWithAudit(<EntriesPage />, server.url, {
      path: '/audit?range=days&from=2026-11-01&to=2026-11-02&outcome=denied&outcome=nonsense&agent=agent:default/order-desk&person=user:default/dana.reyes&q=refund',
    });
    await screen.findByRole('row', { name: /refund_payment/ });
    expect(lastQuery()).toEqual({
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-11-03T00:00:00.000Z',
      outcome: 'denied',
      agentRef: 'agent:default/order-desk',
      personRef: 'user:default/dana.reyes',
      text: 'refund',
      limit: '50',
    });
  });

  it('shows the facets with how much there is, and filters by them', async () => {
    server.state.stats = {
      days: [{ day: '2026-11-28', entries: 1203, denied: 4, failed: 1 }],
      types: [{ value: 'tool-call', entries: 1200 }],
      outcomes: [{ value: 'denied', entries: 4 }],
      agents: [],
    };
    await renderWithAudit(<EntriesPage />, server.url, {
      path: '/audit?range=days&from=2026-11-28&to=2026-11-28',
    });
    expect(
      await screen.findByText('1,203 entries, 4 refused, 1 failed'),
    ).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: /Outcome/ }));
    await userEvent.click(
      await screen.findByRole('option', { name: 'Refused (4)' }),
    );
    await waitFor(() => expect(lastQuery().outcome).toBe('denied'));
  });

  it('goes on searching where the newest entries have nothing', async () => {
    server.state.emptyPages = 3;
    await renderWithAudit(<EntriesPage />, server.url, {
      path: '/audit?q=refund',
    });
    expect(
      await screen.findByRole('row', { name: /refund_payment/ }),
    ).toBeVisible();
  });

  it('asks whether to go on when a long search found nothing', async () => {
    server.state.emptyPages = 6;
    await renderWithAudit(<EntriesPage />, server.url, {
      path: '/audit?q=refund',
    });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Search on in older entries' }),
    );
    expect(
      await screen.findByRole('row', { name: /refund_payment/ }),
    ).toBeVisible();
  });

  it('says what to do when nothing fits', async () => {
    server.state.entries = [];
    await renderWithAudit(<EntriesPage />, server.url, {
      path: '/audit?type=approval',
    });
    expect(await screen.findByText('No entry fits')).toBeVisible();
    await userEvent.click(
      screen.getByRole('button', { name: 'Clear search and filters' }),
    );
    expect(await screen.findByText('No entries in this time')).toBeVisible();
  });

  it('says that the entries could not be read, and tries again', async () => {
    server.state.fails = 500;
    await renderWithAudit(<EntriesPage />, server.url);
    const title = await screen.findByText('The entries could not be read');
    server.state.fails = undefined;
    await userEvent.click(
      within(title.closest<HTMLElement>('[role=alert]')!).getByRole('button', {
        name: 'Try again',
      }),
    );
    expect(
      await screen.findByRole('row', { name: /refund_payment/ }),
    ).toBeVisible();
  });

  it('tells whoever may not read it whom to ask, once and without an alarm', async () => {
    server.state.fails = 403;
    await renderWithAudit(<EntriesPage />, server.url);
    expect(await screen.findByRole('note')).toHaveTextContent(
      /You may not read the audit log\. Ask the people who run this portal/,
    );
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    expect(screen.queryByRole('searchbox')).not.toBeInTheDocument();
  });
});

describe('an entry', () => {
  it('is told in plain words, then proved, then shown whole', async () => {
    await renderWithAudit(<EntriesPage />, server.url);
    await userEvent.click(
      await screen.findByRole('button', { name: /refund_payment/ }),
    );
    const panel = await screen.findByRole('complementary', { name: 'Entry' });
    const words = await within(panel).findByRole('region', {
      name: 'In plain words',
    });
    expect(words).toHaveTextContent('Refunds above 200 EUR need an approval.');
    expect(words).toHaveTextContent('refund-limit');
    expect(
      await within(words).findAllByRole('link', { name: /order-desk/i }),
    ).not.toHaveLength(0);
    const proof = within(panel).getByRole('region', { name: 'Proof' });
    expect(proof).toHaveTextContent(
      'Entry number 3, sealed in the tree head over 1,000 entries',
    );
    expect(
      within(panel).getByRole('region', { name: 'All fields' }),
    ).toHaveTextContent('entry-3');
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(panel).not.toBeInTheDocument());
  });

  it('leads to the record of its run', async () => {
    await renderWithAudit(<EntriesPage />, server.url, {
      path: '/audit?entry=entry-3',
    });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Record of the run' }),
    );
    const record = await screen.findByRole('region', {
      name: 'Record of the run',
    });
    await waitFor(() =>
      expect(within(record).getAllByRole('listitem')).toHaveLength(2),
    );
  });
});

describe('the export', () => {
  const saved: Blob[] = [];
  beforeEach(() => {
    saved.length = 0;
    Object.assign(URL, {
      createObjectURL: (blob: Blob) => `blob:${saved.push(blob)}`,
      revokeObjectURL() {},
    });
    jest.spyOn(HTMLAnchorElement.prototype, 'click').mockReturnValue();
  });
  afterEach(() => jest.restoreAllMocks());

  it('saves what the filters choose in the form that is asked for', async () => {
    await renderWithAudit(<EntriesPage />, server.url, {
      path: '/audit?outcome=denied&q=refund',
    });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Export' }),
    );
    const dialog = await screen.findByRole('dialog');
    expect(dialog).toHaveTextContent(
      'npx --offline @agentportal/audit-verify audit.jsonl --keys',
    );
    await userEvent.click(
      within(dialog).getByRole('radio', { name: /filters chosen/ }),
    );
    expect(dialog).toHaveTextContent('search for a text does not narrow it');
    await userEvent.click(within(dialog).getByRole('radio', { name: /^CEF/ }));
    expect(dialog).not.toHaveTextContent('audit-verify');
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Save the export' }),
    );
    expect(
      await within(dialog).findByText(/audit\.cef was saved/),
    ).toBeVisible();
    expect(saved).toHaveLength(1);
    expect(server.state.exports[0].get('format')).toBe('cef');
    expect(server.state.exports[0].get('outcome')).toBe('denied');
    expect(server.state.exports[0].has('text')).toBe(false);
  });

  it('is not offered to whoever may not export', async () => {
    await renderWithAudit(<EntriesPage />, server.url, {
      denied: ['governance.audit.export'],
    });
    await screen.findByRole('row', { name: /refund_payment/ });
    expect(
      screen.queryByRole('button', { name: 'Export' }),
    ).not.toBeInTheDocument();
  });
});
