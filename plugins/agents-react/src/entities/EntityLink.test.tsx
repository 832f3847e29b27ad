import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { catalogApiRef, entityRouteRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import { EntityLink } from './EntityLink';
import { nameOfRef } from './nameOfRef';

const mountedRoutes = { '/catalog/:namespace/:kind/:name': entityRouteRef };

const TOOL = {
  apiVersion: 'agentportal.dev/v1alpha1',
  kind: 'Tool',
  metadata: {
    name: 'orders.cancel',
    namespace: 'default',
    title: 'Cancel order',
    description: 'Cancels an order for good.',
  },
  spec: { riskTier: 'critical', providedBy: 'api:default/orders' },
  relations: [{ type: 'ownedBy', targetRef: 'group:default/returns' }],
};

/** Nobody has checked what of this is a text. */
const ODD = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'API',
  metadata: { name: 'orders', namespace: 'default' },
  spec: { profile: { displayName: { en: 'Orders' }, email: ['a@b.c'] } },
};

const TEAM = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Group',
  metadata: { name: 'returns', namespace: 'default', title: 'Returns' },
  spec: { type: 'team', children: [] },
};

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

  it('says on hover what is behind it, and Escape closes that', async () => {
    await renderInTestApp(
      <EntityLink entityRef="tool:default/orders.cancel" />,
      {
        mountedRoutes,
        apis: [
          [catalogApiRef, catalogApiMock({ entities: [TOOL, ODD, TEAM] })],
        ],
      },
    );
    const link = await screen.findByRole('link', { name: 'orders.cancel' });
    await userEvent.hover(link);
    // It comes after a moment, and then asks the catalog.
    const text = await screen.findByText(
      'Cancels an order for good.',
      {},
      { timeout: 10_000 },
    );
    const card = text.parentElement!;
    expect(within(card).getByText('Cancel order')).toBeVisible();
    expect(within(card).getByText('critical')).toBeVisible();
    expect(await within(card).findByText('Owned by Returns')).toBeVisible();
    expect(within(card).getByText(/ orders$/)).toBeVisible();
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(card).not.toBeInTheDocument());
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
