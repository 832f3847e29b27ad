import type { Trace } from '@agentportal/plugin-traces-common';
import {
  ConfirmDialog,
  EntityLink,
  RelativeTime,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, TextAreaField } from '@backstage/ui';
import { RiFlag2Line } from '@remixicon/react';
import { useState } from 'react';
import { tracesApiRef } from '../api/tracesApiRef';
import { tracesTranslationRef } from '../translation';
import styles from './trace.module.css';

const LONGEST_REASON = 500;

/** Who flagged a trace, when and why; and flags it, or takes the flag away. */
export function FlagControl(props: { trace: Trace; onChanged: () => void }) {
  const { onChanged, trace } = props;
  const { flag, mayFlag, traceId } = trace;
  const { t } = useTranslationRef(tracesTranslationRef);
  const api = useApi(tracesApiRef);
  const [asks, setAsks] = useState<'flag' | 'unflag'>();
  const [reason, setReason] = useState('');
  const close = () => setAsks(undefined);
  const done = () => {
    close();
    setReason('');
    onChanged();
  };
  return (
    <>
      {flag && (
        <p className={styles.flag}>
          <RiFlag2Line size={16} aria-hidden />
          <span>
            {t('flag.by')}{' '}
            {flag.by ? <EntityLink entityRef={flag.by} /> : t('flag.somebody')}{' '}
            <RelativeTime value={flag.at} />: {flag.reason}
          </span>
        </p>
      )}
      {mayFlag && (
        <Button
          size="small"
          variant="tertiary"
          onPress={() => setAsks(flag ? 'unflag' : 'flag')}
        >
          {t(flag ? 'flag.unflag' : 'flag.flag')}
        </Button>
      )}
      {asks === 'flag' && (
        <ConfirmDialog
          title={t('flag.dialog')}
          action={t('flag.set')}
          isIncomplete={!reason.trim()}
          failure={t('flag.setFailed')}
          onConfirm={async () => {
            await api.flagTrace(traceId, { reason });
            done();
          }}
          onClose={close}
        >
          <p className={styles.quiet}>{t('flag.does')}</p>
          <TextAreaField
            label={t('flag.reason')}
            maxLength={LONGEST_REASON}
            value={reason}
            onChange={setReason}
          />
        </ConfirmDialog>
      )}
      {asks === 'unflag' && (
        <ConfirmDialog
          title={t('flag.unflagDialog')}
          action={t('flag.unset')}
          destructive
          failure={t('flag.unsetFailed')}
          onConfirm={async () => {
            await api.unflagTrace(traceId);
            done();
          }}
          onClose={close}
        >
          <p className={styles.quiet}>{t('flag.unflagDoes')}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
