import {
  createRouteRef,
  createSubRouteRef,
} from '@backstage/frontend-plugin-api';

export const rootRouteRef = createRouteRef();

/** The page of one run; `?step=<id>` chooses a step. */
export const runRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/:id',
});
