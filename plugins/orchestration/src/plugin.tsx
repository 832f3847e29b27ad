import {
  PageBlueprint,
  createFrontendPlugin,
} from '@backstage/frontend-plugin-api';
import { EntityContentBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { RiPlayCircleLine } from '@remixicon/react';
import { agentChoicesApi, orchestrationApi } from './api/extensions';
import {
  approvalsRouteRef,
  auditRouteRef,
  rootRouteRef,
  runRouteRef,
} from './routes';
import { orchestrationTranslationRef } from './translation';

const runsPage = PageBlueprint.make({
  params: {
    path: '/runs',
    title: orchestrationTranslationRef('page.title'),
    icon: <RiPlayCircleLine />,
    routeRef: rootRouteRef,
    loader: () => import('./runs/RunsPage').then(m => <m.RunsPage />),
  },
});

const chatTab = EntityContentBlueprint.make({
  name: 'chat',
  params: {
    path: '/chat',
    title: orchestrationTranslationRef('chatTab.title'),
    filter: { kind: 'agent' },
    loader: () => import('./chat/ChatTab').then(m => <m.ChatTab />),
  },
});

const runsTab = EntityContentBlueprint.make({
  name: 'runs',
  params: {
    path: '/runs',
    title: orchestrationTranslationRef('runsTab.title'),
    filter: { kind: 'agent' },
    loader: () => import('./runs/AgentRunsTab').then(m => <m.AgentRunsTab />),
  },
});

/**
 * Runs of agents: the list, the page of a run, and the chat of an agent.
 *
 * @public
 */
export const orchestrationPlugin = createFrontendPlugin({
  pluginId: 'orchestration',
  title: 'Runs',
  icon: <RiPlayCircleLine />,
  info: { packageJson: () => import('../package.json') },
  routes: { root: rootRouteRef, run: runRouteRef },
  externalRoutes: { approvals: approvalsRouteRef, audit: auditRouteRef },
  extensions: [runsPage, orchestrationApi, agentChoicesApi, chatTab, runsTab],
});
