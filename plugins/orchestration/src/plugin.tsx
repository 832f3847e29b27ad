import {
  PageBlueprint,
  createFrontendPlugin,
} from '@backstage/frontend-plugin-api';
import { EntityContentBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { RiCalendarScheduleLine, RiPlayCircleLine } from '@remixicon/react';
import { agentChoicesApi, orchestrationApi } from './api/extensions';
import {
  approvalsRouteRef,
  auditRouteRef,
  compareRouteRef,
  rootRouteRef,
  runRouteRef,
  schedulesRouteRef,
  traceRouteRef,
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

const schedulesPage = PageBlueprint.make({
  name: 'schedules',
  params: {
    path: '/schedules',
    title: orchestrationTranslationRef('schedules.title'),
    icon: <RiCalendarScheduleLine />,
    routeRef: schedulesRouteRef,
    loader: () =>
      import('./triggers/SchedulesPage').then(m => <m.SchedulesPage />),
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

const schedulesTab = EntityContentBlueprint.make({
  name: 'schedules',
  params: {
    path: '/schedules',
    title: orchestrationTranslationRef('schedules.title'),
    filter: { kind: 'agent', 'spec.triggers': { $exists: true } },
    loader: () =>
      import('./triggers/SchedulesTab').then(m => <m.SchedulesTab />),
  },
});

/**
 * Runs of agents: the list, the page of a run, what starts them without a person, and
 * the chat of an agent.
 *
 * @public
 */
export const orchestrationPlugin = createFrontendPlugin({
  pluginId: 'orchestration',
  title: 'Runs',
  icon: <RiPlayCircleLine />,
  info: { packageJson: () => import('../package.json') },
  routes: {
    root: rootRouteRef,
    run: runRouteRef,
    compare: compareRouteRef,
    schedules: schedulesRouteRef,
  },
  externalRoutes: {
    approvals: approvalsRouteRef,
    audit: auditRouteRef,
    trace: traceRouteRef,
  },
  extensions: [
    runsPage,
    schedulesPage,
    orchestrationApi,
    agentChoicesApi,
    chatTab,
    runsTab,
    schedulesTab,
  ],
});
