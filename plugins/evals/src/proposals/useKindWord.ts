import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { FAILURES } from '../reviews/reviewWords';
import { evalsTranslationRef } from '../translation';

/** What says that an answer is wrong, in words. */
export function useKindWord(): (kind: string) => string {
  const { t } = useTranslationRef(evalsTranslationRef);
  return kind => {
    if (kind === 'thumbs-down') {
      return t('proposals.thumbsDown');
    }
    return Object.hasOwn(FAILURES, kind)
      ? FAILURES[kind as keyof typeof FAILURES]
      : t('proposals.evaluator', { evaluator: kind });
  };
}
