import type {
  AgentCredential,
  AgentCredentialWithSecret,
} from '@agentportal/plugin-agents-common';
import { ConfirmDialog, RelativeTime } from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Select, Text, TextAreaField, TextField } from '@backstage/ui';
import { useState } from 'react';
import { agentsTranslationRef } from '../translation';
import { agentsApiRef } from '../api';
import { readObject } from './argumentValues';
import type { ShownAgent } from './StateSection';

const LIVES = [
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
];

const KINDS = [
  { value: 'secret', label: 'A secret, made here and shown once' },
  {
    value: 'public-key',
    label: 'A public key of yours; the private one stays with you',
  },
];

/** A public key as it is sent; nothing while what was pasted is none. */
function readKey(text: string) {
  const jwk = readObject(text);
  return typeof jwk?.kty === 'string' ? { ...jwk, kty: jwk.kty } : undefined;
}

function KeyField(props: { value: string; onChange(value: string): void }) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const isWrong = props.value.trim() !== '' && !readKey(props.value);
  return (
    <TextAreaField
      label={t('credentialDialogs.publicKey')}
      description={
        isWrong
          ? 'That is no public key in JSON: it begins with {"kty": …'
          : 'As a JSON Web Key (EC, RSA or Ed25519), without its private part.'
      }
      isRequired
      isInvalid={isWrong}
      rows={5}
      value={props.value}
      onChange={props.onChange}
    />
  );
}

interface CredentialDialogProps<T> {
  agent: ShownAgent;
  onDone(result: T): void;
  onClose(): void;
}

/** Makes a credential: where it is used, what it is, and when it ends. */
export function NewCredential(
  props: CredentialDialogProps<AgentCredentialWithSecret>,
) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { agent, onClose, onDone } = props;
  const api = useApi(agentsApiRef);
  const [title, setTitle] = useState('');
  const [kind, setKind] = useState('secret');
  const [days, setDays] = useState('90');
  const [key, setKey] = useState('');
  const jwk = readKey(key);
  return (
    <ConfirmDialog
      title={t('credentialDialogs.newCredential')}
      action={t('credentialDialogs.makeTheCredential')}
      isIncomplete={!title.trim() || (kind === 'public-key' && !jwk)}
      failure={t('credentialDialogs.theCredentialWasNotMade')}
      onClose={onClose}
      onConfirm={async () =>
        onDone(
          await api.createCredential(agent.namespace, agent.name, {
            title: title.trim(),
            expiresAt: new Date(
              Date.now() + Number(days) * 86_400_000,
            ).toISOString(),
            ...(kind === 'public-key' && jwk && { jwk }),
          }),
        )
      }
    >
      <TextField
        label={t('credentialDialogs.whereIsItUsed')}
        placeholder={t('credentialDialogs.nightlyStockCheck')}
        isRequired
        // eslint-disable-next-line jsx-a11y/no-autofocus -- the dialog was opened to be filled in
        autoFocus
        maxLength={100}
        value={title}
        onChange={setTitle}
      />
      <Select
        label={t('credentialDialogs.whatItIs')}
        value={kind}
        options={KINDS}
        onChange={value => setKind(String(value))}
      />
      {kind === 'public-key' && <KeyField value={key} onChange={setKey} />}
      <Select
        label={t('credentialDialogs.ends')}
        value={days}
        options={LIVES}
        onChange={value => setDays(String(value))}
      />
    </ConfirmDialog>
  );
}

/** Makes the next credential, while the old one stays good for a while. */
export function RotateCredential(
  props: CredentialDialogProps<AgentCredentialWithSecret> & {
    credential: AgentCredential;
  },
) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { agent, credential, onClose, onDone } = props;
  const api = useApi(agentsApiRef);
  const [key, setKey] = useState('');
  const isKey = credential.kind === 'public-key';
  const jwk = readKey(key);
  return (
    <ConfirmDialog
      title={`Rotate ${credential.title}?`}
      action={isKey ? 'Take the next key' : 'Make the next secret'}
      isIncomplete={isKey && !jwk}
      failure={t('credentialDialogs.itWasNotRotated')}
      onClose={onClose}
      onConfirm={async () =>
        onDone(
          await api.rotateCredential(
            agent.namespace,
            agent.name,
            credential.id,
            isKey && jwk ? { jwk } : {},
          ),
        )
      }
    >
      <Text as="p">
        {isKey
          ? 'Programs may sign with either key until the old one ends; the list then says when that is.'
          : 'You get the next secret at once. Programs may use either until the old one ends; the list then says when that is.'}
      </Text>
      {isKey && <KeyField value={key} onChange={setKey} />}
    </ConfirmDialog>
  );
}

/** Asks whether a credential may really end. */
export function RevokeCredential(
  props: CredentialDialogProps<void> & { credential: AgentCredential },
) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { agent, credential, onClose, onDone } = props;
  const api = useApi(agentsApiRef);
  return (
    <ConfirmDialog
      title={`Revoke ${credential.title}?`}
      action={t('credentialDialogs.revokeTheCredential')}
      keep="Keep it"
      destructive
      failure={t('credentialDialogs.itWasNotRevoked')}
      onClose={onClose}
      onConfirm={async () => {
        await api.revokeCredential(agent.namespace, agent.name, credential.id);
        onDone();
      }}
    >
      <Text as="p">
        No program gets a token with it any more, and what was delegated to its
        holder ends. A token that was made before is good for at most ten
        minutes; suspend the agent to stop that too. This cannot be taken back.{' '}
        {credential.lastUsedAt ? (
          <>
            It was last used <RelativeTime value={credential.lastUsedAt} />.
          </>
        ) : (
          'It was never used.'
        )}
      </Text>
    </ConfirmDialog>
  );
}
