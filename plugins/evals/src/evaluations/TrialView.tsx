import type { Trial } from '@agentportal/plugin-evals-common';
import {
  ForeignMarkdown,
  StatusMark,
  formatDuration,
  formatNanoUsd,
  nameOfRef,
} from '@agentportal/plugin-agents-react';
import {
  RouterLink,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { evalsTranslationRef } from '../translation';
import { runRouteRef } from '../routes';
import layout from '../layout/layout.module.css';
import styles from './evaluations.module.css';

const TONES = {
  passed: 'good',
  failed: 'bad',
  incomplete: 'attention',
} as const;

/** Calls as lines of text, the same for reading and for comparing. */
export function callWords({ calls }: Trial): string {
  return calls
    .map(
      ({ arguments: args, tool }) =>
        `${nameOfRef(tool)}(${
          args === undefined ? '' : JSON.stringify(args, null, 1)
        })`,
    )
    .join('\n');
}

/** What each evaluator found. */
export function TrialChecks({ trial }: { trial: Trial }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  return (
    <ul className={styles.checks} aria-label={t('trialView.checks')}>
      {trial.checks.map(({ evaluator, outcome, reason, score }, index) => (
        // Two checks may be by the same evaluator, and are never reordered.
        // eslint-disable-next-line react/no-array-index-key
        <li key={index}>
          <StatusMark
            status={outcome}
            tone={TONES[outcome]}
            label={evaluator}
          />{' '}
          <span className={layout.quiet}>
            {score !== undefined && `${score.toFixed(2)} `}
            {reason}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** The run, the time and the cost of an answer. */
export function TrialFacts({ trial }: { trial: Trial }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const runRoute = useRouteRef(runRouteRef);
  return (
    <p className={`${layout.quiet} ${layout.facts}`}>
      {trial.runId && runRoute && (
        <RouterLink href={runRoute({ id: trial.runId })}>
          {t('trialView.everythingThatHappened')}
        </RouterLink>
      )}
      {trial.latencyMs !== undefined && (
        <span>{formatDuration(trial.latencyMs)}</span>
      )}
      {trial.costNanoUsd !== undefined && (
        <span>{formatNanoUsd(trial.costNanoUsd)}</span>
      )}
    </p>
  );
}

/** One answer: what was said, what was called, and how it was judged. */
export function TrialView(props: { trial: Trial; title?: string }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { title, trial } = props;
  const calls = callWords(trial);
  return (
    <div className={styles.trial}>
      {title && <h4 className={styles.partTitle}>{title}</h4>}
      <div className={styles.answer}>
        {trial.answer ? (
          <ForeignMarkdown content={trial.answer} />
        ) : (
          <p className={layout.quiet}>{t('trialView.noAnswer')}</p>
        )}
      </div>
      {calls && (
        <>
          <h4 className={styles.partTitle}>{t('trialView.calls')}</h4>
          <pre className={styles.calls}>{calls}</pre>
        </>
      )}
      <h4 className={styles.partTitle}>{t('trialView.checks')}</h4>
      <TrialChecks trial={trial} />
      <TrialFacts trial={trial} />
    </div>
  );
}
