import { EmptyHint } from '@agentportal/plugin-agents-react';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { ButtonLink } from '@backstage/ui';
import { portalTranslationRef } from '../../translation';

/** That there is no such page, and the way back to the agents. */
export function NotFound() {
  const { t } = useTranslationRef(portalTranslationRef);
  return (
    <EmptyHint
      title={t('notFound.title')}
      actions={
        <ButtonLink variant="secondary" href="/">
          {t('notFound.home')}
        </ButtonLink>
      }
    >
      {t('notFound.text')}
    </EmptyHint>
  );
}
