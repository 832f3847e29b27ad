import type { AgentAccess } from '@agentportal/plugin-agents-common';
import { ConfirmDialog, useLoad } from '@agentportal/plugin-agents-react';
import { useApi } from '@backstage/frontend-plugin-api';
import { Combobox, Select, Text } from '@backstage/ui';
import { useState } from 'react';
import { agentsApiRef } from '../api';
import { isReason, ReasonField, type ShownAgent } from './StateSection';

const LIVES = [
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '', label: 'When somebody takes it back' },
];

/** Gives the agent a permission: which, why, and until when. */
export function NewGrant(props: {
  agent: ShownAgent;
  identity: AgentAccess['agent']['identity'];
  onDone(): void;
  onClose(): void;
}) {
  const { agent, identity, onClose, onDone } = props;
  const api = useApi(agentsApiRef);
  const [permission, setPermission] = useState('');
  const [reason, setReason] = useState('');
  const [days, setDays] = useState('30');
  const known = useLoad(`grantable ${agent.namespace}/${agent.name}`, signal =>
    api.listGrantablePermissions(agent.namespace, agent.name, { signal }),
  );
  return (
    <ConfirmDialog
      title={`Give ${agent.title} a permission`}
      action="Give the permission"
      isIncomplete={!permission || !isReason(reason)}
      failure="It was not given"
      onClose={onClose}
      onConfirm={async () => {
        await api.grantPermission(agent.namespace, agent.name, {
          permission,
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
        {identity === 'own'
          ? 'It may then do so in its own name. When it works for a person, what the person may do still limits it.'
          : 'It acts only for a person, and may then do so for those who may do it themselves.'}
      </Text>
      <Combobox
        label="Permission"
        description={
          known.error
            ? 'The permissions of the plugins could not be read. Try again in a moment.'
            : 'One of those that the plugins of this portal ask for.'
        }
        isRequired
        options={(known.value ?? []).map(each => ({
          id: each.permission,
          label: each.permission,
        }))}
        loading={{ state: known.isPending ? 'filtering' : 'idle' }}
        value={permission || null}
        onChange={key => setPermission(String(key ?? ''))}
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
