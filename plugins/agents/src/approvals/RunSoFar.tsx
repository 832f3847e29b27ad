import type { Run } from '@agentportal/plugin-orchestration-common';
import {
  LinesSkeleton,
  StatusMark,
  formatNanoUsd,
  isNotFound,
  refusalOf,
  useLoad,
} from '@agentportal/plugin-agents-react';
import {
  useApi,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { agentsTranslationRef } from '../translation';
import { agentActivityApiRef } from '../api';
import { runRouteRef } from '../routes';
import styles from './approvals.module.css';

const SHOWN = 5;

function StepLine({ step }: { step: Run['steps'][number] }) {
  const what = step.title ?? step.name;
  return (
    <li>
      <StatusMark status={step.status} iconOnly />
      <span>{step.kind === 'model' ? 'Thought' : what}</span>
    </li>
  );
}

/** What the run that waits was asked, and what it did last. */
export function RunSoFar({ runId }: { runId: string }) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const api = useApi(agentActivityApiRef);
  const runRoute = useRouteRef(runRouteRef);
  const loaded = useLoad(`run ${runId}`, signal =>
    api.getRun(runId, { signal }),
  );
  const run = loaded.value;
  if (loaded.error && !run) {
    return (
      <p className={styles.quiet}>
        {refusalOf(loaded.error) || isNotFound(loaded.error)
          ? 'The run itself is for those who own the agent, and for whoever it works for.'
          : 'The run could not be read now.'}
      </p>
    );
  }
  if (!run) {
    return <LinesSkeleton lines={3} />;
  }
  const steps = run.steps.slice(-SHOWN);
  return (
    <>
      <blockquote className={styles.question}>{run.input.message}</blockquote>
      <ol className={styles.steps}>
        {run.steps.length > SHOWN && (
          <li className={styles.quiet}>
            {run.steps.length - SHOWN} steps before
          </li>
        )}
        {steps.map(step => (
          <StepLine key={step.id} step={step} />
        ))}
      </ol>
      <p className={styles.quiet}>
        {formatNanoUsd(run.usage.costNanoUsd)} so far.{' '}
        {runRoute && (
          <Link variant="body-small" href={runRoute({ id: runId })}>
            {t('runSoFar.openTheRun')}
          </Link>
        )}
      </p>
    </>
  );
}
