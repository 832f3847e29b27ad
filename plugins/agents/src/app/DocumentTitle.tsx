import {
  coreApis,
  useApi,
  useAppLocation,
  useBreadcrumbEntries,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { entityRouteRef } from '@backstage/plugin-catalog-react';
import { useEffect } from 'react';

const ANY = { kind: 'kind', namespace: 'namespace', name: 'name' };

/** Whether it is the page of an entity, which has a name of its own. */
function useIsEntityPage(): boolean {
  const { pathname } = useAppLocation();
  const path = useRouteRef(entityRouteRef)?.(ANY);
  const base = path?.slice(0, -Object.values(ANY).join('/').length);
  return Boolean(
    base &&
      pathname.startsWith(base) &&
      pathname.slice(base.length).split('/').length >= 3,
  );
}

/**
 * What the browser calls a page: where it is, the innermost first. Backstage names only the pages of entities, and
 * leaves their title standing on the page after them.
 */
export function DocumentTitle() {
  const config = useApi(coreApis.config);
  const { items } = useBreadcrumbEntries();
  const isEntityPage = useIsEntityPage();
  const app = config.getOptionalString('app.title') ?? 'Backstage';
  const title =
    !isEntityPage &&
    items.length > 0 &&
    [...items.map(({ label }) => label).reverse(), app].join(' | ');
  useEffect(() => {
    if (title) document.title = title;
  }, [title]);
  return null;
}
