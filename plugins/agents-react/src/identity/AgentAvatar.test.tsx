import { render, screen } from '@testing-library/react';
import { AgentAvatar } from './AgentAvatar';
import { faceOf } from './face';

describe('AgentAvatar', () => {
  it('draws the same face for an agent however it is named', () => {
    expect(faceOf('agent:default/order-desk')).toEqual(faceOf('order-desk'));
    expect(faceOf('Agent:default/Order-Desk')).toEqual(faceOf('order-desk'));
    expect(faceOf('agent:legal/order-desk')).not.toEqual(faceOf('order-desk'));
  });

  it('tells a company of agents apart', () => {
    const names = Array.from({ length: 200 }, (_, i) => `agent-${i}`);
    const faces = new Set(names.map(name => JSON.stringify(faceOf(name))));
    expect(faces.size).toBeGreaterThan(190);
  });

  it('is decoration unless it is labelled', () => {
    const { container } = render(<AgentAvatar name="x" />);
    expect(container.querySelector('svg')).toHaveAttribute(
      'aria-hidden',
      'true',
    );
    render(<AgentAvatar name="x" label="Order desk" size="large" />);
    expect(screen.getByRole('img', { name: 'Order desk' })).toHaveAttribute(
      'width',
      '56',
    );
  });
});
