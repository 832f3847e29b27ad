import { BreadcrumbEntry } from '@backstage/frontend-plugin-api';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { screen } from '@testing-library/react';
import { rootRouteRef } from '../routes';
import { PortalPageLayout } from './PortalPageLayout';

async function render(path: string) {
  await renderInTestApp(
    <PortalPageLayout title="Catalog" titleLink="/catalog">
      <BreadcrumbEntry entry={{ label: 'Order Desk', href: path }}>
        Content
      </BreadcrumbEntry>
    </PortalPageLayout>,
    {
      initialRouteEntries: [path],
      mountPath: '/catalog/*',
      mountedRoutes: {
        '/catalog/:namespace/:kind/:name': entityRouteRef,
        '/agents': rootRouteRef,
      },
    },
  );
}

it('places an agent among the agents, although its address is in the catalog', async () => {
  await render('/catalog/default/agent/order-desk/access');
  const place = screen.getByRole('link', { name: 'Agents' });
  expect(place).toHaveAttribute('href', '/agents');
  expect(screen.queryByText('Catalog')).not.toBeInTheDocument();
});

it('leaves other entities in the catalog', async () => {
  await render('/catalog/default/tool/agent');
  const place = screen.getByRole('link', { name: 'Catalog' });
  expect(place).toHaveAttribute('href', '/catalog');
});
