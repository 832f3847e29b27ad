import { useState } from 'react';
import type { RunStep } from '@agentportal/plugin-orchestration-common';
import {
  LinesSkeleton,
  StatusMark,
  formatDuration,
} from '@agentportal/plugin-agents-react';
import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { StepDetails } from '../run/StepDetails';
import { STEP_ICONS } from '../run/stepIcons';
import { stepTitle } from '../run/stepWords';
import type { FollowedRun } from '../run/useRun';
import { runRouteRef } from '../routes';
import { orchestrationTranslationRef } from '../translation';
import styles from './chat.module.css';

function RailStep(props: {
  step: RunStep;
  isOpen: boolean;
  onToggle: () => void;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { step, isOpen, onToggle } = props;
  const Icon = STEP_ICONS[step.kind];
  return (
    <li className={styles.railStep}>
      <button
        type="button"
        className={styles.railButton}
        aria-expanded={isOpen}
        onClick={onToggle}
      >
        <Icon
          size={16}
          aria-label={t(`stepKinds.${step.kind}`)}
          className={styles.railIcon}
        />
        <span className={styles.railTitle}>{stepTitle(step)}</span>
        <span className={styles.railTime}>
          {step.durationMs !== undefined && formatDuration(step.durationMs)}
        </span>
        <StatusMark status={step.status} iconOnly />
      </button>
      {isOpen && (
        <div className={styles.railBody}>
          <StepDetails step={step} heading={false} />
        </div>
      )}
    </li>
  );
}

/** "What happened": the steps behind an answer, as they happen. */
export function Rail(props: { followed: FollowedRun; hasTurn: boolean }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { followed, hasTurn } = props;
  const { run } = followed;
  const [openId, setOpenId] = useState<string>();
  const runRoute = useRouteRef(runRouteRef);
  return (
    <aside className={styles.rail} aria-label={t('rail.whatHappened')}>
      <div className={styles.railHead}>
        <h2 className={styles.railHeading}>{t('rail.whatHappened')}</h2>
        {run && runRoute && (
          <Link
            variant="body-small"
            href={`${runRoute({ id: run.id })}?tab=timeline`}
          >
            {t('rail.timeline')}
          </Link>
        )}
      </div>
      {!hasTurn && (
        <p className={styles.quiet}>{t('rail.eachModelCallAndTool')}</p>
      )}
      {hasTurn && !run && !followed.error && <LinesSkeleton lines={3} />}
      {run && run.steps.length === 0 && (
        <p className={styles.quiet}>
          {followed.isLive ? t('rail.noStepYet') : t('rail.noStepsWereTaken')}
        </p>
      )}
      <ol className={styles.railSteps}>
        {run?.steps.map(step => (
          <RailStep
            key={step.id}
            step={step}
            isOpen={openId === step.id}
            onToggle={() =>
              setOpenId(before => (before === step.id ? undefined : step.id))
            }
          />
        ))}
      </ol>
    </aside>
  );
}
