import { createApiRef } from '@backstage/frontend-plugin-api';
import type { RoutesClient } from '@agentportal/plugin-models-common';

/**
 * What the front end asks about routes.
 *
 * @public
 */
export type RoutesApi = Pick<
  RoutesClient,
  | 'listRoutes'
  | 'getRoute'
  | 'previewRoute'
  | 'saveRoute'
  | 'revertRoute'
  | 'getRouteHistory'
>;

/**
 * The routes of the model service, as the signed-in person.
 *
 * @public
 */
export const routesApiRef = createApiRef<RoutesApi>().with({
  id: 'plugin.models.routes',
  pluginId: 'models',
});
