import { screen } from '@testing-library/react';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { EntityLink } from './EntityLink';
import { nameOfRef } from './nameOfRef';

const mountedRoutes = { '/catalog/:namespace/:kind/:name': entityRouteRef };

describe('EntityLink', () => {
  it('links to the page of an entity, with an agent drawn by its face', async () => {
    const { container } = await renderInTestApp(
      <EntityLink entityRef="agent:default/order-desk" withAvatar />,
      { mountedRoutes },
    );
    expect(
      await screen.findByRole('link', { name: 'order-desk' }),
    ).toHaveAttribute('href', '/catalog/default/agent/order-desk');
    expect(container.querySelector('svg')).not.toBeNull();
  });

  it('shows rubbish as it is instead of breaking the page', async () => {
    await renderInTestApp(<EntityLink entityRef="not a ref" />, {
      mountedRoutes,
    });
    expect(await screen.findByText('not a ref')).toBeInTheDocument();
  });
});

describe('nameOfRef', () => {
  it('keeps what a reader needs', () => {
    expect(nameOfRef('group:default/claims')).toBe('claims');
    expect(nameOfRef('agent:legal/clerk')).toBe('legal/clerk');
    expect(nameOfRef('unassigned')).toBe('unassigned');
    expect(nameOfRef('')).toBe('');
  });
});
