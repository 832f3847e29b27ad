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
    unitPrices: {
      characterNanoUsd: '{{price}} for a million characters',
      imageNanoUsd: '{{price}} a picture',
      audioMinuteNanoUsd: '{{price}} a minute',
      searchUnitNanoUsd: '{{price}} a search',
      gpuHourNanoUsd: '{{price}} an hour',
    },
    learned: {
      title: 'What routing has learned',
      means:
        'Answers that evaluations and reviewers judged, and that callers told about, move how hard a request may be for each tier of models. Owners who are not listed have the default.',
      owner: 'Agents of',
      tiers: 'Each tier serves requests up to',
      at: 'Learned',
      others: 'Nobody in particular',
      more: 'More',
      tier: '{{tier}}: {{upTo}}, {{rule}}; {{successes}} of {{outcomes}} answers were good',
      names: {
        simple: 'Simple',
        medium: 'Medium',
        complex: 'Complex',
        reasoning: 'Reasoning',
      },
      rules: {
        default: 'the default, as there are too few yet',
        kept: 'as by default',
        raised: 'more than by default',
        lowered: 'less than by default',
      },
    },
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
        'unitPrices.characterNanoUsd': '每百万字符 {{price}}',
        'unitPrices.imageNanoUsd': '每张图片 {{price}}',
        'unitPrices.audioMinuteNanoUsd': '每分钟 {{price}}',
        'unitPrices.searchUnitNanoUsd': '每次检索 {{price}}',
        'unitPrices.gpuHourNanoUsd': '每小时 {{price}}',
        'learned.title': '路由学到了什么',
        'learned.means':
          '评估、评审和调用方对回答的判断会调整每个层级的模型可处理的请求难度。未列出的所有者使用默认值。',
        'learned.owner': '所有者',
        'learned.tiers': '各层级可处理的最高难度',
        'learned.at': '学习时间',
        'learned.others': '无特定所有者',
        'learned.more': '更多',
        'learned.tier':
          '{{tier}}：{{upTo}}，{{rule}}；{{outcomes}} 个回答中 {{successes}} 个良好',
        'learned.names.simple': '简单',
        'learned.names.medium': '中等',
        'learned.names.complex': '复杂',
        'learned.names.reasoning': '推理',
        'learned.rules.default': '默认值，样本尚少',
        'learned.rules.kept': '与默认值相同',
        'learned.rules.raised': '高于默认值',
        'learned.rules.lowered': '低于默认值',
      },
    }),
  },
});
