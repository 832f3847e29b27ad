import { createTranslationRef } from '@backstage/frontend-plugin-api';

/**
 * Titles of the pages and tabs, in English and Chinese.
 *
 * @public
 */
export const evalsTranslationRef = createTranslationRef({
  id: 'plugin.evals',
  messages: {
    page: { title: 'Quality' },
    scorecards: { title: 'Scorecards' },
    evaluations: { title: 'Evaluations' },
    reviews: { title: 'Reviews' },
    experiments: { title: 'Experiments' },
    delivery: { title: 'Delivery' },
    scorecardTab: { title: 'Scorecard' },
    evaluationsTab: { title: 'Evaluations' },
  },
  translations: {
    zh: async () => ({
      default: {
        'page.title': '质量',
        'scorecards.title': '记分卡',
        'evaluations.title': '评估',
        'reviews.title': '人工评审',
        'experiments.title': '实验',
        'delivery.title': '交付',
        'scorecardTab.title': '记分卡',
        'evaluationsTab.title': '评估',
      },
    }),
  },
});
