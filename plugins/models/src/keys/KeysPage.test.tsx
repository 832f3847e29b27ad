import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { renderWithKeys } from '../__testUtils__/renderWithKeys';
import { key, startKeysServer } from '../__testUtils__/startKeysServer';
import { KeysPage } from './KeysPage';

let server: Awaited<ReturnType<typeof startKeysServer>>;

beforeEach(async () => {
  server = await startKeysServer();
});

afterEach(() => server.stop());

const rowOf = (name: RegExp) => screen.findByRole('row', { name });

async function actOn(title: string, action: string) {
  await userEvent.click(
    await screen.findByRole('button', { name: `Actions on ${title}` }),
  );
  await userEvent.click(await screen.findByRole('menuitem', { name: action }));
}

describe('the Keys page', () => {
  it('says whose keys there are, whether they count and what they spend', async () => {
    server.state.keys = [
      key('Nightly report', {
        models: ['balanced', 'builtin/extractive'],
        lastUsedOn: '2026-11-22',
      }),
      key('Old notebook', { state: 'revoked', secrets: [] }),
      key('Pilot', { state: 'expiring', models: ['*'] }),
    ];
    await renderWithKeys(<KeysPage />, server.url);
    const report = await rowOf(/Nightly report/);
    expect(report).toHaveTextContent('Active');
    expect(report).toHaveTextContent('balanced and 1 more');
    expect(report).toHaveTextContent('2026-11-22');
    expect(report).toHaveTextContent('$2.50');
    expect(await rowOf(/Old notebook/)).toHaveTextContent('Revoked');
    expect(await rowOf(/Pilot/)).toHaveTextContent('Expires soonAll models');
  });

  it('says at the owner that one may not make keys for it', async () => {
    await renderWithKeys(<KeysPage />, server.url);
    await userEvent.click(
      await screen.findByRole('button', { name: 'New key' }),
    );
    const form = await screen.findByRole('dialog', { name: 'New key' });
    server.state.mayCreate = false;
    await userEvent.click(
      within(form).getByRole('combobox', { name: /Owner/ }),
    );
    await userEvent.click(
      await screen.findByRole('option', { name: /Customer care/ }),
    );
    expect(await within(form).findByRole('note')).toHaveTextContent(
      'You may not make keys for Customer care. Ask',
    );
  });

  it('makes a key and shows its secret this once', async () => {
    await renderWithKeys(<KeysPage />, server.url);
    expect(await screen.findByText('There are no keys yet')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'New key' }));
    const form = await screen.findByRole('dialog', { name: 'New key' });
    const make = within(form).getByRole('button', { name: 'Make the key' });
    expect(make).toBeDisabled();
    await userEvent.type(
      within(form).getByRole('textbox', { name: /What is it for/ }),
      'Nightly report',
    );
    await userEvent.click(
      within(form).getByRole('combobox', { name: /Owner/ }),
    );
    await userEvent.click(
      await screen.findByRole('option', { name: /Customer care/ }),
    );
    await userEvent.click(
      within(form).getByRole('combobox', { name: /Models/ }),
    );
    await userEvent.click(
      await screen.findByRole('option', { name: /builtin\/extractive/ }),
    );
    await userEvent.click(within(form).getByText('System, data and limits'));
    await userEvent.type(
      within(form).getByRole('textbox', { name: 'USD a month' }),
      '5',
    );
    await userEvent.type(
      within(form).getByRole('textbox', { name: 'Calls at once' }),
      '3',
    );
    await userEvent.click(make);

    const secret = await screen.findByLabelText('Secret');
    expect(secret).toHaveTextContent('ap_made-just-now');
    expect(server.state.sent).toEqual([
      {
        asks: 'POST /keys',
        body: {
          title: 'Nightly report',
          ownerRef: 'group:default/care',
          models: ['builtin/extractive'],
          expiresAt: expect.stringMatching(/^20\d\d-/),
          budget: { window: 'month', limitNanoUsd: 5_000_000_000 },
          rateLimits: { parallel: 3 },
        },
      },
    ]);
    await userEvent.keyboard('{Escape}');
    expect(secret).toBeVisible();
    await userEvent.click(
      screen.getByRole('button', { name: 'I have stored it' }),
    );
    await waitFor(() => expect(secret).not.toBeInTheDocument());
    expect(await rowOf(/Nightly report/)).toBeVisible();
    expect(document.body).not.toHaveTextContent('ap_made-just-now');
  });

  it('rotates with the overlap that is chosen', async () => {
    server.state.keys = [key('Nightly report')];
    await renderWithKeys(<KeysPage />, server.url);
    await actOn('Nightly report', 'Rotate the secret');
    await userEvent.click(
      await screen.findByRole('button', { name: 'Make a new secret' }),
    );
    expect(await screen.findByLabelText('Secret')).toHaveTextContent(
      'ap_made-by-rotation',
    );
    expect(server.state.sent[0].body).toEqual({ overlapSeconds: 86_400 });
  });

  it('revokes only after asking', async () => {
    server.state.keys = [key('Nightly report', { lastUsedOn: '2026-11-22' })];
    await renderWithKeys(<KeysPage />, server.url);
    await actOn('Nightly report', 'Revoke');
    const dialog = await screen.findByRole('dialog', {
      name: 'Revoke Nightly report?',
    });
    expect(dialog).toHaveTextContent('It was last used on 2026-11-22');
    expect(server.state.sent).toEqual([]);
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Revoke the key' }),
    );
    // One wait: a wait within a wait gives up before the page is free again.
    await waitFor(() =>
      expect(
        screen.getByRole('row', { name: /Nightly report/ }),
      ).toHaveTextContent('Revoked'),
    );
  });

  it('keeps the question open when something could not be done', async () => {
    server.state.keys = [key('Nightly report')];
    await renderWithKeys(<KeysPage />, server.url);
    await actOn('Nightly report', 'Revoke');
    const confirm = await screen.findByRole('button', {
      name: 'Revoke the key',
    });
    server.state.broken = true;
    await userEvent.click(confirm);
    expect(await screen.findByText('The key was not revoked')).toBeVisible();
    server.state.broken = false;
    await userEvent.click(confirm);
    await waitFor(() => expect(server.state.keys[0].state).toBe('revoked'));
  });

  it('opens the details of a key by its address', async () => {
    server.state.keys = [
      key('Nightly report', {
        secrets: [
          { hint: 'ap_x_…new1', createdAt: '2026-11-20T00:00:00.000Z' },
          {
            hint: 'ap_x_…old1',
            createdAt: '2026-11-01T00:00:00.000Z',
            endsAt: '2099-01-01T00:00:00.000Z',
            lastUsedOn: '2026-11-22',
          },
        ],
      }),
    ];
    await renderWithKeys(
      <KeysPage />,
      server.url,
      `/here?key=${server.state.keys[0].id}`,
    );
    const details = await screen.findByRole('dialog', {
      name: 'Nightly report',
    });
    const secrets = within(details).getByRole('region', { name: 'Secrets' });
    const [fresh, old] = within(secrets).getAllByRole('listitem');
    expect(fresh).toHaveTextContent('never used');
    expect(old).toHaveTextContent(/last used on 2026-11-22, ends in/);
    const history = within(details).getByRole('region', { name: 'History' });
    await waitFor(() => expect(history).toHaveTextContent('Made by dana'));
  });

  it('tells whoever may not see keys whom to ask, without an alarm', async () => {
    server.state.forbidden = true;
    await renderWithKeys(<KeysPage />, server.url);
    expect(await screen.findByRole('note')).toHaveTextContent(
      /You may not see keys.* Ask the people who run this portal/,
    );
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'New key' }),
    ).not.toBeInTheDocument();
  });

  it('offers to make a key only to whoever may', async () => {
    server.state.mayCreate = false;
    server.state.keys = [key('Nightly report')];
    await renderWithKeys(<KeysPage />, server.url);
    expect(await rowOf(/Nightly report/)).toBeVisible();
    expect(
      screen.queryByRole('button', { name: 'New key' }),
    ).not.toBeInTheDocument();
  });

  it('says that the keys could not be read, and tries again', async () => {
    server.state.broken = true;
    server.state.keys = [key('Nightly report')];
    await renderWithKeys(<KeysPage />, server.url);
    const title = await screen.findByText('The keys could not be read');
    server.state.broken = false;
    await userEvent.click(
      within(title.closest<HTMLElement>('[role=alert]')!).getByRole('button', {
        name: 'Try again',
      }),
    );
    expect(await rowOf(/Nightly report/)).toBeVisible();
  });
});
