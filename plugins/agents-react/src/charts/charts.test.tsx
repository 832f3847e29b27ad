import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { render } from '../__testUtils__/render';
import { ChartWithTable } from './ChartWithTable';
import { Sparkline } from './Sparkline';
import { StatTile } from './StatTile';

describe('Sparkline', () => {
  it('draws one bar per value and says its numbers', () => {
    const { container } = render(
      <Sparkline
        values={[0, 3, 5]}
        failures={[0, 0, 1]}
        label="Runs per day"
      />,
    );
    expect(container.querySelectorAll('g')).toHaveLength(3);
    expect(container.querySelectorAll('rect')).toHaveLength(4);
    expect(
      screen.getByRole('img', {
        name: 'Runs per day: 3 values, last 5, highest 5, total 8',
      }),
    ).toBeInTheDocument();
  });

  it('keeps every bar inside the frame', () => {
    const { container } = render(
      <Sparkline values={[1, 1000]} label="x" height={20} />,
    );
    for (const rect of container.querySelectorAll('rect')) {
      expect(Number(rect.getAttribute('y'))).toBeGreaterThanOrEqual(0);
      expect(Number(rect.getAttribute('height'))).toBeLessThanOrEqual(20);
    }
  });
});

describe('StatTile', () => {
  it('shows number, unit, period and change', () => {
    render(
      <StatTile
        label="Median time"
        value="2.4"
        unit="s"
        period="last 14 days"
        change={-0.2}
        goodWhen="down"
      />,
    );
    const tile = screen.getByRole('group', { name: 'Median time' });
    expect(tile).toHaveTextContent('2.4 s');
    expect(tile).toHaveTextContent('last 14 days');
    expect(tile).toHaveTextContent('▼ 20 % against the period before');
  });

  it('says so when there is nothing to measure', () => {
    render(<StatTile label="Cost" emptyText="No runs yet" />);
    expect(screen.getByText('No runs yet')).toBeInTheDocument();
  });
});

describe('ChartWithTable', () => {
  it('offers the same numbers as a table', async () => {
    render(
      <ChartWithTable
        title="Cost by day"
        columns={[
          { id: 'day', label: 'Day' },
          { id: 'cost', label: 'Cost', align: 'right' },
        ]}
        rows={[{ day: '1 Nov', cost: '$2.00' }]}
      >
        <p>the chart</p>
      </ChartWithTable>,
    );
    expect(screen.getByText('the chart')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('radio', { name: 'Table' }));
    const table = screen.getByRole('table');
    expect(within(table).getByText('$2.00')).toBeInTheDocument();
    expect(screen.queryByText('the chart')).not.toBeInTheDocument();
  });
});
