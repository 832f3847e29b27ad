import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  auditErasePermission,
  auditHoldPermission,
} from '@agentportal/plugin-governance-common';
import { usePermission } from '@backstage/plugin-permission-react';
import { Container } from '@backstage/ui';
import { governanceTranslationRef } from '../translation';
import { ErasePerson } from './ErasePerson';
import { Holds } from './Holds';
import styles from './keeping.module.css';

/** How long entries are kept, what is held, and how a person is erased. */
export function KeepingPage() {
  const { t } = useTranslationRef(governanceTranslationRef);
  const { allowed: mayHold } = usePermission({
    permission: auditHoldPermission,
  });
  const { allowed: mayErase } = usePermission({
    permission: auditErasePermission,
  });
  return (
    <Container className={styles.page}>
      <section aria-label={t('keepingPage.howLongEntriesAreKept')}>
        <h2 className={styles.heading}>
          {t('keepingPage.howLongEntriesAreKept')}
        </h2>
        <dl className={styles.classes}>
          <div>
            <dt>{t('keepingPage.standard')}</dt>
            <dd>{t('keepingPage.whatAgentsDoDayBy')}</dd>
          </div>
          <div>
            <dt>{t('keepingPage.extended')}</dt>
            <dd>{t('keepingPage.credentialsDelegationsChangesOfPolicies')}</dd>
          </div>
          <div>
            <dt>{t('keepingPage.legalHold')}</dt>
            <dd>{t('keepingPage.whatAHoldCoversStays')}</dd>
          </div>
        </dl>
        <p className={styles.second}>
          Old entries are deleted by themselves, and the deletion is an entry.
          Their hashes stay, so that every proof of the others still holds. The
          times are set under{' '}
          <code>{t('keepingPage.governanceAuditRetention')}</code> in
          app-config.
        </p>
      </section>
      {mayHold && <Holds />}
      {mayErase && <ErasePerson />}
    </Container>
  );
}
