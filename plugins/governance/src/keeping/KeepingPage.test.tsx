import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { renderWithAudit } from '../__testUtils__/renderWithAudit';
import { startAuditServer } from '../__testUtils__/startAuditServer';
import { KeepingPage } from './KeepingPage';

let server: Awaited<ReturnType<typeof startAuditServer>>;

beforeEach(async () => {
  server = await startAuditServer();
});

afterEach(() => server.stop());

describe('legal holds', () => {
  it('are set with a reason, and released with one', async () => {
    await renderWithAudit(<KeepingPage />, server.url);
    expect(await screen.findByText('Nothing is held')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Set a hold' }));
    const form = await screen.findByRole('dialog');
    expect(form).toHaveTextContent('This holds the whole log');
    const set = within(form).getByRole('button', { name: 'Set the hold' });
    expect(set).toBeDisabled();
    await userEvent.type(
      within(form).getByRole('textbox', { name: /Why/ }),
      'Dispute 4711',
    );
    await userEvent.type(
      within(form).getByRole('textbox', { name: 'Run' }),
      'run-1',
    );
    expect(form).toHaveTextContent('Entries about the run run-1 are then');
    await userEvent.click(set);
    const row = await screen.findByRole('row', { name: /Dispute 4711/ });
    expect(row).toHaveTextContent('In force');
    expect(server.state.sent[0]).toEqual({
      asks: 'POST /holds',
      body: { reason: 'Dispute 4711', runId: 'run-1' },
    });

    await userEvent.click(within(row).getByRole('button', { name: 'Release' }));
    const question = await screen.findByRole('dialog');
    expect(question).toHaveTextContent('does not come back');
    await userEvent.type(
      within(question).getByRole('textbox', { name: /Why/ }),
      'Settled',
    );
    await userEvent.click(
      within(question).getByRole('button', { name: 'Release the hold' }),
    );
    await waitFor(() =>
      expect(
        screen.getByRole('row', { name: /Dispute 4711/ }),
      ).toHaveTextContent('Released'),
    );
  });
});

describe('erasing a person', () => {
  async function ask() {
    await renderWithAudit(<KeepingPage />, server.url, {
      denied: ['governance.audit.hold'],
    });
    const section = await screen.findByRole('region', {
      name: 'Erase a person',
    });
    await userEvent.click(
      within(section).getByRole('combobox', { name: /Person/ }),
    );
    await userEvent.click(
      await screen.findByRole('option', { name: /Dana Reyes/ }),
    );
    await userEvent.click(
      within(section).getByRole('button', { name: 'Erase …' }),
    );
    const dialog = await screen.findByRole('dialog');
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: /Why/ }),
      'Asked by letter',
    );
    return dialog;
  }

  it('happens only after the name was typed, and says what it did', async () => {
    const dialog = await ask();
    const erase = within(dialog).getByRole('button', { name: /for ever/ });
    expect(dialog).toHaveTextContent('Nothing brings it back');
    expect(erase).toBeDisabled();
    expect(server.state.sent).toEqual([]);
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: /Type dana.reyes/ }),
      'dana.reyes',
    );
    await userEvent.click(erase);
    expect(
      await screen.findByText('The person was erased from 12 entries.'),
    ).toBeVisible();
    expect(server.state.sent).toEqual([
      {
        asks: 'POST /erasures',
        body: {
          personRef: 'user:default/dana.reyes',
          reason: 'Asked by letter',
        },
      },
    ]);
    expect(
      screen.queryByRole('region', { name: 'Legal holds' }),
    ).not.toBeInTheDocument();
  });

  it('says that a hold is on the person', async () => {
    const dialog = await ask();
    server.state.fails = 409;
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: /Type dana.reyes/ }),
      'dana.reyes',
    );
    await userEvent.click(
      within(dialog).getByRole('button', { name: /for ever/ }),
    );
    const alert = await within(dialog).findByRole('alert');
    expect(alert).toHaveTextContent('dana.reyes was not erased');
    expect(alert).toHaveTextContent('A legal hold is on them');
    expect(alert).toHaveTextContent('Nothing was changed.');
  });
});
