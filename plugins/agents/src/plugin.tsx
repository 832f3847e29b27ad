import {
  PageBlueprint,
  createFrontendPlugin,
} from '@backstage/frontend-plugin-api';
import { RiRobot2Line } from '@remixicon/react';
import { agentAccess } from './access/extension';
import { agentActivityApi, agentsApi } from './api/extensions';
import {
  agentHeader,
  agentOverview,
  modelOverview,
  toolOverview,
} from './entity/extensions';
import {
  createAgentRouteRef,
  rootRouteRef,
  runRouteRef,
  toolExplorerRouteRef,
} from './routes';
import { agentsTranslationRef } from './translation';

const agentsPage = PageBlueprint.make({
  params: {
    path: '/agents',
    title: agentsTranslationRef('page.title'),
    icon: <RiRobot2Line />,
    routeRef: rootRouteRef,
    loader: () => import('./home/AgentsPage').then(m => <m.AgentsPage />),
  },
});

/**
 * The Agents page, and the pages of agents, tools and models in the catalog.
 *
 * @public
 */
export const agentsPlugin = createFrontendPlugin({
  pluginId: 'agents',
  title: 'Agents',
  icon: <RiRobot2Line />,
  info: { packageJson: () => import('../package.json') },
  routes: { root: rootRouteRef },
  externalRoutes: {
    create: createAgentRouteRef,
    run: runRouteRef,
    toolExplorer: toolExplorerRouteRef,
  },
  extensions: [
    agentsPage,
    agentsApi,
    agentActivityApi,
    agentHeader,
    agentOverview,
    agentAccess,
    toolOverview,
    modelOverview,
  ],
});
