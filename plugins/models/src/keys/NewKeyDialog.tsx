import {
  ErrorPanel,
  RefusedHint,
  useLoad,
} from '@agentportal/plugin-agents-react';
import type { KeyWithSecret, NewKey } from '@agentportal/plugin-models-common';
import { useApi } from '@backstage/frontend-plugin-api';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Select,
  TextField,
} from '@backstage/ui';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { modelsApiRef } from '../api/modelsApiRef';
import { ScopePicker } from '../budgets/ScopePicker';
import type { PickedScope } from '../budgets/ScopePicker';
import { DEFAULT_LIFE_DAYS, inDays, LIVES } from './keyWords';
import { KeyLimitFields, limitsFrom, NO_LIMITS } from './KeyLimitFields';
import { ModelsPicker } from './ModelsPicker';
import styles from './keys.module.css';

const FORM = 'new-key-form';

const CLASSIFICATIONS = [
  { value: '', label: 'Not said' },
  { value: 'public', label: 'Public' },
  { value: 'internal', label: 'Internal' },
  { value: 'confidential', label: 'Confidential' },
  { value: 'restricted', label: 'Restricted' },
];

interface NewKeyDialogProps {
  onMade(made: KeyWithSecret): void;
  onClose(): void;
}

/** Makes a key: for whom, for what, for how long and how much. */
export function NewKeyDialog({ onClose, onMade }: NewKeyDialogProps) {
  const keysApi = useApi(modelsApiRef);
  const [title, setTitle] = useState('');
  const [owner, setOwner] = useState<PickedScope>();
  const [system, setSystem] = useState<PickedScope>();
  const [models, setModels] = useState<string[]>([]);
  const [days, setDays] = useState(DEFAULT_LIFE_DAYS);
  const [classification, setClassification] = useState('');
  const [limits, setLimits] = useState(NO_LIMITS);
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<Error>();

  // Who may not make keys for an owner hears it when it is picked, not after the rest is filled in.
  const forOwner = useLoad(owner?.ref, signal =>
    keysApi.listKeys({ ownerRef: owner?.ref, limit: 1 }, { signal }),
  );
  const mayNot = forOwner.value?.mayCreate === false;

  const read = limitsFrom(limits);
  const isComplete =
    title.trim() && owner && !mayNot && models.length > 0 && read;

  const make = async (event: FormEvent) => {
    event.preventDefault();
    if (!isComplete || isPending) return;
    setPending(true);
    setError(undefined);
    try {
      onMade(
        await keysApi.createKey({
          title: title.trim(),
          ownerRef: owner.ref,
          models,
          expiresAt: inDays(days),
          ...(system && { systemRef: system.ref }),
          ...(classification && {
            dataClassification: classification as NewKey['dataClassification'],
          }),
          ...read,
        }),
      );
    } catch (failure) {
      setError(failure as Error);
      setPending(false);
    }
  };

  return (
    <Dialog isOpen onOpenChange={open => !open && onClose()} width={620}>
      <DialogHeader>New key</DialogHeader>
      <DialogBody>
        <form id={FORM} className={styles.form} onSubmit={make}>
          <TextField
            label="What is it for"
            placeholder="Nightly report"
            isRequired
            // eslint-disable-next-line jsx-a11y/no-autofocus -- the dialog was opened to be filled in
            autoFocus
            maxLength={200}
            value={title}
            onChange={setTitle}
          />
          <div className={styles.pair}>
            <ScopePicker type="owner" value={owner} onChange={setOwner} />
            <Select
              label="Expires"
              value={String(days)}
              options={LIVES.map(life => ({
                value: String(life.days),
                label: life.label,
              }))}
              onChange={key => setDays(Number(key))}
            />
          </div>
          {mayNot && (
            <RefusedHint
              refusal={{
                kind: 'notAllowed',
                message: `You may not make keys for ${owner?.title}`,
              }}
            />
          )}
          <ModelsPicker value={models} onChange={setModels} />
          <details className={styles.more}>
            <summary>System, data and limits</summary>
            <div className={styles.form}>
              <div className={styles.pair}>
                <ScopePicker
                  type="system"
                  isOptional
                  value={system}
                  onChange={setSystem}
                />
                <Select
                  label="Data that it may send"
                  value={classification}
                  options={CLASSIFICATIONS}
                  onChange={key => setClassification(String(key ?? ''))}
                />
              </div>
              <KeyLimitFields value={limits} onChange={setLimits} />
            </div>
          </details>
          {error && (
            <ErrorPanel
              title="The key was not made"
              error={error}
              safe="Nothing was changed."
            />
          )}
        </form>
      </DialogBody>
      <DialogFooter>
        <Button
          type="submit"
          form={FORM}
          variant="primary"
          isDisabled={!isComplete}
          isPending={isPending}
        >
          Make the key
        </Button>
        <Button variant="secondary" onPress={onClose}>
          Cancel
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
