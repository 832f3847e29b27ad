import {
  createTranslationMessages,
  createTranslationResource,
} from '@backstage/frontend-plugin-api';
import { catalogTranslationRef } from '@backstage/plugin-catalog';

const messages = (words: { title: string; text: string }) =>
  createTranslationMessages({
    ref: catalogTranslationRef,
    full: false,
    messages: {
      'entityLabels.warningPanelTitle': words.title,
      'entityPage.notFoundMessage': words.text,
    },
  });

/** What the catalog says where it has nothing, in words that need no knowledge of entity refs. */
export const catalogWords = createTranslationResource({
  ref: catalogTranslationRef,
  translations: {
    en: async () => ({
      default: messages({
        title: 'There is nothing of this name',
        text: 'The address may be mistyped, or the {{kind}} is gone or not for you to see. Search finds it by its title.',
      }),
    }),
    zh: async () => ({
      default: messages({
        title: '没有此名称的内容',
        text: '地址可能有误，或者该 {{kind}} 已被移除，或者您无权查看。可以通过搜索按标题查找。',
      }),
    }),
  },
});
