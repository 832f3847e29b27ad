import { useAppLocation, useRouteRef } from '@backstage/frontend-plugin-api';
import { entityRouteRef } from '@backstage/plugin-catalog-react';

const ANY = { kind: 'agent', namespace: ':namespace', name: ':name' };

/**
 * Whether the page is that of an agent: an entity of the catalog, but people who look at one are among the agents.
 *
 * @public
 */
export function useIsAgentPage(): boolean {
  const { pathname } = useAppLocation();
  const pattern = useRouteRef(entityRouteRef)?.(ANY);
  const shown = pathname.split('/');
  return Boolean(
    pattern
      ?.split('/')
      .map(decodeURIComponent)
      .every((part, at) =>
        part.startsWith(':') ? shown[at] : part === shown[at],
      ),
  );
}
