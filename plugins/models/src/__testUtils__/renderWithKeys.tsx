import { ModelsClient } from '@agentportal/plugin-models-common';
import { coreApis } from '@backstage/frontend-plugin-api';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { catalogApiRef, entityRouteRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import type { ReactElement } from 'react';
import { modelsApiRef } from '../api/modelsApiRef';

/** A page as the app shows it, with the real clients against a server. */
export async function renderWithKeys(
  page: ReactElement,
  url: string,
  path = '/here',
) {
  const discoveryApi = { getBaseUrl: async () => url };
  const options = {
    discoveryApi,
    fetchApi: { fetch: (...args: Parameters<typeof fetch>) => fetch(...args) },
  };
  return renderInTestApp(page, {
    initialRouteEntries: [path],
    mountPath: '/here',
    mountedRoutes: { '/catalog/:namespace/:kind/:name': entityRouteRef },
    apis: [
      [coreApis.discovery, discoveryApi],
      [modelsApiRef, new ModelsClient(options)],
      [
        catalogApiRef,
        catalogApiMock({
          entities: [
            {
              apiVersion: 'backstage.io/v1alpha1',
              kind: 'Group',
              metadata: { name: 'care', title: 'Customer care' },
            },
          ],
        }),
      ],
    ],
  });
}
