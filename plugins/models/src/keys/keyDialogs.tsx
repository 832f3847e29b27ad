import { ConfirmDialog } from '@agentportal/plugin-agents-react';
import type {
  KeySummary,
  KeyWithSecret,
} from '@agentportal/plugin-models-common';
import { useApi } from '@backstage/frontend-plugin-api';
import { Select, Text, TextField } from '@backstage/ui';
import { useState } from 'react';
import { modelsApiRef } from '../api/modelsApiRef';
import { DEFAULT_OVERLAP_SECONDS, inDays, LIVES, OVERLAPS } from './keyWords';
import { ModelsPicker } from './ModelsPicker';

interface KeyDialogProps<T> {
  summary: KeySummary;
  onDone(result: T): void;
  onClose(): void;
}

/** Changes what a key is called, what it is for and how long it lives. */
export function EditKey(props: KeyDialogProps<KeySummary>) {
  const { onClose, onDone, summary } = props;
  const keysApi = useApi(modelsApiRef);
  const [title, setTitle] = useState(summary.title);
  const [models, setModels] = useState(summary.models);
  const [days, setDays] = useState('');
  return (
    <ConfirmDialog
      title={`Change ${summary.title}`}
      action="Save"
      failure="The key was not changed"
      isIncomplete={!title.trim() || models.length === 0}
      onClose={onClose}
      onConfirm={async () =>
        onDone(
          await keysApi.updateKey(summary.id, {
            title: title.trim(),
            models,
            ...(days && { expiresAt: inDays(Number(days)) }),
          }),
        )
      }
    >
      <TextField
        label="What is it for"
        isRequired
        maxLength={200}
        value={title}
        onChange={setTitle}
      />
      <ModelsPicker value={models} onChange={setModels} />
      <Select
        label="Expires"
        value={days}
        options={[
          { value: '', label: 'As it does now' },
          ...LIVES.map(life => ({
            value: String(life.days),
            label: life.label,
          })),
        ]}
        onChange={key => setDays(String(key ?? ''))}
      />
    </ConfirmDialog>
  );
}

/** Makes a new secret, while the old one stays good for as long as is chosen. */
export function RotateKey(props: KeyDialogProps<KeyWithSecret>) {
  const { onClose, onDone, summary } = props;
  const keysApi = useApi(modelsApiRef);
  const [overlap, setOverlap] = useState(DEFAULT_OVERLAP_SECONDS);
  return (
    <ConfirmDialog
      title={`Rotate the secret of ${summary.title}?`}
      action="Make a new secret"
      failure="There is no new secret"
      onClose={onClose}
      onConfirm={async () =>
        onDone(await keysApi.rotateKey(summary.id, { overlapSeconds: overlap }))
      }
    >
      <Text as="p">
        You get a new secret at once. Until the old one ends, programs may call
        with either.
      </Text>
      <Select
        label="The old secret counts"
        value={String(overlap)}
        options={OVERLAPS.map(({ label, seconds }) => ({
          value: String(seconds),
          label,
        }))}
        onChange={key => setOverlap(Number(key))}
      />
    </ConfirmDialog>
  );
}

/** Asks whether a key may really end. */
export function RevokeKey(props: KeyDialogProps<KeySummary>) {
  const { onClose, onDone, summary } = props;
  const keysApi = useApi(modelsApiRef);
  return (
    <ConfirmDialog
      title={`Revoke ${summary.title}?`}
      action="Revoke the key"
      keep="Keep it"
      destructive
      failure="The key was not revoked"
      onClose={onClose}
      onConfirm={async () => onDone(await keysApi.revokeKey(summary.id))}
    >
      <Text as="p">
        Within a second every call with it is refused, whichever secret it comes
        with. This cannot be taken back.
        {summary.lastUsedOn
          ? ` It was last used on ${summary.lastUsedOn} (UTC).`
          : ' It was never used.'}
      </Text>
    </ConfirmDialog>
  );
}
