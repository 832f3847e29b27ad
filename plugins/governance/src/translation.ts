import { createTranslationRef } from '@backstage/frontend-plugin-api';

/**
 * Titles of pages and tabs, in English and Chinese.
 *
 * @public
 */
export const governanceTranslationRef = createTranslationRef({
  id: 'plugin.governance',
  messages: {
    page: { title: 'Audit' },
    entries: { title: 'Entries' },
    rules: { title: 'Rules' },
    keeping: { title: 'Keeping and erasing' },
  },
  translations: {
    zh: async () => ({
      default: {
        'page.title': '审计',
        'entries.title': '记录',
        'rules.title': '规则',
        'keeping.title': '保留与删除',
      },
    }),
  },
});
