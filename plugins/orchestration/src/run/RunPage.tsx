import { useMemo, useState, type ReactNode } from 'react';
import {
  runCancelPermission,
  runCreatePermission,
  type Run,
  type RunStep,
} from '@agentportal/plugin-orchestration-common';
import {
  EmptyHint,
  ErrorPanel,
  LinesSkeleton,
  RowsSkeleton,
  StatusMark,
  useUrlState,
} from '@agentportal/plugin-agents-react';
import {
  BreadcrumbEntry,
  RouterLink,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import {
  Box,
  Button,
  Container,
  ToggleButton,
  ToggleButtonGroup,
} from '@backstage/ui';
import { usePermission } from '@backstage/plugin-permission-react';
import {
  RiGitBranchLine,
  RiRestartLine,
  RiStopCircleLine,
} from '@remixicon/react';
import { GraphTab } from '../graph/GraphTab';
import { graphOf } from '../graph/runGraph';
import { canBeginAt } from '../repeat/canRepeat';
import { ForkDialog } from '../repeat/ForkDialog';
import { Lineage } from '../repeat/Lineage';
import { RunActions } from '../repeat/RunActions';
import { useRepeat } from '../repeat/useRepeat';
import { rootRouteRef, runRouteRef } from '../routes';
import { orchestrationTranslationRef } from '../translation';
import { Messages } from './Messages';
import { RehearsalNote } from './RehearsalNote';
import { RUN_STATE } from './runState';
import { RunErrorNote } from './RunErrorNote';
import { RunSummaryLine } from './RunSummaryLine';
import { StepDetails } from './StepDetails';
import { WaitingCard } from './WaitingCard';
import { Waterfall } from './Waterfall';
import { isFinal, useRun } from './useRun';
import { useStopRun } from './useStopRun';
import styles from './run.module.css';

/** Of a question, in the place where the portal and the browser name the page. */
const LONGEST_CRUMB = 60;

function shortened(text: string) {
  return text.length > LONGEST_CRUMB
    ? `${text.slice(0, LONGEST_CRUMB - 1)}…`
    : text;
}

function Timeline(props: {
  run: Run;
  isLive: boolean;
  actions: (step: RunStep) => ReactNode;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { run, isLive, actions } = props;
  const [state, update] = useUrlState(RUN_STATE);
  const selected =
    run.steps.find(step => step.id === state.step) ??
    // Without a choice the page shows where it hurts, or where the run is.
    run.steps.find(step => step.status === 'failed') ??
    run.steps[isLive ? run.steps.length - 1 : 0];
  if (run.steps.length === 0) {
    return (
      <EmptyHint
        title={
          isLive ? t('runPage.waitingForTheFirstStep') : t('runPage.noSteps')
        }
      >
        {isLive ? t('runPage.theRunIsInThe') : t('runPage.theRunEndedBeforeIt')}
      </EmptyHint>
    );
  }
  return (
    <div className={styles.split}>
      <Waterfall
        run={run}
        isLive={isLive}
        selectedId={selected?.id}
        onSelect={step => update({ step, node: '' }, { replace: true })}
      />
      <Box bg="neutral" className={styles.detailsPane}>
        {selected && (
          <StepDetails
            key={selected.id}
            step={selected}
            actions={actions(selected)}
          />
        )}
      </Box>
    </div>
  );
}

/** One run: what was asked, each step, what came of it. */
export function RunPage({ id }: { id: string }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const runsRoute = useRouteRef(rootRouteRef);
  const runRoute = useRouteRef(runRouteRef);
  const followed = useRun(id);
  const { stop, isStopping } = useStopRun();
  const [state, update] = useUrlState(RUN_STATE);
  const { run, error, isLive } = followed;
  const graph = useMemo(() => run && graphOf(run), [run]);
  const [forkAt, setForkAt] = useState<RunStep>();
  const { repeat, isPending } = useRepeat();
  const mayRepeat = usePermission({
    permission: runCreatePermission,
    resourceRef: run?.agentRef,
  }).allowed;
  const mayStop = usePermission({
    permission: runCancelPermission,
    resourceRef: id,
  }).allowed;

  if (!run) {
    return (
      <Container className={styles.page}>
        {error ? (
          <ErrorPanel
            title={t('runPage.theRunCouldNotBe')}
            error={error}
            safe={t('runPage.whateverTheRunIsDoing')}
            onRetry={followed.reload}
            actions={
              runsRoute && (
                <RouterLink href={runsRoute()}>
                  {t('runPage.allRuns')}
                </RouterLink>
              )
            }
          />
        ) : (
          <>
            <LinesSkeleton lines={2} />
            <RowsSkeleton rows={6} rowHeight={36} />
          </>
        )}
      </Container>
    );
  }
  // A link to a step that names no view is to the timeline, as it was before there was a graph.
  const usual = run.graph && !state.step ? 'graph' : 'timeline';
  const tab = state.tab === 'graph' && !graph ? 'timeline' : state.tab || usual;
  const actions = (step: RunStep) =>
    mayRepeat && canBeginAt(run, step) ? (
      <div className={styles.stepActions}>
        {step.status === 'failed' && (
          <Button
            size="small"
            variant="secondary"
            iconStart={<RiRestartLine />}
            isPending={isPending}
            onPress={() => repeat(run.id, step.index)}
          >
            {t('runPage.retryFromHere')}
          </Button>
        )}
        <Button
          size="small"
          variant="secondary"
          iconStart={<RiGitBranchLine />}
          onPress={() => setForkAt(step)}
        >
          {run.graph
            ? t('runPage.runAgainFromHere')
            : t('runPage.forkFromHere')}
        </Button>
      </div>
    ) : null;
  return (
    <BreadcrumbEntry
      entry={{
        label: shortened(run.input.message),
        href: runRoute?.({ id }) ?? '',
      }}
    >
      <Container className={styles.page}>
        <div className={styles.head}>
          <div className={styles.headText}>
            <h2 className={styles.title}>{run.input.message}</h2>
            <RunSummaryLine run={run} />
            <RehearsalNote run={run} />
            <Lineage run={run} />
          </div>
          <RunActions run={run} mayRepeat={mayRepeat} />
          {!isFinal(run) && mayStop && (
            <Button
              variant="secondary"
              destructive
              iconStart={<RiStopCircleLine />}
              isPending={isStopping}
              onPress={() => stop(run.id)}
            >
              {t('runPage.stop')}
            </Button>
          )}
        </div>
        {run.waitingFor?.map(wait => (
          <WaitingCard key={wait.approvalId} wait={wait} />
        ))}
        {run.error && <RunErrorNote error={run.error} isAlert />}
        {followed.isAway && (
          <StatusMark
            status="running"
            label={t('runPage.thePortalDoesNotAnswer')}
          />
        )}
        {error && !followed.isAway && (
          <ErrorPanel
            title={t('runPage.liveUpdatesBrokeOff')}
            error={error}
            safe={t('runPage.theRunGoesOnWhat')}
            onRetry={followed.reload}
          />
        )}
        <ToggleButtonGroup
          aria-label={t('runPage.viewOfTheRun')}
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[tab]}
          onSelectionChange={keys => update({ tab: String([...keys][0]) })}
        >
          {graph && (
            <ToggleButton id="graph" size="small">
              {t('runPage.graph')}
            </ToggleButton>
          )}
          <ToggleButton id="timeline" size="small">
            {t('runPage.timeline')}
          </ToggleButton>
          <ToggleButton id="messages" size="small">
            {t('runPage.messages')}
          </ToggleButton>
        </ToggleButtonGroup>
        {tab === 'graph' && graph && (
          <GraphTab run={run} graph={graph} isLive={isLive} actions={actions} />
        )}
        {tab === 'messages' && <Messages run={run} text={followed.text} />}
        {tab === 'timeline' && (
          <Timeline run={run} isLive={isLive} actions={actions} />
        )}
        {forkAt && (
          <ForkDialog
            run={run}
            step={forkAt}
            onClose={() => setForkAt(undefined)}
          />
        )}
      </Container>
    </BreadcrumbEntry>
  );
}
