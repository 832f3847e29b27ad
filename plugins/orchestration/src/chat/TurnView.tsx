import {
  AgentAvatar,
  ErrorPanel,
  ForeignMarkdown,
  StatusMark,
  formatDuration,
  formatNanoUsd,
  formatTokens,
} from '@agentportal/plugin-agents-react';
import type { Run } from '@agentportal/plugin-orchestration-common';
import { useRouteRef } from '@backstage/frontend-plugin-api';
import { Button, Link } from '@backstage/ui';
import { RiRestartLine } from '@remixicon/react';
import { BudgetRefusal, budgetRefusedIn } from '../run/BudgetRefusal';
import { answeringModel, modelNote } from '../run/stepWords';
import type { FollowedRun } from '../run/useRun';
import { runRouteRef } from '../routes';
import { ToolCall } from './ToolCall';
import type { Turn } from './useConversation';
import styles from './chat.module.css';

function Foot(props: { run: Run }) {
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
          Open the run
        </Link>
      )}
      {model && run.output && <span>{modelNote(model)}</span>}
    </p>
  );
}

function Progress(props: { run: Run | undefined; isStopping: boolean }) {
  const { run, isStopping } = props;
  const step = run?.steps.findLast(each => each.status === 'running');
  let words = 'Sending';
  if (isStopping) {
    words = 'Stopping';
  } else if (run?.status === 'queued') {
    words = 'Waiting for its turn';
  } else if (step?.kind === 'tool') {
    words = `Using ${step.title ?? step.name}`;
  } else if (run) {
    words = 'Thinking';
  }
  return (
    <p className={styles.progress}>
      <StatusMark status="running" label={words} />
    </p>
  );
}

function RunEnd(props: { run: Run; onRetry: () => void }) {
  const { run, onRetry } = props;
  const budgetRefused = budgetRefusedIn(run.error);
  if (budgetRefused) {
    return <BudgetRefusal refused={budgetRefused} />;
  }
  if (run.status === 'failed') {
    return (
      <ErrorPanel
        title="The agent could not answer"
        error={
          run.error &&
          Object.assign(new Error(run.error.message), {
            name: run.error.name,
          })
        }
        safe={
          run.usage.toolCalls > 0 &&
          'What it did before is on record in the run.'
        }
        onRetry={onRetry}
      />
    );
  }
  if (run.status === 'cancelled') {
    return (
      <p className={styles.stopped}>
        <StatusMark status="cancelled" />
        <Button
          size="small"
          variant="tertiary"
          iconStart={<RiRestartLine />}
          onPress={onRetry}
        >
          Retry
        </Button>
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
  /** The run, for the turn whose steps are shown. */
  followed?: FollowedRun;
  isChosen: boolean;
  isLast: boolean;
  /** Whether the person has stopped it and it is still under way. */
  isStopping: boolean;
  onChoose: () => void;
  onRetry: () => void;
}) {
  const { turn, agentRef, agentTitle, followed, isChosen, isLast } = props;
  const run = followed?.run;
  const answer = run?.output?.message ?? (followed?.text || turn.answer);
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
          {isWaiting && (turn.runId === undefined || followed) && (
            <Progress run={run} isStopping={props.isStopping} />
          )}
          {turn.error && (
            <ErrorPanel
              title="The question was not sent"
              error={turn.error}
              safe="Nothing has run."
              onRetry={props.onRetry}
            />
          )}
          {followed?.error && (
            <ErrorPanel
              title="The answer could not be followed"
              error={followed.error}
              safe="The run goes on."
              onRetry={followed.reload}
            />
          )}
          {run && !followed?.isLive && (
            <RunEnd run={run} onRetry={props.onRetry} />
          )}
          {run && !followed?.isLive && <Foot run={run} />}
          {!followed && turn.runId && !answer && (
            <p className={styles.quiet}>It gave no answer.</p>
          )}
          {!followed && turn.runId && (
            <p className={styles.foot}>
              <Button
                size="small"
                variant="tertiary"
                className={styles.flush}
                onPress={props.onChoose}
              >
                Show what happened
              </Button>
            </p>
          )}
          {isLast && run?.status === 'succeeded' && !followed?.isLive && (
            <Button
              size="small"
              variant="tertiary"
              className={styles.flush}
              iconStart={<RiRestartLine />}
              onPress={props.onRetry}
            >
              Ask again
            </Button>
          )}
        </div>
      </div>
    </article>
  );
}
