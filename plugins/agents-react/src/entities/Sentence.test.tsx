import { screen } from '@testing-library/react';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import { Sentence } from './Sentence';

describe('Sentence', () => {
  it('calls entities by what the catalog calls them, with the way to their pages', async () => {
    const { container } = await renderInTestApp(
      <Sentence text="Slow Talker was suspended by user:default/elin: it repeats itself." />,
      {
        mountedRoutes: { '/catalog/:namespace/:kind/:name': entityRouteRef },
        apis: [
          catalogApiMock({
            entities: [
              {
                apiVersion: 'backstage.io/v1alpha1',
                kind: 'User',
                metadata: { name: 'elin', namespace: 'default' },
                spec: { profile: { displayName: 'Elin Marklund' } },
              },
            ],
          }),
        ],
      },
    );
    expect(
      await screen.findByRole('link', { name: 'Elin Marklund' }),
    ).toHaveAttribute('href', '/catalog/default/user/elin');
    expect(container).toHaveTextContent(
      'Slow Talker was suspended by Elin Marklund: it repeats itself.',
    );
  });
});
