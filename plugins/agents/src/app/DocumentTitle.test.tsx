import { BreadcrumbEntry } from '@backstage/frontend-plugin-api';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { DocumentTitle } from './DocumentTitle';

function Page() {
  const [isOpen, setOpen] = useState(false);
  return (
    <BreadcrumbEntry entry={{ label: 'Runs', href: '/runs' }}>
      <button type="button" onClick={() => setOpen(true)}>
        Open
      </button>
      {isOpen && (
        <BreadcrumbEntry entry={{ label: 'Where is NH-1?', href: '/runs/1' }}>
          A run
        </BreadcrumbEntry>
      )}
    </BreadcrumbEntry>
  );
}

it('leaves the pages of entities to those who name them', async () => {
  document.title = 'Order Desk | Chat';
  await renderInTestApp(
    <>
      <DocumentTitle />
      <Page />
    </>,
    {
      initialRouteEntries: ['/catalog/default/agent/order-desk/chat'],
      mountPath: '/catalog/*',
      mountedRoutes: { '/catalog/:namespace/:kind/:name': entityRouteRef },
      config: { app: { title: 'Agent Portal' } },
    },
  );
  await userEvent.click(screen.getByRole('button', { name: 'Open' }));
  expect(await screen.findByText('A run')).toBeVisible();
  expect(document.title).toBe('Order Desk | Chat');
});

it('names the browser tab after where the page is, the innermost first', async () => {
  await renderInTestApp(
    <>
      <DocumentTitle />
      <Page />
    </>,
    { config: { app: { title: 'Agent Portal' } } },
  );
  await waitFor(() => expect(document.title).toBe('Runs | Agent Portal'));
  await userEvent.click(screen.getByRole('button', { name: 'Open' }));
  await waitFor(() =>
    expect(document.title).toBe('Where is NH-1? | Runs | Agent Portal'),
  );
});
