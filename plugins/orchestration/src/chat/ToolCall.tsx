import type { RunStep } from '@agentportal/plugin-orchestration-common';
import {
  RiskBadge,
  Sentence,
  StatusMark,
  formatDuration,
} from '@agentportal/plugin-agents-react';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { StepDetails } from '../run/StepDetails';
import { stepTitle } from '../run/stepWords';
import { orchestrationTranslationRef } from '../translation';
import styles from './chat.module.css';

/** A call that was refused or failed gave nothing, whatever the answer makes of it. */
function verbOf({
  kind,
  status,
}: RunStep): 'asked' | 'step' | 'asks' | 'failed' | 'using' | 'used' {
  if (kind === 'agent') {
    return 'asked';
  }
  if (kind === 'node') {
    return 'step';
  }
  if (status === 'waiting') {
    return 'asks';
  }
  if (status === 'running') {
    return 'using';
  }
  return status === 'failed' ? 'failed' : 'used';
}

/** A tool call in the thread: one line, all of it on demand. */
export function ToolCall({ step }: { step: RunStep }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  return (
    <details className={styles.toolCall}>
      <summary>
        <StatusMark status={step.status} iconOnly />
        <span className={styles.toolName}>
          {t(`toolCall.${verbOf(step)}`)} <strong>{stepTitle(step)}</strong>
        </span>
        {step.riskTier && step.riskTier !== 'read' && (
          <RiskBadge tier={step.riskTier} />
        )}
        {step.approval?.reason && (
          <span className={`${styles.quiet} ${styles.toolReason}`}>
            <Sentence text={step.approval.reason} />
          </span>
        )}
        {step.durationMs !== undefined && (
          <span className={styles.quiet}>
            {formatDuration(step.durationMs)}
          </span>
        )}
      </summary>
      <div className={styles.toolBody}>
        <StepDetails step={step} heading={false} />
      </div>
    </details>
  );
}
