import { RuleTextsClient } from '@agentportal/plugin-agents-common';
import { GovernanceClient } from '@agentportal/plugin-governance-common';
import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { catalogApiRef, entityRouteRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { ReactElement } from 'react';
import { SWRConfig } from 'swr';
import { governanceApiRef } from '../api/governanceApiRef';
import { ruleTextsApiRef } from '../api/ruleTextsApiRef';
import { rootRouteRef } from '../routes';

/** A page as the app shows it, with the real client against a server. */
export async function renderWithAudit(
  page: ReactElement,
  url: string,
  options: { path?: string; denied?: string[] } = {},
) {
  const { path = '/audit', denied = [] } = options;
  const connection = {
    discoveryApi: { getBaseUrl: async () => url },
    fetchApi: { fetch: (...args: Parameters<typeof fetch>) => fetch(...args) },
  };
  // What one test may is remembered for the next one otherwise.
  const fresh = (
    <SWRConfig value={{ provider: () => new Map() }}>{page}</SWRConfig>
  );
  return renderInTestApp(fresh, {
    initialRouteEntries: [path],
    mountPath: '/audit',
    mountedRoutes: {
      '/audit': rootRouteRef,
      '/catalog/:namespace/:kind/:name': entityRouteRef,
    },
    apis: [
      [governanceApiRef, new GovernanceClient(connection)],
      [ruleTextsApiRef, new RuleTextsClient(connection)],
      mockApis.permission({
        authorize: ({ permission }) =>
          denied.includes(permission.name)
            ? AuthorizeResult.DENY
            : AuthorizeResult.ALLOW,
      }),
      [
        catalogApiRef,
        catalogApiMock({
          entities: [
            {
              apiVersion: 'agentportal.dev/v1alpha1',
              kind: 'Agent',
              metadata: { name: 'order-desk', title: 'Order Desk' },
            },
            {
              apiVersion: 'backstage.io/v1alpha1',
              kind: 'User',
              metadata: { name: 'dana.reyes', title: 'Dana Reyes' },
            },
          ],
        }),
      ],
    ],
  });
}
