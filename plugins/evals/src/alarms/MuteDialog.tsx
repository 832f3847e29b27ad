import { ConfirmDialog } from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { NumberField, TextAreaField } from '@backstage/ui';
import { useState } from 'react';
import { evalsApiRef } from '../api/evalsApiRef';
import { evalsTranslationRef } from '../translation';
import layout from '../layout/layout.module.css';

const MOST_DAYS = 90;

/** Has no more alarms about the same thing of the agent for some days. */
export function MuteDialog(props: {
  alarmId: string;
  onMuted: () => void;
  onClose: () => void;
}) {
  const { alarmId, onMuted, onClose } = props;
  const api = useApi(evalsApiRef);
  const { t } = useTranslationRef(evalsTranslationRef);
  const [reason, setReason] = useState('');
  const [days, setDays] = useState(14);
  const isDays = Number.isInteger(days) && days >= 1 && days <= MOST_DAYS;
  return (
    <ConfirmDialog
      title={t('alarms.muteTitle')}
      action={t('alarms.muteAction')}
      failure={t('alarms.muteFailure')}
      isIncomplete={!reason.trim() || !isDays}
      onConfirm={async () => {
        await api.muteAlarm(alarmId, { reason: reason.trim(), days });
        onMuted();
        onClose();
      }}
      onClose={onClose}
    >
      <div className={layout.form}>
        <TextAreaField
          label={t('alarms.reason')}
          isRequired
          rows={2}
          maxLength={1000}
          value={reason}
          onChange={setReason}
        />
        <NumberField
          label={t('alarms.days')}
          minValue={1}
          maxValue={MOST_DAYS}
          value={days}
          onChange={setDays}
        />
        <p className={layout.quiet}>{t('alarms.muteHint')}</p>
      </div>
    </ConfirmDialog>
  );
}
