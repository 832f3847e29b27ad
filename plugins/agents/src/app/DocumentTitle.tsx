import {
  coreApis,
  useApi,
  useBreadcrumbEntries,
} from '@backstage/frontend-plugin-api';
import { useEffect } from 'react';

/**
 * What the browser calls a page: where it is, the innermost first. Backstage names only the pages of the catalog,
 * and leaves their title standing on the page after them.
 */
export function DocumentTitle() {
  const config = useApi(coreApis.config);
  const { items } = useBreadcrumbEntries();
  const app = config.getOptionalString('app.title') ?? 'Backstage';
  const title =
    items.length > 0 &&
    [...items.map(({ label }) => label).reverse(), app].join(' | ');
  useEffect(() => {
    if (title) document.title = title;
  }, [title]);
  return null;
}
