import type {
  RunStep,
  RunSummary,
} from '@agentportal/plugin-orchestration-common';
import { EntityLink, Sentence } from '@agentportal/plugin-agents-react';
import { RiTestTubeLine } from '@remixicon/react';
import styles from './run.module.css';

const ANSWERED_BY = {
  given: 'what was given for it',
  schema: 'an example of what the tool promises',
  sentence: 'a sentence',
} as const;

/** Says of a rehearsal that it is one, and what was tried in it. */
export function RehearsalNote({
  run: { candidate, rehearsal },
}: {
  run: Pick<RunSummary, 'candidate' | 'rehearsal'>;
}) {
  if (!rehearsal) {
    return null;
  }
  return (
    <p className={styles.rehearsal}>
      <RiTestTubeLine size={16} aria-hidden />
      <span>
        Rehearsal: nothing was really done
        {candidate && (
          <>
            , with {candidate.instructions && 'other instructions'}
            {candidate.instructions && candidate.model && ' and '}
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
  return (
    <dl className={styles.facts}>
      <div>
        <dt>Rehearsal</dt>
        <dd>
          Would have called the tool; answered with {ANSWERED_BY[answeredBy]}
        </dd>
      </div>
      {wouldWait && (
        <div>
          <dt>Would have waited for</dt>
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
