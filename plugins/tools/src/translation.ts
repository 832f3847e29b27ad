import { createTranslationRef } from '@backstage/frontend-plugin-api';

/**
 * Titles of pages and tabs, in English and Chinese.
 *
 * @public
 */
export const toolsTranslationRef = createTranslationRef({
  id: 'plugin.tools',
  messages: {
    page: { title: 'Tools' },
  },
  translations: {
    zh: async () => ({
      default: {
        'page.title': '工具',
      },
    }),
  },
});
