import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { renderToolsPage } from '../__testUtils__/renderToolsPage';
import { startToolsServer, tool } from '../__testUtils__/startToolsServer';

let server: Awaited<ReturnType<typeof startToolsServer>>;

beforeEach(async () => {
  server = await startToolsServer();
  server.state.tools = [
    tool('orders.find_order', { title: 'Find order' }),
    tool('orders.cancel_order', { title: 'Cancel order', riskTier: 'write' }),
  ];
});

afterEach(() => server.stop());

describe('the tool explorer', () => {
  it('lists tools by server, and shows the first with the agents that may use it', async () => {
    await renderToolsPage(server.url);
    const orders = await screen.findByRole('region', { name: 'Orders' });
    expect(within(orders).getAllByRole('button')).toHaveLength(2);
    // Once for the server, once for the list.
    expect(screen.getAllByText('2 tools')).toHaveLength(2);

    const detail = await screen.findByRole('article', { name: 'Find order' });
    expect(await within(detail).findByText(/Only reads/)).toBeInTheDocument();
    expect(
      await within(detail).findByRole('link', { name: 'Order desk' }),
    ).toHaveAttribute('href', '/catalog/default/agent/order-desk');
  });

  it('searches when the person pauses, and opens what was found', async () => {
    await renderToolsPage(server.url);
    await screen.findByRole('article', { name: 'Find order' });
    await userEvent.type(screen.getByRole('searchbox'), 'Cancel');
    const found = await screen.findByRole('region', { name: 'Tools found' });
    await userEvent.click(
      within(found).getByRole('button', { name: /Cancel order/ }),
    );
    expect(
      await screen.findByRole('article', { name: 'Cancel order' }),
    ).toBeInTheDocument();
    const questions = server.state.lists.map(query => query.get('q'));
    expect(questions.at(-1)).toBe('Cancel');
    expect(questions.length).toBeLessThan('Cancel'.length);
  });

  it('says what to do when nothing fits, and clears the search', async () => {
    await renderToolsPage(server.url, '/tools?q=unicorn&risk=external');
    expect(await screen.findByText('No tool fits')).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'Clear search and filters' }),
    );
    expect(
      await screen.findByRole('article', { name: 'Find order' }),
    ).toBeInTheDocument();
    expect(screen.getByRole('searchbox')).toHaveValue('');
  });

  it('moves between tools with the arrow keys', async () => {
    await renderToolsPage(server.url);
    const orders = await screen.findByRole('region', { name: 'Orders' });
    const [first, second] = within(orders).getAllByRole('button');
    first.focus();
    await userEvent.keyboard('{ArrowDown}');
    expect(second).toHaveFocus();
    await userEvent.keyboard('{ArrowDown}{Enter}');
    expect(second).toHaveAttribute('aria-pressed', 'true');
    await userEvent.keyboard('{ArrowUp}');
    expect(first).toHaveFocus();
  });

  it('filters by the server that is pressed', async () => {
    await renderToolsPage(server.url);
    const strip = await screen.findByRole('group', { name: 'Servers' });
    const orders = await within(strip).findByRole('button', { name: /Orders/ });
    await userEvent.click(orders);
    await waitFor(() =>
      expect(server.state.lists.at(-1)?.get('server')).toBe(
        'api:default/orders',
      ),
    );
    expect(orders).toHaveAttribute('aria-pressed', 'true');
  });

  it('says that the tools could not be read, and tries again', async () => {
    server.state.broken = true;
    await renderToolsPage(server.url);
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('The tools could not be read');
    server.state.broken = false;
    await userEvent.click(
      within(alert).getByRole('button', { name: 'Try again' }),
    );
    expect(
      await screen.findByRole('article', { name: 'Find order' }),
    ).toBeInTheDocument();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });
});
