import type { Alarm } from '@agentportal/plugin-evals-common';
import {
  EntityLink,
  ErrorPanel,
  RelativeTime,
  useLoad,
} from '@agentportal/plugin-agents-react';
import {
  RouterLink,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { ResponseError, toError } from '@backstage/errors';
import { Button } from '@backstage/ui';
import { useState } from 'react';
import { evalsApiRef } from '../api/evalsApiRef';
import { useMayManage } from '../api/useMayDo';
import { Section } from '../layout/Section';
import { runRouteRef } from '../routes';
import layout from '../layout/layout.module.css';
import styles from './alarms.module.css';

const SHOWN = 5;

const ANSWERS: Record<Alarm['status'], string> = {
  open: 'Nobody has answered yet',
  real: 'It was real',
  'not-real': 'It was a false alarm',
  unanswered: 'Nobody answered',
};

function AlarmItem(props: { alarm: Alarm; onAnswered: () => void }) {
  const { alarm, onAnswered } = props;
  const { agentRef, answeredBy, changedAt, runIds, status } = alarm;
  const api = useApi(evalsApiRef);
  const runLink = useRouteRef(runRouteRef);
  const mayManage = useMayManage(agentRef);
  const [isSending, setSending] = useState(false);
  const [failure, setFailure] = useState<Error>();
  const answer = async (real: boolean) => {
    setSending(true);
    setFailure(undefined);
    try {
      await api.answerAlarm(alarm.id, { real });
      onAnswered();
    } catch (error) {
      setFailure(toError(error));
    } finally {
      setSending(false);
    }
  };
  return (
    <li>
      <p className={layout.words}>{alarm.sentence}</p>
      <p className={layout.quiet}>
        Told <RelativeTime value={alarm.at} />
        {changedAt && (
          <>
            ; the agent was changed <RelativeTime value={changedAt} />
          </>
        )}
        {runLink &&
          runIds.map((id, index) => (
            <span key={id}>
              {index === 0 ? '; look at ' : ', '}
              <RouterLink href={runLink({ id })}>run {index + 1}</RouterLink>
            </span>
          ))}
      </p>
      {status !== 'real' && status !== 'not-real' && mayManage ? (
        <div
          className={layout.actions}
          role="group"
          aria-label="Was something really wrong?"
        >
          <span>Was something really wrong?</span>
          <Button
            size="small"
            variant="secondary"
            isDisabled={isSending}
            onPress={() => answer(true)}
          >
            Yes
          </Button>
          <Button
            size="small"
            variant="secondary"
            isDisabled={isSending}
            onPress={() => answer(false)}
          >
            No, a false alarm
          </Button>
        </div>
      ) : (
        <p className={layout.quiet}>
          {ANSWERS[status]}
          {answeredBy && (
            <>
              , says <EntityLink entityRef={answeredBy} />
            </>
          )}
        </p>
      )}
      {failure && (
        <ErrorPanel title="The answer could not be kept" error={failure} />
      )}
    </li>
  );
}

/** What became worse about the agent lately; nothing where all is as usual. */
export function AlarmsSection({ agentRef }: { agentRef: string }) {
  const api = useApi(evalsApiRef);
  const { error, reload, value } = useLoad(`alarms ${agentRef}`, signal =>
    api.listAlarms({ agentRef, limit: SHOWN }, { signal }),
  );
  if (error && !value) {
    // Whoever may see the scorecard may not see each run behind it.
    return error instanceof ResponseError && error.statusCode === 403 ? null : (
      <ErrorPanel
        title="Alarms could not be loaded"
        error={error}
        onRetry={reload}
      />
    );
  }
  if (!value || value.items.length === 0) {
    return null;
  }
  const { items, answered } = value;
  const all = answered.real + answered.notReal;
  return (
    <Section title="Alarms">
      <ul className={styles.alarms}>
        {items.map(alarm => (
          <AlarmItem key={alarm.id} alarm={alarm} onAnswered={reload} />
        ))}
      </ul>
      {all > 0 && (
        <p className={layout.quiet}>
          Of {all} that people answered {answered.real}{' '}
          {answered.real === 1 ? 'was' : 'were'} real.
        </p>
      )}
    </Section>
  );
}
