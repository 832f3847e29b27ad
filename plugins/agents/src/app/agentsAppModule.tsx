import {
  AppRootElementBlueprint,
  PageLayout,
  createFrontendModule,
} from '@backstage/frontend-plugin-api';
import {
  IconBundleBlueprint,
  SwappableComponentBlueprint,
} from '@backstage/plugin-app-react';
import { RiBrainLine, RiRobot2Line, RiToolsLine } from '@remixicon/react';
import { DocumentTitle } from './DocumentTitle';
import { PortalPageLayout } from './PortalPageLayout';

/**
 * Icons of the kinds Agent, Tool and Model, and titles and headers of pages, for the whole app. They belong to
 * the app, so this module is installed beside the plugin.
 *
 * @public
 */
export const agentsAppModule = createFrontendModule({
  pluginId: 'app',
  extensions: [
    IconBundleBlueprint.make({
      name: 'agent-portal-kinds',
      params: {
        icons: {
          'kind:agent': <RiRobot2Line />,
          'kind:tool': <RiToolsLine />,
          'kind:model': <RiBrainLine />,
        },
      },
    }),
    AppRootElementBlueprint.make({
      name: 'agent-portal-document-title',
      params: { element: <DocumentTitle /> },
    }),
    SwappableComponentBlueprint.make({
      name: 'core-page-layout',
      params: define =>
        define({ component: PageLayout, loader: () => PortalPageLayout }),
    }),
  ],
});
