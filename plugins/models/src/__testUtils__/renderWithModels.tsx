import { ModelsClient } from '@agentportal/plugin-models-common';
import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogApiRef, entityRouteRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import type { ReactElement } from 'react';
import { modelsApiRef } from '../api/modelsApiRef';

/** A page as the app shows it, with the real client against a server. */
export async function renderWithModels(
  page: ReactElement,
  url: string,
  path = '/here',
  entities: Entity[] = [],
) {
  const server = {
    discoveryApi: { getBaseUrl: async () => url },
    fetchApi: { fetch: (...args: Parameters<typeof fetch>) => fetch(...args) },
  };
  return renderInTestApp(page, {
    initialRouteEntries: [path],
    mountPath: '/here',
    mountedRoutes: { '/catalog/:namespace/:kind/:name': entityRouteRef },
    apis: [
      [catalogApiRef, catalogApiMock({ entities })],
      mockApis.permission(),
      [modelsApiRef, new ModelsClient(server)],
    ],
  });
}
