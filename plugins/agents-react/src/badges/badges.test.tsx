import { screen } from '@testing-library/react';
import { render } from '../__testUtils__/render';
import { AutonomyDots } from './AutonomyDots';
import { LifecycleTag } from './LifecycleTag';
import { RiskBadge } from './RiskBadge';
import { StatusMark } from './StatusMark';

describe('badges', () => {
  it.each([
    ['copilot', 1],
    ['supervised', 2],
    ['autopilot', 3],
  ] as const)('fills the dots of %s: %s', (level, count) => {
    const { container } = render(<AutonomyDots level={level} />);
    expect(container.querySelectorAll('[data-filled="true"]')).toHaveLength(
      count,
    );
    expect(
      screen.getByRole('img', { name: `Autonomy: ${level}` }),
    ).toBeInTheDocument();
  });

  it('says a status in words beside its shape', () => {
    const { container } = render(<StatusMark status="interrupted" />);
    expect(screen.getByText('Waiting for a person')).toBeInTheDocument();
    expect(
      container.querySelector('[data-tone="attention"] svg path'),
    ).not.toBeNull();
  });

  it('gives each family of states a shape of its own', () => {
    const { container } = render(
      <>
        {[
          'succeeded',
          'running',
          'queued',
          'interrupted',
          'failed',
          'cancelled',
        ].map(status => (
          <StatusMark key={status} status={status} />
        ))}
      </>,
    );
    const shapes = [...container.querySelectorAll('svg')].map(
      svg => svg.innerHTML,
    );
    expect(new Set(shapes).size).toBe(6);
  });

  it('keeps the word for screen readers when only the shape is shown', () => {
    render(<StatusMark status="failed" iconOnly />);
    expect(screen.getByRole('img', { name: 'Failed' })).toBeInTheDocument();
  });

  it('shows a status it does not know as it is', () => {
    render(<StatusMark status="paused by a lawyer" />);
    expect(screen.getByText('paused by a lawyer')).toBeInTheDocument();
  });

  it('explains a risk tier on hover, and shows a lifecycle', () => {
    render(
      <>
        <RiskBadge tier="critical" />
        <LifecycleTag lifecycle="retired" />
      </>,
    );
    expect(screen.getByText('critical')).toHaveAttribute(
      'title',
      expect.stringContaining('approve'),
    );
    expect(screen.getByText('retired')).toBeInTheDocument();
  });
});
