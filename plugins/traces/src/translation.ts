import { createTranslationRef } from '@backstage/frontend-plugin-api';

/**
 * Titles of the page and the tab, in English and Chinese.
 *
 * @public
 */
export const tracesTranslationRef = createTranslationRef({
  id: 'plugin.traces',
  messages: { page: { title: 'Traces' }, tab: { title: 'Traces' } },
  translations: {
    zh: async () => ({
      default: { 'page.title': '链路追踪', 'tab.title': '链路追踪' },
    }),
  },
});
