import {
  PageBlueprint,
  createFrontendPlugin,
} from '@backstage/frontend-plugin-api';
import { RiCheckDoubleLine, RiRobot2Line } from '@remixicon/react';
import { agentAccess } from './access/extension';
import { agentActivityApi, agentsApi, approvalsApi } from './api/extensions';
import {
  agentHeader,
  agentOverview,
  modelOverview,
  toolOverview,
} from './entity/extensions';
import {
  approvalsRouteRef,
  createAgentRouteRef,
  rootRouteRef,
  runRouteRef,
  toolExplorerRouteRef,
} from './routes';
import { agentSettings } from './settings/extension';
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

const approvalsPage = PageBlueprint.make({
  name: 'approvals',
  params: {
    path: '/approvals',
    title: agentsTranslationRef('approvals.title'),
    icon: <RiCheckDoubleLine />,
    routeRef: approvalsRouteRef,
    loader: () =>
      import('./approvals/ApprovalsPage').then(m => <m.ApprovalsPage />),
  },
});

/**
 * The Agents page, what waits for people to decide, and the pages of agents, tools and models in the catalog.
 *
 * @public
 */
export const agentsPlugin = createFrontendPlugin({
  pluginId: 'agents',
  title: 'Agents',
  icon: <RiRobot2Line />,
  info: { packageJson: () => import('../package.json') },
  routes: { root: rootRouteRef, approvals: approvalsRouteRef },
  externalRoutes: {
    create: createAgentRouteRef,
    run: runRouteRef,
    toolExplorer: toolExplorerRouteRef,
  },
  extensions: [
    agentsPage,
    approvalsPage,
    agentsApi,
    approvalsApi,
    agentActivityApi,
    agentHeader,
    agentOverview,
    agentAccess,
    agentSettings,
    toolOverview,
    modelOverview,
  ],
});
