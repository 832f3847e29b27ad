import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { Evaluation, Interval } from '@agentportal/plugin-evals-common';
import { StatusMark, formatCount } from '@agentportal/plugin-agents-react';
import { evalsTranslationRef } from '../translation';
import { formatRange, formatValue } from '../figures/units';
import layout from '../layout/layout.module.css';
import styles from './evaluations.module.css';

const STATUSES = {
  running: { label: 'Running', tone: 'busy' },
  completed: { label: 'Completed', tone: 'good' },
  incomplete: { label: 'Incomplete', tone: 'attention' },
  cancelled: { label: 'Stopped', tone: 'off' },
} as const;

/** Where an evaluation is; completed says that it was done, not that answers were right. */
export function EvaluationStatusMark({ status }: Pick<Evaluation, 'status'>) {
  return <StatusMark status={status} {...STATUSES[status]} />;
}

/** How many of the cases have been judged. */
export function Progress({ counts }: Pick<Evaluation, 'counts'>) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const done = counts.cases - counts.waiting;
  const words = `${formatCount(done)} of ${formatCount(counts.cases)} cases`;
  return (
    <span className={styles.progress}>
      <span
        role="progressbar"
        aria-label={t('progress.progress')}
        aria-valuemin={0}
        aria-valuemax={counts.cases}
        aria-valuenow={done}
        aria-valuetext={words}
        className={styles.progressTrack}
      >
        <span
          style={{ width: `${(100 * done) / Math.max(1, counts.cases)}%` }}
        />
      </span>
      <span className={layout.quiet}>{words}</span>
    </span>
  );
}

/** How many answers were right. */
export function countWords({ counts }: Pick<Evaluation, 'counts'>): string {
  const judged = counts.passed + counts.failed;
  return judged === 0
    ? 'No case has been judged yet'
    : `${formatCount(counts.passed)} of ${formatCount(
        judged,
      )} cases were right`;
}

/** A share with its interval. */
export function shareWords({ high, low, value }: Interval): string {
  return `${formatValue(value, 'share')} (${formatRange(low, high, 'share')})`;
}
