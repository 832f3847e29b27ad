import {
  createFrontendModule,
  createTranslationMessages,
  createTranslationResource,
} from '@backstage/frontend-plugin-api';
import {
  NavContentBlueprint,
  TranslationBlueprint,
} from '@backstage/plugin-app-react';
import { searchTranslationRef } from '@backstage/plugin-search';
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
    TranslationBlueprint.make({
      name: 'search-zh',
      params: {
        resource: createTranslationResource({
          ref: searchTranslationRef,
          translations: {
            zh: async () => ({
              default: createTranslationMessages({
                ref: searchTranslationRef,
                full: false,
                messages: { 'sidebarSearchModal.title': '搜索' },
              }),
            }),
          },
        }),
      },
    }),
  ],
});
