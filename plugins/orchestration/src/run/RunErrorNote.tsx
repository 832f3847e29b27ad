import { Sentence } from '@agentportal/plugin-agents-react';
import type { RunError } from '@agentportal/plugin-orchestration-common';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { RiPauseCircleLine, RiProhibitedLine } from '@remixicon/react';
import { orchestrationTranslationRef } from '../translation';
import { BudgetRefusal } from './BudgetRefusal';
import styles from './run.module.css';

/**
 * Why a run or a step of it came to no good end. That a budget has no room, or that
 * somebody stopped the agent, is no fault, and is said calmly.
 */
export function RunErrorNote(props: {
  error: RunError;
  /** Whether it is the news of the page. */
  isAlert?: boolean;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { error, isAlert = false } = props;
  if (error.budget) {
    return <BudgetRefusal budget={error.budget} />;
  }
  if (error.name === 'CallRefused') {
    return (
      <p className={styles.refused} role="note">
        <RiProhibitedLine size={18} aria-hidden />
        <span>
          {t('runErrorNote.thePortalRefusedThisCall')}{' '}
          <Sentence text={error.message} />
          {error.ruleIds?.length ? (
            <>
              {' '}
              {t('runErrorNote.by', {
                value: (
                  <>
                    {error.ruleIds.map((id, i) => (
                      <span key={id}>
                        {i > 0 && ', '}
                        <code>{id}</code>
                      </span>
                    ))}
                  </>
                ),
              })}
            </>
          ) : null}
        </span>
      </p>
    );
  }
  if (error.name === 'DelegationEnded') {
    return (
      <p className={styles.refused} role="note">
        <RiPauseCircleLine size={18} aria-hidden />
        <span>
          {t('runErrorNote.itWasStopped', {
            sentence: <Sentence text={error.message} />,
          })}
        </span>
      </p>
    );
  }
  return (
    <p className={styles.stepError} role={isAlert ? 'alert' : 'note'}>
      <strong>{error.name}</strong>: <Sentence text={error.message} />
    </p>
  );
}
