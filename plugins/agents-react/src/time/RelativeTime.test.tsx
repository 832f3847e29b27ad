import { screen } from '@testing-library/react';
import { render } from '../__testUtils__/render';
import { RelativeTime } from './RelativeTime';

describe('RelativeTime', () => {
  it('says how long ago, and keeps the absolute time with its zone', () => {
    const value = new Date(Date.now() - 5 * 60_000).toISOString();
    render(<RelativeTime value={value} />);
    const time = screen.getByText('5 minutes ago');
    expect(time).toHaveAttribute('datetime', value);
    expect(time.getAttribute('title')).toMatch(
      /^\d{1,2} \w{3,4} \d{4}, \d{2}:\d{2}:\d{2} UTC[+-]\d{2}:\d{2}$/,
    );
  });

  it('takes a fresh time as now, also when it is newer than the shared clock', () => {
    render(<RelativeTime value={Date.now()} />);
    expect(screen.getByText('just now')).toBeInTheDocument();
  });

  it.each([
    [50, 'in 1 minute'],
    [3_599, 'in 1 hour'],
    [86_399, 'in 1 day'],
    [30 * 86_400 - 9, 'in 30 days'],
    [90 * 86_400 - 9, 'in 90 days'],
    [-179 * 86_400, '6 months ago'],
    [-360 * 86_400, '1 year ago'],
  ])('says %s seconds from now to the nearest: %s', (seconds, text) => {
    render(<RelativeTime value={Date.now() + seconds * 1_000} />);
    expect(screen.getByText(text)).toBeInTheDocument();
  });

  it('shows the fallback for nothing and for rubbish', () => {
    render(
      <>
        <RelativeTime value={undefined} fallback="never" />
        <RelativeTime value="not a time" fallback="unknown" />
      </>,
    );
    expect(screen.getByText(/never/)).toBeInTheDocument();
    expect(screen.getByText(/unknown/)).toBeInTheDocument();
  });
});
