import { createTranslationRef } from '@backstage/frontend-plugin-api';

/**
 * Titles of pages and tabs, in English and Chinese.
 *
 * @public
 */
export const agentsTranslationRef = createTranslationRef({
  id: 'plugin.agents',
  messages: {
    page: { title: 'Agents' },
    accessTab: { title: 'Access' },
    approvals: { title: 'Approvals' },
  },
  translations: {
    zh: async () => ({
      default: {
        'page.title': '智能体',
        'accessTab.title': '权限',
        'approvals.title': '审批',
      },
    }),
  },
});
