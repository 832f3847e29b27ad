import { agentsTranslationRef } from '../translation';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert } from '@backstage/ui';

/** What a model's file states without a right to, as sentences; it is not believed. */
export function IgnoredClaims(props: { claims?: readonly string[] }) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { claims = [] } = props;
  return claims.length ? (
    <Alert
      status="warning"
      icon
      title={t('ignoredClaims.partOfItsFileIs')}
      description={claims.join(' ')}
    />
  ) : null;
}
