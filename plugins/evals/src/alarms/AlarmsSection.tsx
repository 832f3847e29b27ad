import type { Alarm, AlarmMute } from '@agentportal/plugin-evals-common';
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
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { ResponseError, toError } from '@backstage/errors';
import { Button } from '@backstage/ui';
import { useState } from 'react';
import { evalsApiRef } from '../api/evalsApiRef';
import { useMayManage } from '../api/useMayDo';
import { Section } from '../layout/Section';
import { runRouteRef } from '../routes';
import { evalsTranslationRef } from '../translation';
import { MuteDialog } from './MuteDialog';
import layout from '../layout/layout.module.css';
import styles from './alarms.module.css';

const SHOWN = 5;

const ANSWERS: Record<Alarm['status'], string> = {
  open: 'Nobody has answered yet',
  real: 'It was real',
  'not-real': 'It was a false alarm',
  unanswered: 'Nobody answered',
};

/** Whether alarms like it are muted, and what can be done about that. */
function Muting(props: {
  alarm: Alarm;
  mute: AlarmMute | undefined;
  mayManage: boolean;
  onChanged: () => void;
}) {
  const { alarm, mayManage, mute, onChanged } = props;
  const api = useApi(evalsApiRef);
  const { t } = useTranslationRef(evalsTranslationRef);
  const [isAsking, setAsking] = useState(false);
  const [failure, setFailure] = useState<Error>();
  const unmute = async () => {
    setFailure(undefined);
    try {
      await api.unmuteAlarm(alarm.id);
      onChanged();
    } catch (error) {
      setFailure(toError(error));
    }
  };
  return (
    <>
      {mute && (
        <p className={layout.quiet}>
          {t('alarms.mutedUntil', {
            date: mute.until.slice(0, 10),
            reason: mute.reason,
          })}
        </p>
      )}
      {mayManage && (
        <div className={layout.actions}>
          <Button
            size="small"
            variant="tertiary"
            onPress={mute ? unmute : () => setAsking(true)}
          >
            {mute ? t('alarms.unmute') : t('alarms.mute')}
          </Button>
        </div>
      )}
      {failure && (
        <ErrorPanel title={t('alarms.unmuteFailure')} error={failure} />
      )}
      {isAsking && (
        <MuteDialog
          alarmId={alarm.id}
          onMuted={onChanged}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

function AlarmItem(props: {
  alarm: Alarm;
  mute: AlarmMute | undefined;
  onAnswered: () => void;
}) {
  const { alarm, mute, onAnswered } = props;
  const { t } = useTranslationRef(evalsTranslationRef);
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
      {alarm.evidence.length > 0 && (
        <ul className={styles.evidence} aria-label={t('alarms.evidence')}>
          {alarm.evidence.map(each => (
            <li key={each}>{each}</li>
          ))}
        </ul>
      )}
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
          aria-label={t('alarmsSection.wasSomethingReallyWrong')}
        >
          <span>{t('alarmsSection.wasSomethingReallyWrong')}</span>
          <Button
            size="small"
            variant="secondary"
            isDisabled={isSending}
            onPress={() => answer(true)}
          >
            {t('alarmsSection.yes')}
          </Button>
          <Button
            size="small"
            variant="secondary"
            isDisabled={isSending}
            onPress={() => answer(false)}
          >
            {t('alarmsSection.noAFalseAlarm')}
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
        <ErrorPanel
          title={t('alarmsSection.theAnswerCouldNotBe')}
          error={failure}
        />
      )}
      <Muting
        alarm={alarm}
        mute={mute}
        mayManage={mayManage}
        onChanged={onAnswered}
      />
    </li>
  );
}

/** What became worse about the agent lately; nothing where all is as usual. */
export function AlarmsSection({ agentRef }: { agentRef: string }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const api = useApi(evalsApiRef);
  const { error, reload, value } = useLoad(`alarms ${agentRef}`, signal =>
    api.listAlarms({ agentRef, limit: SHOWN }, { signal }),
  );
  if (error && !value) {
    // Whoever may see the scorecard may not see each run behind it.
    return error instanceof ResponseError && error.statusCode === 403 ? null : (
      <ErrorPanel
        title={t('alarmsSection.alarmsCouldNotBeLoaded')}
        error={error}
        onRetry={reload}
      />
    );
  }
  if (!value || value.items.length === 0) {
    return null;
  }
  const { items, answered, muted } = value;
  const all = answered.real + answered.notReal;
  return (
    <Section title={t('alarmsSection.alarms')}>
      <ul className={styles.alarms}>
        {items.map(alarm => (
          <AlarmItem
            key={alarm.id}
            alarm={alarm}
            mute={muted.find(({ kind }) => kind === alarm.kind)}
            onAnswered={reload}
          />
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
