import {
  ApiBlueprint,
  coreApis,
  createFrontendPlugin,
  PageBlueprint,
} from '@backstage/frontend-plugin-api';
import { ToolsClient } from '@agentportal/plugin-tools-common';
import { RiToolsLine } from '@remixicon/react';
import { toolsApiRef } from './api/toolsApiRef';
import { rootRouteRef } from './routes';
import { toolsTranslationRef } from './translation';

const toolsApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: toolsApiRef,
      deps: { discoveryApi: coreApis.discovery, fetchApi: coreApis.fetch },
      factory: deps => new ToolsClient(deps),
    }),
});

const toolsPage = PageBlueprint.make({
  params: {
    path: '/tools',
    title: toolsTranslationRef('page.title'),
    icon: <RiToolsLine size={20} />,
    routeRef: rootRouteRef,
    loader: () => import('./explorer/ToolsPage').then(m => <m.ToolsPage />),
  },
});

/**
 * The tool explorer: find a tool, see what it may do, try it.
 *
 * @public
 */
export const toolsPlugin = createFrontendPlugin({
  pluginId: 'tools',
  title: 'Tools',
  icon: <RiToolsLine size={20} />,
  info: { packageJson: () => import('../package.json') },
  extensions: [toolsApi, toolsPage],
  routes: { root: rootRouteRef },
});
