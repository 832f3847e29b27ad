import {
  AgentAvatar,
  ErrorPanel,
  ForeignMarkdown,
  StatusMark,
  formatDuration,
  formatNanoUsd,
  formatTokens,
} from '@agentportal/plugin-agents-react';
import { mayPass, type Run } from '@agentportal/plugin-orchestration-common';
import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, Link } from '@backstage/ui';
import { RiRestartLine } from '@remixicon/react';
import { RunErrorNote } from '../run/RunErrorNote';
import { HiddenNote } from '../run/HiddenNote';
import { answeringModel, modelNote } from '../run/stepWords';
import { useRun, type FollowedRun } from '../run/useRun';
import { WaitingCard } from '../run/WaitingCard';
import { runRouteRef } from '../routes';
import { orchestrationTranslationRef } from '../translation';
import { Thumbs } from './Thumbs';
import { ToolCall } from './ToolCall';
import type { Turn } from './useConversation';
import styles from './chat.module.css';

function Foot(props: { run: Run }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { run } = props;
  const runRoute = useRouteRef(runRouteRef);
  const model = answeringModel(run);
  const tokens = run.usage.inputTokens + run.usage.outputTokens;
  return (
    <p className={styles.foot}>
      {run.durationMs !== undefined && (
        <span>{formatDuration(run.durationMs)}</span>
      )}
      <span>{formatTokens(tokens, { unit: true })}</span>
      <span>{formatNanoUsd(run.usage.costNanoUsd)}</span>
      {runRoute && (
        <Link variant="body-small" href={runRoute({ id: run.id })}>
          {t('turnView.openTheRun')}
        </Link>
      )}
      {model && run.output && <span>{modelNote(model, t)}</span>}
    </p>
  );
}

function Progress(props: {
  run: Run | undefined;
  isStopping: boolean;
  isAway?: boolean;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { run, isStopping, isAway } = props;
  const step = run?.steps.findLast(each => each.status === 'running');
  let words: string = t('turnView.sending');
  if (isAway) {
    words = t('turnView.away');
  } else if (isStopping) {
    words = t('turnView.stopping');
  } else if (run?.status === 'interrupted') {
    words = t('turnView.waitingForAPerson');
  } else if (run?.status === 'queued') {
    words = t('turnView.waitingForItsTurn');
  } else if (step?.kind === 'tool') {
    words = t('turnView.using', { tool: step.title ?? step.name });
  } else if (run) {
    words = t('turnView.thinking');
  }
  return (
    <p className={styles.progress}>
      <StatusMark status="running" label={words} />
    </p>
  );
}

function RunEnd(props: { run: Run; contactRef: string; onRetry?: () => void }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { run, contactRef, onRetry } = props;
  const { error, status } = run;
  // Whoever stopped the agent did so for all questions; asking again cannot work.
  if (error && (status === 'cancelled' || error.budget)) {
    return <RunErrorNote error={error} />;
  }
  if (status === 'failed') {
    return (
      <ErrorPanel
        title={t('turnView.theAgentCouldNotAnswer')}
        error={
          error && Object.assign(new Error(error.message), { name: error.name })
        }
        safe={run.usage.toolCalls > 0 && t('turnView.whatItDidBeforeIs')}
        contactRef={contactRef}
        onRetry={onRetry}
      />
    );
  }
  if (status === 'cancelled') {
    return (
      <p className={styles.stopped}>
        <StatusMark status="cancelled" />
        {onRetry && (
          <Button
            size="small"
            variant="tertiary"
            iconStart={<RiRestartLine />}
            onPress={onRetry}
          >
            {t('turnView.retry')}
          </Button>
        )}
      </p>
    );
  }
  return null;
}

/** A question and its answer, with the tools that were used between them. */
export function TurnView(props: {
  turn: Turn;
  agentRef: string;
  agentTitle: string;
  /** Whom to ask when the agent is not there for somebody. */
  contactRef: string;
  /** The run, for the turn whose steps are shown. */
  followed?: FollowedRun;
  isChosen: boolean;
  isLast: boolean;
  /** Whether the person has stopped it and it is still under way. */
  isStopping: boolean;
  onChoose: () => void;
  /** Asks the same again; left out where the agent takes no questions. */
  onRetry?: () => void;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { turn, agentRef, agentTitle, followed, contactRef } = props;
  const { isChosen, isLast } = props;
  const run = followed?.run;
  // A turn without an answer says why, whether one looks at its steps or not.
  const unanswered = useRun(
    followed || turn.answer || turn.error ? undefined : turn.runId,
  );
  const ended = followed ?? unanswered;
  const answer = ended.run?.output?.message ?? (ended.text || turn.answer);
  const isWaiting = !turn.error && !answer && (!run || followed?.isLive);
  const calls = run?.steps.filter(step => step.kind !== 'model') ?? [];
  return (
    <article className={styles.turn} data-chosen={isChosen}>
      <p className={styles.question}>{turn.question}</p>
      <div className={styles.answer}>
        <AgentAvatar name={agentRef} size="small" label={agentTitle} />
        <div className={styles.answerBody}>
          {calls.map(step => (
            <ToolCall key={step.id} step={step} />
          ))}
          {answer && (
            <div className={styles.markdown}>
              <ForeignMarkdown content={answer} />
            </div>
          )}
          {run?.waitingFor?.map(wait => (
            <WaitingCard key={wait.approvalId} wait={wait} />
          ))}
          {isWaiting &&
            !run?.waitingFor?.length &&
            (turn.runId === undefined || followed) && (
              <Progress
                run={run}
                isStopping={props.isStopping}
                isAway={followed?.isAway}
              />
            )}
          {turn.error && (
            <ErrorPanel
              title={t('turnView.theQuestionWasNotSent')}
              error={turn.error}
              safe={
                mayPass(turn.error)
                  ? t('turnView.itMayHaveArrivedAll')
                  : t('turnView.nothingHasRun')
              }
              contactRef={contactRef}
              onRetry={props.onRetry}
            />
          )}
          {followed?.error && !followed.isAway && (
            <ErrorPanel
              title={t('turnView.theAnswerCouldNotBe')}
              error={followed.error}
              safe={t('turnView.theRunGoesOn')}
              onRetry={followed.reload}
            />
          )}
          {ended.run && !ended.isLive && (
            <RunEnd
              run={ended.run}
              contactRef={contactRef}
              onRetry={isLast ? props.onRetry : undefined}
            />
          )}
          {run && !followed?.isLive && (
            <HiddenNote steps={run.steps} className={styles.foot} />
          )}
          {run && !followed?.isLive && <Foot run={run} />}
          {run?.output && !followed?.isLive && <Thumbs runId={run.id} />}
          {!followed && turn.runId && (
            <p className={styles.foot}>
              <Button
                size="small"
                variant="tertiary"
                className={styles.flush}
                onPress={props.onChoose}
              >
                {t('turnView.showWhatHappened')}
              </Button>
            </p>
          )}
          {props.onRetry &&
            isLast &&
            run?.status === 'succeeded' &&
            !followed?.isLive && (
              <Button
                size="small"
                variant="tertiary"
                className={styles.flush}
                iconStart={<RiRestartLine />}
                onPress={props.onRetry}
              >
                {t('turnView.askAgain')}
              </Button>
            )}
        </div>
      </div>
    </article>
  );
}
