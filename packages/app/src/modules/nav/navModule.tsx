import { createFrontendModule } from '@backstage/frontend-plugin-api';
import {
  NavContentBlueprint,
  TranslationBlueprint,
} from '@backstage/plugin-app-react';
import { catalogWords } from './catalogWords';
import { PortalSidebar } from './PortalSidebar';

/** The portal's own sidebar: the pages of agents first, Backstage's after. */
export const navModule = createFrontendModule({
  pluginId: 'app',
  extensions: [
    NavContentBlueprint.make({ params: { component: PortalSidebar } }),
    TranslationBlueprint.make({
      name: 'catalog-words',
      params: { resource: catalogWords },
    }),
  ],
});
