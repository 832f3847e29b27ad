import { ConfirmDialog, nameOfRef } from '@agentportal/plugin-agents-react';
import type { AuditHold } from '@agentportal/plugin-governance-common';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text, TextField } from '@backstage/ui';
import { useState } from 'react';
import { governanceTranslationRef } from '../translation';
import { governanceApiRef } from '../api/governanceApiRef';
import { EntityPicker } from '../entries/EntityPicker';

interface HoldDialogProps {
  onDone(): void;
  onClose(): void;
}

/** Puts entries under a hold. */
export function NewHold({ onDone, onClose }: HoldDialogProps) {
  const { t } = useTranslationRef(governanceTranslationRef);
  const api = useApi(governanceApiRef);
  const [reason, setReason] = useState('');
  const [agentRef, setAgent] = useState('');
  const [personRef, setPerson] = useState('');
  const [runId, setRun] = useState('');
  const parts = [
    agentRef && `the agent ${nameOfRef(agentRef)}`,
    personRef && `the person ${nameOfRef(personRef)}`,
    runId.trim() && `the run ${runId.trim()}`,
  ].filter(Boolean);
  return (
    <ConfirmDialog
      title={t('holdDialogs.setALegalHold')}
      action={t('holdDialogs.setTheHold')}
      failure={t('holdDialogs.theHoldWasNotSet')}
      isIncomplete={!reason.trim()}
      onClose={onClose}
      onConfirm={async () => {
        await api.createHold({
          reason: reason.trim(),
          ...(agentRef && { agentRef }),
          ...(personRef && { personRef }),
          ...(runId.trim() && { runId: runId.trim() }),
        });
        onDone();
      }}
    >
      <TextField
        label={t('holdDialogs.why')}
        description={t('holdDialogs.whoAsksForItAnd')}
        isRequired
        value={reason}
        onChange={setReason}
      />
      <EntityPicker
        label={t('holdDialogs.agent')}
        placeholder={t('holdDialogs.anyAgent')}
        kinds={['Agent']}
        value={agentRef}
        onChange={setAgent}
      />
      <EntityPicker
        label={t('holdDialogs.person')}
        placeholder={t('holdDialogs.anybody')}
        kinds={['User']}
        value={personRef}
        onChange={setPerson}
      />
      <TextField
        label={t('holdDialogs.run')}
        placeholder={t('holdDialogs.anyRun')}
        value={runId}
        onChange={setRun}
      />
      <Text>
        {parts.length
          ? `Entries about ${parts.join(
              ' and ',
            )} are then neither deleted at the end of their time nor erased, until the hold is released.`
          : 'This holds the whole log: nothing is deleted at the end of its time and nobody can be erased, until the hold is released.'}
      </Text>
    </ConfirmDialog>
  );
}

/** Ends a hold. */
export function ReleaseHold(props: HoldDialogProps & { hold: AuditHold }) {
  const { t } = useTranslationRef(governanceTranslationRef);
  const { hold, onDone, onClose } = props;
  const api = useApi(governanceApiRef);
  const [reason, setReason] = useState('');
  return (
    <ConfirmDialog
      title={t('holdDialogs.releaseThisHold')}
      action={t('holdDialogs.releaseTheHold')}
      keep="Keep it"
      destructive
      failure={t('holdDialogs.theHoldWasNotReleased')}
      isIncomplete={!reason.trim()}
      onClose={onClose}
      onConfirm={async () => {
        await api.releaseHold(hold.id, reason.trim());
        onDone();
      }}
    >
      <Text>
        “{hold.reason}” ends. What it covered is deleted when its time is over,
        which for old entries is at once, and its persons can be erased. A
        deleted entry does not come back.
      </Text>
      <TextField
        label={t('holdDialogs.why')}
        description={t('holdDialogs.itIsWrittenIntoThe')}
        isRequired
        value={reason}
        onChange={setReason}
      />
    </ConfirmDialog>
  );
}
