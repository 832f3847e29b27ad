import {
  useAppLocation,
  useRouteRef,
  type RouteRef,
} from '@backstage/frontend-plugin-api';

/**
 * The parts of the address below a tab. Parameters of the framework are matched against the page of
 * the tab too, where they take the name of the tab for an id.
 */
export function useSegments(routeRef: RouteRef): string[] {
  const { pathname } = useAppLocation();
  const base = useRouteRef(routeRef)?.().replace(/\/$/, '');
  return base !== undefined && pathname.startsWith(`${base}/`)
    ? pathname.slice(base.length).split('/').filter(Boolean)
    : [];
}
