import {
  EmptyHint,
  EntityLink,
  PagedTable,
  RelativeTime,
  StatusMark,
  usePages,
} from '@agentportal/plugin-agents-react';
import type { AuditHold } from '@agentportal/plugin-governance-common';
import { useApi } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { RiAddLine } from '@remixicon/react';
import { useState } from 'react';
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
    <section aria-label="Legal holds">
      <div className={styles.head}>
        <h2 className={styles.heading}>Legal holds</h2>
        <Button
          variant="secondary"
          iconStart={<RiAddLine />}
          onPress={() => setMaking(true)}
        >
          Set a hold
        </Button>
      </div>
      <PagedTable
        pages={holds}
        columns={COLUMNS}
        isFramed
        failure="The holds could not be read"
        safe="They stay in force."
        empty={
          <EmptyHint title="Nothing is held" compact>
            Set a hold when a dispute or an inquiry needs what the log has about
            an agent, a person or a run: it is then neither deleted nor erased.
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
                  <StatusMark status="released" tone="off" label="Released" />
                  <div className={styles.second}>
                    <RelativeTime value={hold.releasedAt} />:{' '}
                    {hold.releaseReason}
                  </div>
                </>
              ) : (
                <StatusMark status="held" tone="good" label="In force" />
              )}
            </td>
            <td>
              {!hold.releasedAt && (
                <Button
                  size="small"
                  variant="secondary"
                  onPress={() => setReleased(hold)}
                >
                  Release
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
  const { agentRef, personRef, runId } = hold;
  if (!agentRef && !personRef && !runId) return <>The whole log</>;
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
