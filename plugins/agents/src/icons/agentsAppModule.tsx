import { createFrontendModule } from '@backstage/frontend-plugin-api';
import { IconBundleBlueprint } from '@backstage/plugin-app-react';
import { RiBrainLine, RiRobot2Line, RiToolsLine } from '@remixicon/react';

/**
 * Icons of the kinds Agent, Tool and Model, for the whole app. Icons belong to
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
  ],
});
