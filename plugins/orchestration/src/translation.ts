import { createTranslationRef } from '@backstage/frontend-plugin-api';

/**
 * Titles of pages and tabs and what the guard hid, in English and Chinese.
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
    hidden: {
      note: 'The guard of the portal hid {{what}} from the model, or in its answer.',
      and: ' and ',
      secret: 'a secret',
      'personal-data': 'personal data',
      link: 'a link that could carry words away',
      topic: 'a sentence about a topic that this agent does not speak of',
      'unsafe-content': 'a sentence that could hurt people',
    },
  },
  translations: {
    zh: async () => ({
      default: {
        'page.title': '运行记录',
        'chatTab.title': '对话',
        'runsTab.title': '运行记录',
        'schedules.title': '定时任务',
        'hidden.note': '门户的防护对模型或在其回答中隐藏了{{what}}。',
        'hidden.and': '和',
        'hidden.secret': '密钥',
        'hidden.personal-data': '个人数据',
        'hidden.link': '可能带走内容的链接',
        'hidden.topic': '该智能体不谈论的话题',
        'hidden.unsafe-content': '可能伤害他人的内容',
      },
    }),
  },
});
