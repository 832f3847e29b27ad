import {
  EmptyHint,
  EntityLink,
  PagedTable,
  RelativeTime,
  StatusMark,
  usePages,
} from '@agentportal/plugin-agents-react';
import type { AuditHold } from '@agentportal/plugin-governance-common';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { RiAddLine } from '@remixicon/react';
import { useState } from 'react';
import { governanceTranslationRef } from '../translation';
import { governanceApiRef } from '../api/governanceApiRef';
import { NewHold, ReleaseHold } from './holdDialogs';
import styles from './keeping.module.css';

const COLUMNS = [
  { label: 'Why' },
  { label: 'Covers' },
  { label: 'Set' },
  { label: 'State' },
  { label: 'Actions', isUnseen: true },
];

/** Legal holds, the released ones too. */
export function Holds() {
  const { t } = useTranslationRef(governanceTranslationRef);
  const api = useApi(governanceApiRef);
  const holds = usePages<AuditHold>('holds', (cursor, signal) =>
    api.listHolds({ limit: 50, ...(cursor && { cursor }) }, { signal }),
  );
  const [isMaking, setMaking] = useState(false);
  const [released, setReleased] = useState<AuditHold>();
  const close = () => {
    setMaking(false);
    setReleased(undefined);
  };
  const changed = () => {
    close();
    holds.reload();
  };
  return (
    <section aria-label={t('holds.legalHolds')}>
      <div className={styles.head}>
        <h2 className={styles.heading}>{t('holds.legalHolds')}</h2>
        <Button
          variant="secondary"
          iconStart={<RiAddLine />}
          onPress={() => setMaking(true)}
        >
          {t('holds.setAHold')}
        </Button>
      </div>
      <PagedTable
        pages={holds}
        columns={COLUMNS}
        isFramed
        failure={t('holds.theHoldsCouldNotBe')}
        safe={t('holds.theyStayInForce')}
        empty={
          <EmptyHint title={t('holds.nothingIsHeld')} compact>
            {t('holds.setAHoldWhenA')}
          </EmptyHint>
        }
        row={hold => (
          <tr key={hold.id}>
            <td>{hold.reason}</td>
            <td>
              <Covers hold={hold} />
            </td>
            <td>
              <RelativeTime value={hold.createdAt} /> by{' '}
              <EntityLink entityRef={hold.createdBy} />
            </td>
            <td>
              {hold.releasedAt ? (
                <>
                  <StatusMark
                    status="released"
                    tone="off"
                    label={t('holds.released')}
                  />
                  <div className={styles.second}>
                    <RelativeTime value={hold.releasedAt} />:{' '}
                    {hold.releaseReason}
                  </div>
                </>
              ) : (
                <StatusMark
                  status="held"
                  tone="good"
                  label={t('holds.inForce')}
                />
              )}
            </td>
            <td>
              {!hold.releasedAt && (
                <Button
                  size="small"
                  variant="secondary"
                  onPress={() => setReleased(hold)}
                >
                  {t('holds.release')}
                </Button>
              )}
            </td>
          </tr>
        )}
      />
      {isMaking && <NewHold onDone={changed} onClose={close} />}
      {released && (
        <ReleaseHold hold={released} onDone={changed} onClose={close} />
      )}
    </section>
  );
}

function Covers({ hold }: { hold: AuditHold }) {
  const { t } = useTranslationRef(governanceTranslationRef);
  const { agentRef, personRef, runId } = hold;
  if (!agentRef && !personRef && !runId) return <>{t('holds.theWholeLog')}</>;
  return (
    <>
      {agentRef && (
        <div>
          Agent <EntityLink entityRef={agentRef} />
        </div>
      )}
      {personRef && (
        <div>
          Person <EntityLink entityRef={personRef} />
        </div>
      )}
      {runId && (
        <div>
          Run <code>{runId}</code>
        </div>
      )}
    </>
  );
}
