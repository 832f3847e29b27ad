import type { Trace } from '@agentportal/plugin-traces-common';
import {
  ConfirmDialog,
  EntityLink,
  RelativeTime,
} from '@agentportal/plugin-agents-react';
import { useApi } from '@backstage/frontend-plugin-api';
import { Button, TextAreaField } from '@backstage/ui';
import { RiFlag2Line } from '@remixicon/react';
import { useState } from 'react';
import { tracesApiRef } from '../api/tracesApiRef';
import styles from './trace.module.css';

const LONGEST_REASON = 500;

/** Who flagged a trace, when and why; and flags it, or takes the flag away. */
export function FlagControl(props: { trace: Trace; onChanged: () => void }) {
  const { onChanged, trace } = props;
  const { flag, mayFlag, traceId } = trace;
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
            Flagged by{' '}
            {flag.by ? <EntityLink entityRef={flag.by} /> : 'somebody'}{' '}
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
          {flag ? 'Take the flag away' : 'Flag'}
        </Button>
      )}
      {asks === 'flag' && (
        <ConfirmDialog
          title="Flag this trace"
          action="Flag it"
          isIncomplete={!reason.trim()}
          failure="The trace could not be flagged"
          onConfirm={async () => {
            await api.flagTrace(traceId, { reason });
            done();
          }}
          onClose={close}
        >
          <p className={styles.quiet}>
            Whoever may read it sees the flag with your name. Its spans are kept
            as long as those of traces that failed.
          </p>
          <TextAreaField
            label="What should be looked at"
            maxLength={LONGEST_REASON}
            value={reason}
            onChange={setReason}
          />
        </ConfirmDialog>
      )}
      {asks === 'unflag' && (
        <ConfirmDialog
          title="Take the flag away?"
          action="Take it away"
          destructive
          failure="The flag could not be taken away"
          onConfirm={async () => {
            await api.unflagTrace(traceId);
            done();
          }}
          onClose={close}
        >
          <p className={styles.quiet}>
            The reason and who gave it are forgotten, and the trace is kept as
            long as others.
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}
