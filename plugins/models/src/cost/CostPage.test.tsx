import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { renderWithModels } from '../__testUtils__/renderWithModels';
import { cost, startModelsServer } from '../__testUtils__/startModelsServer';
import { CostPage } from './CostPage';

const TODAY = new Date().toISOString().slice(0, 10);

let server: Awaited<ReturnType<typeof startModelsServer>>;

beforeEach(async () => {
  server = await startModelsServer();
});

afterEach(() => server.stop());

/** Two owners and calls that nobody's agent made; half as much the period before. */
function serveCosts() {
  server.state.costs = query => {
    if (query.get('groupBy') === 'model') {
      return [cost('openai/gpt-5.1', 30)];
    }
    const isBefore = query.get('to')! <= TODAY;
    const groups: Array<[string, number]> = [
      ['group:default/finance', isBefore ? 10 : 20],
      ['', 5],
      ['group:default/people', 5],
    ];
    return query.get('groupBy') === 'day'
      ? groups.map(([owner, usd]) => cost(TODAY, usd, owner))
      : groups.map(([owner, usd]) => cost(owner, usd));
  };
}

/** The table below the chart. */
async function costTable(column: string) {
  const header = await screen.findByRole('columnheader', { name: column });
  return header.closest('table')!;
}

describe('the Cost page', () => {
  it('shows the sum, its change and where it went', async () => {
    serveCosts();
    await renderWithModels(<CostPage />, server.url, '/here?period=7d');
    const table = within(await costTable('Owner'));
    const tile = screen.getByRole('group', { name: 'Cost' });
    expect(tile).toHaveTextContent('$30.00');
    expect(tile).toHaveTextContent('last 7 days');
    expect(tile).toHaveTextContent('▲ 50 % against the period before');

    const finance = table.getByRole('row', { name: /finance/ });
    expect(finance).toHaveTextContent('$20.00');
    expect(finance).toHaveTextContent('67 %');
    expect(finance).toHaveTextContent('▲ 100 %');
    expect(within(finance).getByRole('link')).toHaveAttribute(
      'href',
      '/catalog/default/group/finance',
    );
    const direct = table.getByRole('row', { name: /Called directly/ });
    expect(direct).toHaveTextContent('same');
    expect(within(direct).queryByRole('link')).not.toBeInTheDocument();
    expect(server.state.asked.every(query => query.has('from'))).toBe(true);
  });

  it('offers the chart as a table', async () => {
    serveCosts();
    await renderWithModels(<CostPage />, server.url, '/here?period=7d');
    await costTable('Owner');
    await userEvent.click(screen.getByRole('radio', { name: 'Table' }));
    const byDay = within(await costTable('Day (UTC)'));
    expect(
      byDay.getByRole('columnheader', { name: 'finance' }),
    ).toBeInTheDocument();
    expect(
      byDay.getByRole('row', { name: new RegExp(TODAY) }),
    ).toHaveTextContent('$20.00');
    expect(byDay.getAllByRole('row')).toHaveLength(1 + 7);
  });

  it('switches what costs are looked at by', async () => {
    serveCosts();
    await renderWithModels(<CostPage />, server.url);
    await costTable('Owner');
    await userEvent.click(
      screen.getByRole('button', { name: /Look at it by/ }),
    );
    await userEvent.click(
      await screen.findByRole('option', { name: 'By model' }),
    );
    const table = within(await costTable('Model'));
    expect(table.getByText('openai/gpt-5.1')).toBeInTheDocument();
    expect(server.state.asked.at(-1)?.get('groupBy')).toBe('model');
  });

  it('tells what will fill it while no model was called', async () => {
    await renderWithModels(<CostPage />, server.url);
    expect(
      await screen.findByText('No model was called in this time'),
    ).toBeInTheDocument();
    expect(screen.getByText(/As soon as an agent runs/)).toBeInTheDocument();
    expect(screen.queryByRole('table')).not.toBeInTheDocument();
  });

  it('says that costs could not be read, and tries again', async () => {
    serveCosts();
    server.state.broken = true;
    await renderWithModels(<CostPage />, server.url);
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('The costs could not be read');
    expect(alert).toHaveTextContent('Every call is still counted');
    server.state.broken = false;
    await userEvent.click(
      within(alert).getByRole('button', { name: 'Try again' }),
    );
    expect(await costTable('Owner')).toBeInTheDocument();
  });
});
