import { ConfirmDialog, nameOfRef } from '@agentportal/plugin-agents-react';
import type { AuditHold } from '@agentportal/plugin-governance-common';
import { useApi } from '@backstage/frontend-plugin-api';
import { Text, TextField } from '@backstage/ui';
import { useState } from 'react';
import { governanceApiRef } from '../api/governanceApiRef';
import { EntityPicker } from '../entries/EntityPicker';

interface HoldDialogProps {
  onDone(): void;
  onClose(): void;
}

/** Puts entries under a hold. */
export function NewHold({ onDone, onClose }: HoldDialogProps) {
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
      title="Set a legal hold"
      action="Set the hold"
      failure="The hold was not set"
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
        label="Why"
        description="Who asks for it and under which matter; it is written into the log"
        isRequired
        value={reason}
        onChange={setReason}
      />
      <EntityPicker
        label="Agent"
        placeholder="Any agent"
        kinds={['Agent']}
        value={agentRef}
        onChange={setAgent}
      />
      <EntityPicker
        label="Person"
        placeholder="Anybody"
        kinds={['User']}
        value={personRef}
        onChange={setPerson}
      />
      <TextField
        label="Run"
        placeholder="Any run"
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
  const { hold, onDone, onClose } = props;
  const api = useApi(governanceApiRef);
  const [reason, setReason] = useState('');
  return (
    <ConfirmDialog
      title="Release this hold?"
      action="Release the hold"
      keep="Keep it"
      destructive
      failure="The hold was not released"
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
        label="Why"
        description="It is written into the log"
        isRequired
        value={reason}
        onChange={setReason}
      />
    </ConfirmDialog>
  );
}
