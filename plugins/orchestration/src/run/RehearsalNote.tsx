import type {
  RunStep,
  RunSummary,
} from '@agentportal/plugin-orchestration-common';
import { EntityLink, Sentence } from '@agentportal/plugin-agents-react';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { RiTestTubeLine } from '@remixicon/react';
import { orchestrationTranslationRef } from '../translation';
import styles from './run.module.css';

/** Says of a rehearsal that it is one, and what was tried in it. */
export function RehearsalNote({
  run: { candidate, rehearsal },
}: {
  run: Pick<RunSummary, 'candidate' | 'rehearsal'>;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  if (!rehearsal) {
    return null;
  }
  return (
    <p className={styles.rehearsal}>
      <RiTestTubeLine size={16} aria-hidden />
      <span>
        {t('rehearsalNote.rehearsalNothingWasReallyDone')}
        {candidate && (
          <>
            {candidate.instructions &&
              (candidate.model
                ? t('rehearsalNote.withBoth')
                : t('rehearsalNote.withInstructions'))}
            {candidate.model &&
              !candidate.instructions &&
              t('rehearsalNote.withModel')}
            {candidate.model && <EntityLink entityRef={candidate.model} />}
          </>
        )}
      </span>
    </p>
  );
}

/** Says what a call of a rehearsal would have been. */
export function StepRehearsal({
  rehearsed: { answeredBy, wouldWait },
}: {
  rehearsed: RunStep['rehearsed'] & {};
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  return (
    <dl className={styles.facts}>
      <div>
        <dt>{t('rehearsalNote.rehearsal')}</dt>
        <dd>
          {t('rehearsalNote.wouldHaveCalledTheTool', {
            value: t(`rehearsalNote.answeredBy.${answeredBy}`),
          })}
        </dd>
      </div>
      {wouldWait && (
        <div>
          <dt>{t('rehearsalNote.wouldHaveWaitedFor')}</dt>
          <dd>
            {wouldWait.askedOf.map((ref, i) => (
              <span key={ref}>
                {i > 0 && ', '}
                <EntityLink entityRef={ref} />
              </span>
            ))}{' '}
            <Sentence text={wouldWait.reason} />
          </dd>
        </div>
      )}
    </dl>
  );
}
