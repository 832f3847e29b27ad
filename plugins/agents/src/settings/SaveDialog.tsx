import type {
  AgentSettings,
  AgentSettingsView,
} from '@agentportal/plugin-agents-common';
import { ConfirmDialog } from '@agentportal/plugin-agents-react';
import {
  coreApis,
  useApi,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Alert, Text, TextField } from '@backstage/ui';
import { useState } from 'react';
import { agentsApiRef } from '../api';
import { isReason, type ShownAgent } from '../access/StateSection';
import { agentsTranslationRef } from '../translation';
import { SettingChanges } from './SettingChanges';

const LONGEST_MESSAGE = 500;

/** What would change, why, and the commit that does it. */
export function SaveDialog(props: {
  agent: ShownAgent;
  view: AgentSettingsView;
  next: AgentSettings;
  /** What is done, in words: of the title and of the button. */
  title: string;
  action: string;
  text?: string;
  message?: string;
  destructive?: boolean;
  onSaved(view: AgentSettingsView): void;
  onClose(): void;
}) {
  const { agent, next, view } = props;
  const api = useApi(agentsApiRef);
  const toastApi = useApi(coreApis.toast);
  const { t } = useTranslationRef(agentsTranslationRef);
  const [message, setMessage] = useState(props.message ?? '');
  const isAsked =
    view.asksPeople &&
    (next.lifecycle === 'production' ||
      view.settings.lifecycle === 'production');
  return (
    <ConfirmDialog
      title={props.title}
      action={props.action}
      destructive={props.destructive}
      isIncomplete={!isReason(message)}
      failure={t('settings.save.failure')}
      onClose={props.onClose}
      onConfirm={async () => {
        const saved = await api.changeSettings(agent.namespace, agent.name, {
          revision: view.revision!,
          message: message.trim(),
          settings: next,
        });
        toastApi.post({
          title: t('settings.save.done'),
          description: t('settings.save.soon'),
          status: 'success',
          timeout: 6_000,
        });
        props.onSaved(saved);
      }}
    >
      {props.text && <Text as="p">{props.text}</Text>}
      <SettingChanges before={view.settings} after={next} />
      {isAsked && (
        <Alert
          status="info"
          icon
          title={t('settings.save.approvalTitle')}
          description={t('settings.save.approval')}
        />
      )}
      <TextField
        label={t('settings.save.why')}
        description={t('settings.save.whyText')}
        isRequired
        maxLength={LONGEST_MESSAGE}
        value={message}
        onChange={setMessage}
      />
    </ConfirmDialog>
  );
}
