import { screen, waitFor, within } from '@testing-library/react';
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

function textOf(file: Blob): Promise<string> {
  // That of the browser cannot tell its text here; that of an answer can.
  return 'text' in file
    ? file.text()
    : new Promise((resolve, reject) => {
        const reader = new FileReader();
        reader.onload = () => resolve(String(reader.result));
        reader.onerror = reject;
        reader.readAsText(file);
      });
}

/** The table below the chart. */
async function costTable(column: string) {
  const header = await screen.findByRole('columnheader', { name: column });
  return header.closest('table')!;
}

describe('the Cost page', () => {
  it('says whose calls they are where a person sees only a part', async () => {
    serveCosts();
    server.state.visible = 'own';
    await renderWithModels(<CostPage />, server.url);
    expect(
      await screen.findByText(
        'Only calls that you may see are counted here: your own, and those of agents and keys that you answer for.',
      ),
    ).toBeInTheDocument();
  });

  it('shows the sum, its change and where it went', async () => {
    serveCosts();
    await renderWithModels(<CostPage />, server.url, '/here?period=7d');
    const table = within(await costTable('Owner'));
    const tile = screen.getByRole('group', { name: 'Cost' });
    expect(tile).toHaveTextContent('$30.00');
    expect(tile).toHaveTextContent('last 7 days');
    expect(tile).toHaveTextContent('▲ 50 % against the 7 days before');

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

  it('expects the end of the month, with its range, beside the budget', async () => {
    serveCosts();
    server.state.forecast = {
      ...server.state.forecast,
      monthToDateNanoUsd: 30e9,
      forecastNanoUsd: 60e9,
      lowNanoUsd: 52e9,
      highNanoUsd: 68e9,
      budgetNanoUsd: 55e9,
      method: { id: 'run-rate', days: 7, text: 'The mean of 7 days.' },
    };
    await renderWithModels(<CostPage />, server.url);
    await costTable('Owner');
    const forecast = screen.getByRole('group', { name: 'Forecast' });
    expect(forecast).toHaveTextContent('$60.00');
    expect(screen.getByText('likely $52.00 to $68.00')).toBeInTheDocument();
    expect(screen.getByTitle('The mean of 7 days.')).toBeInTheDocument();
    expect(screen.getByRole('group', { name: 'Budget' })).toHaveTextContent(
      '$55.00',
    );
    expect(
      screen.getByText('expected to run out: $5.00 short'),
    ).toBeInTheDocument();
  });

  it('does not guess a forecast from too few days', async () => {
    serveCosts();
    await renderWithModels(<CostPage />, server.url);
    await costTable('Owner');
    expect(screen.getByRole('group', { name: 'Forecast' })).toHaveTextContent(
      'Not enough days yet',
    );
    expect(screen.getByText('Too little data.')).toBeInTheDocument();
  });

  it('tells what was saved, and by what', async () => {
    server.state.costs = () => [
      {
        ...cost('group:default/finance', 3),
        cachedCalls: 4,
        savedNanoUsd: { cache: 2e9, routing: 1e9, compression: 5e8 },
      },
    ];
    await renderWithModels(<CostPage />, server.url);
    await costTable('Owner');
    const saved = screen.getByRole('group', { name: 'Saved' });
    expect(saved).toHaveTextContent('Cache$2.00');
    expect(saved).toHaveTextContent('Routing$1.00');
    expect(saved).toHaveTextContent('Compression$0.50');
    await userEvent.tab();
    while (!document.activeElement?.textContent?.startsWith('Cache')) {
      await userEvent.tab();
    }
    expect(await screen.findByRole('tooltip')).toHaveTextContent(
      '4 calls were answered from memory',
    );
  });

  it('looks at single days, the newest first', async () => {
    server.state.costs = () => [cost('2026-11-01', 1), cost('2026-11-02', 2)];
    await renderWithModels(<CostPage />, server.url, '/here?by=day');
    const table = within(await costTable('Day (UTC)'));
    expect(
      table
        .getAllByRole('row')
        .slice(1)
        .map(row => row.textContent?.slice(0, 10)),
    ).toEqual(['2026-11-02', '2026-11-01']);
    expect(
      table.queryByRole('columnheader', { name: 'Change' }),
    ).not.toBeInTheDocument();
  });

  it('gives the table and all charges away as files', async () => {
    const files: Blob[] = [];
    const create = jest.fn((file: Blob) => {
      files.push(file);
      return 'blob:file';
    });
    URL.createObjectURL = create as typeof URL.createObjectURL;
    URL.revokeObjectURL = () => {};
    const names: string[] = [];
    const click = jest
      .spyOn(HTMLAnchorElement.prototype, 'click')
      .mockImplementation(function save(this: HTMLAnchorElement) {
        names.push(this.download);
      });
    try {
      serveCosts();
      await renderWithModels(<CostPage />, server.url);
      await costTable('Owner');
      await userEvent.click(screen.getByRole('button', { name: 'Export' }));
      await userEvent.click(
        await screen.findByRole('menuitem', { name: /This table/ }),
      );
      await userEvent.click(screen.getByRole('button', { name: 'Export' }));
      await userEvent.click(
        await screen.findByRole('menuitem', { name: /FOCUS/ }),
      );
      await waitFor(() => expect(names).toHaveLength(2));
      expect(names[0]).toMatch(/^cost-by-owner-.*\.csv$/);
      expect(names[1]).toMatch(/^focus-.*\.csv$/);
      expect(await textOf(files[0])).toContain(
        '\r\ngroup:default/finance,finance,20.00,',
      );
      expect(await textOf(files[1])).toBe('BilledCost\r\n0.5\r\n');
    } finally {
      click.mockRestore();
    }
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
