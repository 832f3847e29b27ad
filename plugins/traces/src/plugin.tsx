import { createFrontendPlugin } from '@backstage/frontend-plugin-api';
import { RiNodeTree } from '@remixicon/react';
import { rootRouteRef, runRouteRef, traceRouteRef } from './routes';

/**
 * Traces of agents: the list with its figures, the page of a trace, and the tab of an agent.
 *
 * @public
 */
export const tracesPlugin = createFrontendPlugin({
  pluginId: 'traces',
  title: 'Traces',
  icon: <RiNodeTree />,
  info: { packageJson: () => import('../package.json') },
  routes: { root: rootRouteRef, trace: traceRouteRef },
  externalRoutes: { run: runRouteRef },
  extensions: [],
});
