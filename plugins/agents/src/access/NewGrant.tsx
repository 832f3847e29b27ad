import type { AgentAccess } from '@agentportal/plugin-agents-common';
import {
  ConfirmDialog,
  approvalsApiRef,
  useLoad,
} from '@agentportal/plugin-agents-react';
import {
  coreApis,
  useApi,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Combobox, Select, Text, TextField } from '@backstage/ui';
import { useState } from 'react';
import { agentsTranslationRef } from '../translation';
import { agentsApiRef } from '../api';
import { isReason, ReasonField, type ShownAgent } from './StateSection';

const LIVES = [
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '', label: 'When somebody takes it back' },
];

/** Gives the agent a permission, or asks for one: which, why, and until when. */
export function NewGrant(props: {
  agent: ShownAgent;
  identity: AgentAccess['agent']['identity'];
  /** Whether the person gives it; otherwise others are asked. */
  mayGive: boolean;
  onDone(): void;
  onClose(): void;
}) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { agent, identity, mayGive, onClose, onDone } = props;
  const api = useApi(agentsApiRef);
  const approvals = useApi(approvalsApiRef);
  const toastApi = useApi(coreApis.toast);
  const [permission, setPermission] = useState('');
  const [reason, setReason] = useState('');
  const [days, setDays] = useState('30');
  const known = useLoad(
    mayGive ? `grantable ${agent.namespace}/${agent.name}` : undefined,
    signal =>
      api.listGrantablePermissions(agent.namespace, agent.name, { signal }),
  );
  return (
    <ConfirmDialog
      title={
        mayGive
          ? `Give ${agent.title} a permission`
          : `Ask for a permission for ${agent.title}`
      }
      action={mayGive ? 'Give the permission' : 'Ask for it'}
      isIncomplete={!permission || !isReason(reason)}
      failure={mayGive ? 'It was not given' : 'It was not asked for'}
      onClose={onClose}
      onConfirm={async () => {
        const why = reason.trim();
        const until = days
          ? new Date(Date.now() + Number(days) * 86_400_000).toISOString()
          : undefined;
        if (mayGive) {
          await api.grantPermission(agent.namespace, agent.name, {
            permission,
            reason: why,
            ...(until && { expiresAt: until }),
          });
        } else {
          await approvals.requestAccess({
            agentRef: `agent:${agent.namespace}/${agent.name}`,
            permission,
            reason: why,
            ...(until && { until }),
          });
          toastApi.post({
            title: 'Asked',
            description: 'It is under Approvals until somebody decides.',
            status: 'success',
            timeout: 6_000,
          });
        }
        onDone();
      }}
    >
      <Text as="p">
        {identity === 'own'
          ? 'It may then do so in its own name. When it works for a person, what the person may do still limits it.'
          : 'It acts only for a person, and may then do so for those who may do it themselves.'}
      </Text>
      {mayGive ? (
        <Combobox
          label={t('newGrant.permission')}
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
      ) : (
        <TextField
          label={t('newGrant.permission')}
          description={t('newGrant.itsNameSuchAsCatalog')}
          isRequired
          value={permission}
          onChange={setPermission}
        />
      )}
      <ReasonField
        readBy={
          mayGive
            ? 'Everybody who may see what the agent may do is shown this.'
            : 'Those who decide are shown this.'
        }
        value={reason}
        onChange={setReason}
      />
      <Select
        label={t('newGrant.ends')}
        value={days}
        options={LIVES}
        onChange={value => setDays(String(value ?? ''))}
      />
    </ConfirmDialog>
  );
}
