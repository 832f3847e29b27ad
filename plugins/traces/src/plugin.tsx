import { TracesClient } from '@agentportal/plugin-traces-common';
import {
  ApiBlueprint,
  PageBlueprint,
  coreApis,
  createFrontendPlugin,
} from '@backstage/frontend-plugin-api';
import { EntityContentBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { RiNodeTree } from '@remixicon/react';
import { tracesApiRef } from './api/tracesApiRef';
import {
  approvalsRouteRef,
  rootRouteRef,
  runRouteRef,
  traceRouteRef,
} from './routes';
import { tracesTranslationRef } from './translation';

const tracesApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: tracesApiRef,
      deps: { discoveryApi: coreApis.discovery, fetchApi: coreApis.fetch },
      factory: deps => new TracesClient(deps),
    }),
});

// No `if`: nearly everybody may read some traces, those of their own questions, and a condition of
// the framework knows all or nothing. Who may read none is told so by the page.
const tracesPage = PageBlueprint.make({
  params: {
    path: '/traces',
    title: tracesTranslationRef('page.title'),
    icon: <RiNodeTree size={20} />,
    routeRef: rootRouteRef,
    loader: () => import('./list/TracesPage').then(m => <m.TracesPage />),
  },
});

const tracesTab = EntityContentBlueprint.make({
  params: {
    path: '/traces',
    title: tracesTranslationRef('tab.title'),
    filter: { kind: { $in: ['agent', 'group', 'user', 'system', 'domain'] } },
    loader: () =>
      import('./list/EntityTracesTab').then(m => <m.EntityTracesTab />),
  },
});

/**
 * Traces of agents: their list and figures, the page of a trace, and the tab of agents, groups,
 * people, systems and domains.
 *
 * @public
 */
export const tracesPlugin = createFrontendPlugin({
  pluginId: 'traces',
  title: 'Traces',
  icon: <RiNodeTree />,
  info: { packageJson: () => import('../package.json') },
  routes: { root: rootRouteRef, trace: traceRouteRef },
  externalRoutes: { run: runRouteRef, approvals: approvalsRouteRef },
  extensions: [tracesApi, tracesPage, tracesTab],
});
