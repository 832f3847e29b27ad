import { ConfirmDialog } from '@agentportal/plugin-agents-react';
import { useApi } from '@backstage/frontend-plugin-api';
import { Select, Text, TextField } from '@backstage/ui';
import { useState } from 'react';
import { agentsApiRef } from '../api';
import { isReason, ReasonField, type ShownAgent } from './StateSection';

const LIVES = [
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '', label: 'When somebody takes it back' },
];
/** As the document of the API has it. */
const PERMISSION = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,253}$/;

/** Gives the agent a permission: which, why, and until when. */
export function NewGrant(props: {
  agent: ShownAgent;
  onDone(): void;
  onClose(): void;
}) {
  const { agent, onClose, onDone } = props;
  const api = useApi(agentsApiRef);
  const [permission, setPermission] = useState('');
  const [reason, setReason] = useState('');
  const [days, setDays] = useState('30');
  const name = permission.trim();
  const isWrong = name !== '' && !PERMISSION.test(name);
  return (
    <ConfirmDialog
      title={`Give ${agent.title} a permission`}
      action="Give the permission"
      isIncomplete={!PERMISSION.test(name) || !isReason(reason)}
      failure="It was not given"
      onClose={onClose}
      onConfirm={async () => {
        await api.grantPermission(agent.namespace, agent.name, {
          permission: name,
          reason: reason.trim(),
          ...(days && {
            expiresAt: new Date(
              Date.now() + Number(days) * 86_400_000,
            ).toISOString(),
          }),
        });
        onDone();
      }}
    >
      <Text as="p">
        It may then do so in its own name. When it works for a person, what the
        person may do still limits it.
      </Text>
      <TextField
        label="Permission"
        description={
          isWrong
            ? 'That is no name of a permission.'
            : 'Its name in the plugin that asks for it, such as catalog.location.read.'
        }
        isRequired
        // eslint-disable-next-line jsx-a11y/no-autofocus -- the dialog was opened to be filled in
        autoFocus
        isInvalid={isWrong}
        value={permission}
        onChange={setPermission}
      />
      <ReasonField value={reason} onChange={setReason} />
      <Select
        label="Ends"
        value={days}
        options={LIVES}
        onChange={value => setDays(String(value ?? ''))}
      />
    </ConfirmDialog>
  );
}
