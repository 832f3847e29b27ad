import { createTranslationRef } from '@backstage/frontend-plugin-api';

/**
 * Titles of pages and tabs, in English and Chinese.
 *
 * @public
 */
export const orchestrationTranslationRef = createTranslationRef({
  id: 'plugin.orchestration',
  messages: {
    page: { title: 'Runs' },
    chatTab: { title: 'Chat' },
    runsTab: { title: 'Runs' },
    schedules: { title: 'Schedules' },
  },
  translations: {
    zh: async () => ({
      default: {
        'page.title': '运行记录',
        'chatTab.title': '对话',
        'runsTab.title': '运行记录',
        'schedules.title': '定时任务',
      },
    }),
  },
});
