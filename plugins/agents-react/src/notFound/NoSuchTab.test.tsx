import { createRouteRef } from '@backstage/frontend-plugin-api';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { screen } from '@testing-library/react';
import { NoSuchTab } from './NoSuchTab';

const costRouteRef = createRouteRef();

async function open(path: string) {
  await renderInTestApp(
    <>
      <p>The page</p>
      <NoSuchTab
        routeRef={costRouteRef}
        offered={['overview']}
        refused={{ budgets: 'Budgets are not for you to see' }}
      />
    </>,
    {
      mountPath: '/cost/*',
      initialRouteEntries: [path],
      mountedRoutes: { '/cost': costRouteRef },
      config: {
        app: {
          support: { url: '/p', items: [{ title: 'Platform', links: [] }] },
        },
      },
    },
  );
  await screen.findByText('The page');
}

describe('a tab that is not there', () => {
  it('is refused in a sentence with whom to ask where others have it', async () => {
    await open('/cost/budgets');
    expect(screen.getByRole('note')).toHaveTextContent(
      'Budgets are not for you to see. Ask Platform if you need it.',
    );
  });

  it('is no dead end where nobody has it', async () => {
    await open('/cost/nope');
    expect(screen.getByText('There is no such page')).toBeInTheDocument();
    expect(screen.getByRole('link')).toHaveAttribute('href', '/cost');
  });

  it.each(['/cost', '/cost/overview'])('says nothing on %s', async path => {
    await open(path);
    expect(screen.queryByRole('note')).not.toBeInTheDocument();
    expect(screen.queryByText('There is no such page')).not.toBeInTheDocument();
  });
});
