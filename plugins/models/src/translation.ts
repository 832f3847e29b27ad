import { createTranslationRef } from '@backstage/frontend-plugin-api';

/**
 * Titles of pages and tabs, in English and Chinese.
 *
 * @public
 */
export const modelsTranslationRef = createTranslationRef({
  id: 'plugin.models',
  messages: {
    models: { title: 'Models' },
    allModels: { title: 'All models' },
    routes: { title: 'Routes' },
    keys: { title: 'Keys' },
    cost: { title: 'Cost' },
    costOverview: { title: 'Overview' },
    budgets: { title: 'Budgets' },
    costTab: { title: 'Cost' },
  },
  translations: {
    zh: async () => ({
      default: {
        'models.title': '模型',
        'allModels.title': '全部模型',
        'routes.title': '路由',
        'keys.title': '密钥',
        'cost.title': '费用',
        'costOverview.title': '概览',
        'budgets.title': '预算',
        'costTab.title': '费用',
      },
    }),
  },
});
