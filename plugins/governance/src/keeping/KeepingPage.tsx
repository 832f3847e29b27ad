import {
  auditErasePermission,
  auditHoldPermission,
} from '@agentportal/plugin-governance-common';
import { usePermission } from '@backstage/plugin-permission-react';
import { Container } from '@backstage/ui';
import { ErasePerson } from './ErasePerson';
import { Holds } from './Holds';
import styles from './keeping.module.css';

/** How long entries are kept, what is held, and how a person is erased. */
export function KeepingPage() {
  const { allowed: mayHold } = usePermission({
    permission: auditHoldPermission,
  });
  const { allowed: mayErase } = usePermission({
    permission: auditErasePermission,
  });
  return (
    <Container className={styles.page}>
      <section aria-label="How long entries are kept">
        <h2 className={styles.heading}>How long entries are kept</h2>
        <dl className={styles.classes}>
          <div>
            <dt>Standard</dt>
            <dd>
              What agents do day by day. Six months (184 days) unless this
              portal is configured otherwise.
            </dd>
          </div>
          <div>
            <dt>Extended</dt>
            <dd>
              Credentials, delegations, changes of policies, approvals. Six
              years (2,192 days) unless this portal is configured otherwise.
            </dd>
          </div>
          <div>
            <dt>Legal hold</dt>
            <dd>What a hold covers stays until the hold is released.</dd>
          </div>
        </dl>
        <p className={styles.second}>
          Old entries are deleted by themselves, and the deletion is an entry.
          Their hashes stay, so that every proof of the others still holds. The
          times are set under <code>governance.audit.retention</code> in
          app-config.
        </p>
      </section>
      {mayHold && <Holds />}
      {mayErase && <ErasePerson />}
    </Container>
  );
}
