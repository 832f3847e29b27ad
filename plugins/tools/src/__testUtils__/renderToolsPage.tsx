import { ToolsClient } from '@agentportal/plugin-tools-common';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { catalogApiRef, entityRouteRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import { toolsApiRef } from '../api/toolsApiRef';
import { ToolsPage } from '../explorer/ToolsPage';

/** The page as the app shows it, with the real client against a server. */
export async function renderToolsPage(url: string, path = '/tools') {
  return renderInTestApp(<ToolsPage />, {
    initialRouteEntries: [path],
    mountPath: '/tools',
    mountedRoutes: { '/catalog/:namespace/:kind/:name': entityRouteRef },
    apis: [
      [
        toolsApiRef,
        new ToolsClient({
          discoveryApi: { getBaseUrl: async () => url },
          fetchApi: { fetch: (...args) => fetch(...args) },
        }),
      ],
      [
        catalogApiRef,
        catalogApiMock({
          entities: [
            {
              apiVersion: 'agentportal.dev/v1alpha1',
              kind: 'Agent',
              metadata: { name: 'order-desk', title: 'Order desk' },
              relations: [
                {
                  type: 'dependsOn',
                  targetRef: 'tool:default/orders.find_order',
                },
              ],
            },
          ],
        }),
      ],
    ],
  });
}
